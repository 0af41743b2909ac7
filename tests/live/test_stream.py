"""The stream as a browser asks for it: who gets one, what is told to whom, and when it ends.

That somebody hears nothing is shown without waiting: the first that they hear of is what came after.
"""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from bookings import lifecycle
from bookings.live import feed
from bookings.models import Membership, Team, User
from tests.cast import make_type
from tests.hub.conftest import settle
from tests.live.conftest import PATIENCE, cookies_of, listening, titles

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def survey(cast):
    """A type that picks Ben or Cleo."""
    hosts = (cast.ben_host, cast.cleo_host)
    return make_type(cast.team, *hosts, name="Roof survey", location=cast.place, assignment="round_robin")


# -- Who gets one --------------------------------------------------------------------------------------------------------


def test_a_stranger_gets_none(live_site):
    answer = httpx.get(f"{live_site.url}/live/", timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (401, "")


def test_over_wsgi_there_is_none(cast):
    client = Client()
    client.force_login(cast.ben)

    def ask() -> int:
        try:
            return client.get("/live/").status_code
        finally:
            connection.close()

    # In a thread of its own, as under WSGI: a browser of an earlier test leaves its event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(ask).result(PATIENCE) == 204


def test_it_is_neither_kept_nor_held_back(cast, live_site):
    with listening(live_site, cookies_of(cast.ben)) as ear:
        headers = ear.response.headers
        assert ear.response.status_code == 200
        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "private, no-store, no-transform"
        assert headers["x-accel-buffering"] == "no"
        assert "set-cookie" not in headers


def test_nobody_has_more_streams_than_are_allowed(cast, listen, live_site, settings):
    settings.HUB_LIVE_STREAMS = 2
    listen(cast.ben)
    listen(cast.ben)
    url, patience = f"{live_site.url}/live/", PATIENCE
    assert httpx.get(url, cookies=cookies_of(cast.ben), timeout=patience).status_code == 429
    listen(cast.ada)


@pytest.mark.postgres
def test_streams_hold_no_connection_to_the_database(cast, listen):
    """Break: leave out `close_all` in views/live.py, and every stream holds one for as long as it is open."""
    with connection.cursor() as cursor:
        counted = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
        cursor.execute(counted)
        [before] = cursor.fetchone()
        for _ in range(8):
            listen(cast.ben)
        cursor.execute(counted)
        # One of the feed; one or two of the last streams may be about to be closed.
        assert cursor.fetchone()[0] < before + 4


# -- The greeting --------------------------------------------------------------------------------------------------------


def test_a_page_is_loaded_anew_unless_it_is_certain_that_nothing_happened(
    cast, listen, live_site, monkeypatch
):
    """Break: greet everybody with reload False, and who comes back after a break misses what happened meanwhile."""
    monkeypatch.setattr("bookings.views.live.WAY_SECONDS", 0)
    cookies = cookies_of(cast.ben)
    listen(cast.ben)

    def greeting(query):
        with listening(live_site, cookies, query) as ear:
            return ear.next()[1]["reload"]

    assert greeting("?age=0") is False
    assert greeting("?age=86400000") is True
    assert [greeting(query) for query in ("", "?age=", "?age=x", "?age=-1", "?age=" + 20 * "9")] == 5 * [True]


# -- What is told --------------------------------------------------------------------------------------------------------


def test_a_decision_is_told_to_who_may_see_it(cast, listen):
    """Break: let `Reader.may_hear` say yes to everything, and the other team's manager hears of Zoë first."""
    tasting = make_type(cast.other_team, cast.dora_host, name="Tasting")
    visit = make_type(cast.team, cast.cleo_host, name="Visit", location=cast.place)
    booking = cast.book(hour=10, kind=cast.extra["by_hand"])
    ada, ben, cleo, dora = (listen(user) for user in (cast.ada, cast.ben, cast.cleo, cast.dora))
    lifecycle.confirm(booking.pk, actor=lifecycle.person(cast.ben), version=1)

    name, data = ada.next()
    assert name == "news"
    assert data["changes"] == [{"booking": booking.pk, "version": 2, "own": False}]
    assert titles(data) == ["Ben Okafor confirmed the booking of Zoë Lefèvre"]
    assert f'href="/bookings/{booking.pk}/"' in data["toasts"]
    assert 'data-status="confirming"' in data["toasts"]
    # Ben did it himself: his other pages load anew, but he is told nothing.
    assert ben.next()[1] == {
        "changes": [{"booking": booking.pk, "version": 2, "own": True}],
        "toasts": "",
    }
    theirs, hers = cast.book(hour=12, kind=visit), cast.book(hour=12, kind=tasting)
    assert ada.bookings() == [theirs.pk]
    assert cleo.bookings() == [theirs.pk]
    assert dora.bookings() == [hers.pk]


def test_the_old_host_hears_that_a_booking_went_away(cast, listen, survey):
    """Break: judge by the hosts after the change alone, and the page of the old host goes on showing it."""
    booking = settle(cast.book(hour=10, kind=survey))
    old = booking.booking_hosts.get().host
    new = cast.cleo_host if old == cast.ben_host else cast.ben_host
    ears = listen(old.user), listen(new.user)
    lifecycle.reassign(
        booking.pk, leaving=None, to=new.pk, actor=lifecycle.person(cast.ada), version=booking.version
    )
    for ear, can_open in zip(ears, (False, True), strict=True):
        _, data = ear.next()
        assert titles(data) == ["Ada Brandt reassigned the booking of Zoë Lefèvre"]
        assert ("<a href=" in data["toasts"]) is can_open
    # What happens to it from now on is no business of the old host.
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=booking.version + 1, reason="Ill")
    assert ears[1].bookings() == [booking.pk]
    next_one = cast.book(hour=14, kind=make_type(cast.team, old, name="Visit", location=cast.place))
    assert ears[0].bookings() == [next_one.pk]


# -- The end of it -------------------------------------------------------------------------------------------------------


def deactivate(user, _session):
    User.objects.filter(pk=user.pk).update(is_active=False)


def sign_out(_user, session):
    Session.objects.filter(session_key=session).delete()


def change_password(user, _session):
    User.objects.filter(pk=user.pk).update(password=make_password("another horse battery"))


@pytest.mark.parametrize("lose", [deactivate, sign_out, change_password])
def test_it_ends_when_the_access_ends_and_nothing_is_told_any_more(cast, listen, live_site, lose):
    """Break: leave out the look at sessions and credentials in `_messages`, and who signed out hears of Zoë."""
    visit = make_type(cast.team, cast.cleo_host, name="Visit", location=cast.place)
    Team.objects.filter(pk=cast.team.pk).update(hosts_see_colleagues=True)
    ada = listen(cast.ada)
    cookies = cookies_of(cast.ben)
    with listening(live_site, cookies) as ben:
        assert ben.next()[0] == "hello"
        lose(cast.ben, cookies["sessionid"])
        booking = cast.book(hour=10, kind=visit)
        assert ben.next() == ("end", {})
        assert ben.next() == ("", None)
    assert ada.bookings() == [booking.pk]


def test_a_quiet_stream_ends_too(cast, listen, monkeypatch):
    monkeypatch.setattr(feed, "CHECK_SECONDS", 0)
    ben = listen(cast.ben)
    deactivate(cast.ben, "")
    assert ben.next() == ("end", {})


def test_who_left_the_team_hears_of_it_no_more(cast, listen):
    tasting = make_type(cast.other_team, cast.dora_host, name="Tasting")
    Membership.objects.create(team=cast.other_team, user=cast.ada, role="manager")
    ada = listen(cast.ada)
    Membership.objects.filter(team=cast.team, user=cast.ada).delete()
    cast.book(hour=10)
    hers = cast.book(hour=12, kind=tasting)
    assert ada.bookings() == [hers.pk]


def test_who_reads_nothing_is_sent_away():
    listener = feed.Listener(1, "", "")
    for number in range(feed.MOST_UNREAD + 1):
        listener.tell(str(number))
    assert [listener._unread.get_nowait(), listener._unread.empty()] == [None, True]


def test_a_feed_that_fails_sends_all_away_and_begins_again(cast, listen, live_site, monkeypatch):
    """Break: let `_run` end without telling the listeners, and their pages wait for ever."""
    ben = listen(cast.ben)
    with monkeypatch.context() as broken:
        broken.setattr("bookings.live.tail.Tail.read", lambda self, at: 1 / 0)
        assert ben.next() == ("", None)
    cast.book(hour=10)
    again = listen(cast.ben)
    booking = cast.book(hour=12)
    assert again.bookings() == [booking.pk]
