"""The bell: whose news it shows, in which words, and that what was seen is only what was shown."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from bookings import bell, lifecycle
from bookings.models import Booking, BookingChange, Membership, User
from bookings.rules.statuses import Action
from tests.cast import at, make_host, make_type, make_user
from tests.hub.conftest import HTMX, settle


def news(client, query=""):
    """The sentences of a page, without their marks."""
    text = client.get(f"/bell/{query}").content.decode()
    return re.findall(r'class="name"[^>]*>([^<]+)<', text[text.index('id="bell"') :])


def count(client):
    """What the bell says on another page: its number, or nothing."""
    text = client.get("/types/").content.decode()
    badge = re.search(r'<span class="badge" id="bell-count"( hidden)?>([^<]+)<', text)
    return "" if badge.group(1) else badge.group(2)


def older(minutes=5):
    """Let all that happened so far lie a while back."""
    for change in BookingChange.objects.all():
        BookingChange.objects.filter(pk=change.pk).update(at=change.at - timedelta(minutes=minutes))
    User.objects.update(date_joined=timezone.now() - timedelta(days=400))


def change(booking, *, action="reassign", before, after, **more):
    """A row of history as the lifecycle writes it."""
    facts = {
        "booking": booking,
        "chain": booking.chain,
        "actor_kind": "system",
        "actor_name": "System",
        "action": action,
        "from_status": "confirmed",
        "to_status": "confirmed",
        "version": 1,
        "team_before": booking.team,
        "team_after": booking.team,
        "hosts_before": [host.pk for host in before],
        "hosts_after": [host.pk for host in after],
    }
    return BookingChange.objects.create(**{**facts, **more})


# -- Whose news -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"), [("ada", True), ("ben", True), ("root", True), ("cleo", False), ("dora", False)]
)
def test_everybody_hears_of_what_they_may_see(cast, as_person, pending, who, sees):
    """Break: let `BookingChangeQuerySet.visible_to` answer with all rows, and the other team's manager hears of Zoë."""
    client = as_person(getattr(cast, who))
    assert (news(client) == ["Zoë Lefèvre asks for a time"]) is sees
    assert count(client) == ("1" if sees else "")


def test_visible_is_the_same_as_of_bookings(cast):
    """For every person, the changes of a booking that never moved are those of the bookings they see."""
    survey = make_type(cast.team, cast.cleo_host, name="Survey", location=cast.place)
    tasting = make_type(cast.other_team, cast.dora_host, name="Tasting")
    for kind in (cast.demo, survey, tasting):
        settle(cast.book(hour=12, kind=kind))
    Membership.objects.create(team=cast.other_team, user=cast.ben, role="host")
    for colleagues in (False, True):
        cast.team.hosts_see_colleagues = colleagues
        cast.team.save()
        for person in User.objects.all():
            bookings = set(Booking.objects.visible_to(person).values_list("pk", flat=True))
            changes = BookingChange.objects.visible_to(person).values_list("booking", flat=True)
            assert set(changes) == bookings, (person.name, colleagues)


def test_who_lost_a_booking_hears_of_it_and_can_no_longer_open_it(cast, as_person, confirmed):
    change(
        confirmed,
        before=[cast.ben_host],
        after=[cast.cleo_host],
        actor_name="Ada Brandt",
        actor_kind="person",
    )
    confirmed.booking_hosts.update(host=cast.cleo_host)
    older()
    ben, cleo = as_person(cast.ben), as_person(cast.cleo)
    sentence = "Ada Brandt reassigned the booking of Zoë Lefèvre"
    assert sentence in news(ben)
    assert sentence in news(cleo)
    assert f'href="/bookings/{confirmed.pk}/"' not in ben.get("/bell/").content.decode()
    assert f'href="/bookings/{confirmed.pk}/"' in cleo.get("/bell/").content.decode()
    change(confirmed, action="edit", before=[cast.cleo_host], after=[cast.cleo_host], actor_name="Ada Brandt")
    assert "Ada Brandt edited the booking of Zoë Lefèvre" not in news(ben)


def test_numbers_of_hosts_are_not_mistaken_for_each_other(cast, confirmed):
    """Break: look for the number as text in the list, and host 1 hears of host 11."""
    hosts = [make_host(make_user(f"Host {n}", f"host{n}@heliograf.example")) for n in range(12)]
    for host in hosts:
        Membership.objects.create(team=cast.team, user=host.user, role="host")
    everybody = [cast.ben_host, cast.cleo_host, *hosts]
    BookingChange.objects.all().delete()
    for host in everybody:
        change(confirmed, before=[], after=[host])
    change(confirmed, before=everybody[3:5], after=everybody[5:7])
    for n, host in enumerate(everybody):
        expected = 1 + (3 <= n < 7)
        assert BookingChange.objects.visible_to(host.user).count() == expected


def test_who_left_hears_nothing_any_more(cast, as_person, pending):
    Membership.objects.filter(user=cast.ben).delete()
    assert news(as_person(cast.ben)) == []


def test_ones_own_deeds_and_the_workers_are_no_news(cast, as_person, pending):
    booking = lifecycle.confirm(pending.pk, actor=lifecycle.person(cast.ben), version=1)
    settle(booking)
    assert BookingChange.objects.filter(action=Action.SETTLE).exists()
    assert news(as_person(cast.ben)) == ["Zoë Lefèvre asks for a time"]
    assert news(as_person(cast.ada)) == [
        "Ben Okafor confirmed the booking of Zoë Lefèvre",
        "Zoë Lefèvre asks for a time",
    ]


def test_old_news_and_what_came_before_one_joined_are_left_out(cast, as_person, pending):
    BookingChange.objects.update(at=timezone.now() - timedelta(days=31))
    User.objects.update(date_joined=timezone.now() - timedelta(days=400))
    assert news(as_person(cast.ada)) == []
    BookingChange.objects.update(at=timezone.now() - timedelta(days=29))
    assert len(news(as_person(cast.ada))) == 1
    User.objects.update(date_joined=timezone.now() - timedelta(days=1))
    assert news(as_person(cast.ada)) == []


# -- Words ----------------------------------------------------------------------------------------------------------------


def test_news_say_who_did_what_when_and_why(cast, as_person, confirmed):
    lifecycle.cancel_by_booker(confirmed.pk, version=1, name="Zoë Lefèvre", reason="No <b>longer</b> needed")
    other = cast.book(hour=15, kind=cast.extra["by_hand"], name="Omar Field")
    lifecycle.decline(other.pk, actor=lifecycle.person(cast.ada), version=1, reason="Away")
    ben = as_person(cast.ben)
    assert news(ben) == [
        "Ada Brandt declined the request of Omar Field",
        "Omar Field asks for a time",
        "Zoë Lefèvre cancelled their booking",
        "Zoë Lefèvre booked a time",
    ]
    text = ben.get("/bell/").content.decode()
    assert "<q>No &lt;b&gt;longer&lt;/b&gt; needed</q>" in text
    assert re.search(r">Product demo</span><span class=.nowrap.>\w+ \d+ \w+( \d+)?, 12:00–12:30<", text)
    assert ">Today</h2>" in text


def test_what_the_clock_did_is_told(cast, as_person, pending):
    Booking.objects.filter(pk=pending.pk).update(decide_by_at=timezone.now() - timedelta(minutes=1))
    change(pending, action="expire", before=[cast.ben_host], after=[cast.ben_host], to_status="declined")
    assert news(as_person(cast.ben))[0] == "Nobody answered the request of Zoë Lefèvre in time"


@pytest.mark.parametrize("kind", ["person", "booker", "system", "api", "ai_agent"])
@pytest.mark.parametrize("action", list(Action))
def test_every_action_of_every_actor_has_words(cast, pending, action, kind):
    row = change(pending, action=action, before=[], after=[], actor_kind=kind, actor_name="Kim")
    sentence = bell.sentence_of(row)
    assert "%(" not in sentence
    assert "Kim" in sentence or "Zoë Lefèvre" in sentence


def test_nothing_new_says_what_belongs_there(cast, as_person):
    text = as_person(cast.ada).get("/bell/").content.decode()
    assert "Nothing new" in text
    assert "Mark all as seen" not in text


def test_a_move_is_told_once_and_to_both_hosts_where_they_change(cast, as_person):
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Visit", location=cast.place, assignment="round_robin"
    )
    booking = settle(cast.book(hour=12, kind=kind))
    first = booking.booking_hosts.get().host
    other = cast.cleo_host if first == cast.ben_host else cast.ben_host
    root = lifecycle.person(cast.root)
    sentence = "Root Admin moved the booking of Zoë Lefèvre"

    same = lifecycle.reschedule(booking.pk, lifecycle.NewTime(at(15), first.pk), actor=root, version=1)
    assert news(as_person(cast.ada)).count(sentence) == news(as_person(first.user)).count(sentence) == 1
    assert news(as_person(other.user)) == []

    same = settle(same)
    lifecycle.reschedule(same.pk, lifecycle.NewTime(at(17), other.pk), actor=root, version=same.version)
    assert news(as_person(first.user)).count(sentence) == 2
    assert news(as_person(other.user)).count(sentence) == 1


# -- Seen -----------------------------------------------------------------------------------------------------------------


def press(client, **headers):
    """Press the button as the page offers it; nothing where there is none."""
    text = client.get("/bell/").content.decode()
    sent = {name: re.findall(rf'name="{name}" value="(\d+)"', text) for name in ("up_to", "also")}
    return client.post("/bell/seen/", sent, headers=headers) if sent["up_to"] else None


def test_looking_changes_nothing(cast, as_person, pending):
    client = as_person(cast.ada)
    client.get("/bell/")
    client.head("/bell/")
    assert count(client) == "1"
    assert client.get("/bell/seen/").status_code == 405
    assert client.post("/bell/").status_code == 405


@pytest.mark.parametrize("minutes", [0, 5])
def test_the_button_marks_all_as_seen(cast, as_person, pending, minutes):
    """At once, whether it happened just now (then the session remembers it) or a while ago (then the mark moves)."""
    older(minutes)
    client = as_person(cast.ada)
    assert press(client).headers["Location"] == "/bell/"
    assert count(client) == ""
    assert 'class="new"' not in client.get("/bell/").content.decode()
    assert "Mark all as seen" not in client.get("/bell/").content.decode()
    cast.ada.refresh_from_db()
    assert (cast.ada.bell_seen_change > 0) is (minutes > 0)
    cast.book(hour=16, kind=cast.extra["by_hand"])
    assert count(client) == "1"
    assert client.get("/bell/").content.decode().count('class="new"') == 1


def test_marking_by_htmx_answers_with_the_list_and_the_count(cast, as_person, pending):
    client = as_person(cast.ada)
    answer = press(client, **HTMX).content.decode()
    assert answer.startswith('<div id="bell"')
    assert 'id="bell-count" hx-swap-oob="true" hidden' in answer
    assert 'tabindex="-1" autofocus' in answer


def test_what_comes_between_the_look_and_the_button_stays_new(cast, as_person, pending):
    client = as_person(cast.ada)
    text = client.get("/bell/").content.decode()
    cast.book(hour=16, kind=cast.extra["by_hand"], name="Omar Field")
    client.post(
        "/bell/seen/", {name: re.findall(rf'name="{name}" value="(\d+)"', text) for name in ("up_to", "also")}
    )
    assert count(client) == "1"


def test_a_change_that_is_committed_late_stays_new(cast, as_person, pending, confirmed):
    """On PostgreSQL a lower number can appear after a higher one was seen. Break: mark up to the newest shown, and it is lost."""
    late = change(confirmed, before=[cast.ben_host], after=[cast.cleo_host])
    newer = change(confirmed, before=[cast.cleo_host], after=[cast.ben_host])
    number = late.pk
    late.delete()
    client = as_person(cast.ada)
    press(client)
    assert count(client) == ""
    change(confirmed, before=[cast.ben_host], after=[cast.cleo_host], pk=number)
    assert number < newer.pk
    assert count(client) == "1"


def test_a_session_that_ends_shows_again_rather_than_loses(cast, as_person, pending):
    press(as_person(cast.ada))
    assert count(as_person(cast.ada)) == "1"
    older()
    press(as_person(cast.ada))
    assert count(as_person(cast.ada)) == ""


@pytest.mark.parametrize(
    "sent", [{}, {"up_to": "x"}, {"up_to": "9" * 18, "also": ["-1", "9" * 30, "\0"]}, {"also": ["1"] * 500}]
)
def test_a_form_in_disorder_marks_nothing_that_is_still_to_come(cast, as_person, pending, sent):
    older()
    client = as_person(cast.ada)
    assert client.post("/bell/seen/", sent).status_code == 302
    cast.ada.refresh_from_db()
    assert cast.ada.bell_seen_change <= BookingChange.objects.latest("pk").pk
    cast.book(hour=16, kind=cast.extra["by_hand"])
    assert count(client) in ("1", "2")


def test_an_older_page_takes_nothing_back(cast, pending):
    session = SessionStore()
    bell.mark(cast.ada, session, up_to=10, also=[12, 14])
    bell.mark(cast.ada, session, up_to=5, also=[])
    assert bell.seen_by(cast.ada, session) == bell.Seen(10, frozenset({12, 14}))
    bell.mark(cast.ada, session, up_to=12, also=[])
    assert bell.seen_by(cast.ada, session) == bell.Seen(12, frozenset({14}))


def test_a_stranger_is_led_to_sign_in(client, db):
    assert client.get("/bell/").headers["Location"] == "/accounts/login/?next=/bell/"
    assert client.post("/bell/seen/").status_code == 302


# -- Pages and queries ----------------------------------------------------------------------------------------------------


def fill(cast, number):
    booking = cast.book(hour=9)
    BookingChange.objects.all().delete()
    rows = [
        change(booking, action="edit", before=[cast.ben_host], after=[cast.ben_host]) for _ in range(number)
    ]
    # Half of them at the same instant, so that only the number tells them apart.
    BookingChange.objects.filter(pk__in=[row.pk for row in rows[::2]]).update(at=rows[0].at)
    return rows


def test_pages_follow_each_other_without_gap_or_double(cast, as_person, monkeypatch):
    monkeypatch.setattr(bell, "PAGE", 2)
    rows, seen, after = fill(cast, 5), [], None
    for _ in range(3):
        page = bell.page_of(cast.ben, bell.Seen(0), now=timezone.now(), after=after)
        seen += [item.pk for item in page.news]
        after = page.next_cursor
    assert after is None
    assert sorted(seen) == [row.pk for row in rows]
    assert "Older news" in as_person(cast.ben).get("/bell/").content.decode()
    assert "First page" in as_person(cast.ben).get(f"/bell/?after={rows[0].pk}").content.decode()


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "%00", "1"])
def test_a_cursor_nobody_was_given_is_as_good_as_none(cast, as_person, pending, cursor):
    """A change of another team's is no place in this list."""
    tasting = make_type(cast.other_team, cast.dora_host, name="Tasting")
    foreign = BookingChange.objects.filter(booking=cast.book(hour=12, kind=tasting)).first()
    client = as_person(cast.ada)
    assert len(news(client, f"?after={cursor if cursor != '1' else foreign.pk}")) == 1


@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_list_takes_the_same_queries_whatever_its_length(
    cast, as_person, django_assert_num_queries, number
):
    fill(cast, number)
    client = as_person(cast.ben)
    with django_assert_num_queries(6):
        assert client.get("/bell/").status_code == 200


def test_the_count_stops_at_a_hundred(cast, as_person):
    fill(cast, 120)
    assert count(as_person(cast.ben)) == "99+"


@pytest.mark.parametrize("who", ["ben", "root"])
def test_who_never_looks_costs_no_walk_through_the_history(cast, who):
    """Only the newest rows are looked through: a range of the primary key."""
    fill(cast, 3)
    found = bell.unseen(getattr(cast, who), bell.Seen(0), now=timezone.now()).order_by()
    if connection.vendor == "sqlite":
        plan = found.explain()
        assert "rowid>?" in plan
        assert "SCAN bookings_bookingchange" not in plan
