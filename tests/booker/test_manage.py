"""The booker's own page: it tells the present truth, a link changes nothing, and cancelling keeps to the policy."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from bookings import lifecycle, links, localtime
from bookings.models import Attempt, Booking
from tests.booker.conftest import Booker, confirm, page_of, snapshot
from tests.cast import Cast, at


@pytest.fixture
def made(cast: Cast) -> Booking:
    return cast.book(guests=["secret-guest@x.example"], notes="Ring twice")


# -- The page ----------------------------------------------------------------------------------------------------------------


def test_page_tells_how_it_stands(made: Booking, booker: Booker) -> None:
    confirm(made)

    response = booker.get(page_of(made))

    html = response.content.decode()
    assert response.status_code == 200
    assert "Confirmed" in html and "Product demo" in html and "Ben Okafor" in html and "Ring twice" in html
    assert "Toronto (UTC" in html and "10:00 in Berlin" in html
    assert made.chain.reference in html
    assert f'href="{Booking.objects.get().meeting_url}"' in html


def test_page_is_private(made: Booking, booker: Booker) -> None:
    for path in (page_of(made), f"{page_of(made)}cancel/", f"{page_of(made)}booking.ics", "/m/1-nonsense/"):
        response = booker.get(path)
        assert response["Cache-Control"] == "private, no-store"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="referrer" content="no-referrer"' in booker.get(page_of(made)).content.decode()


def test_guests_are_counted_and_never_named(made: Booking, booker: Booker) -> None:
    html = booker.get(page_of(made)).content.decode()

    assert "And one guest of yours" in html
    assert "secret-guest" not in html


def test_meeting_link_shows_only_once_it_is_confirmed(made: Booking, booker: Booker) -> None:
    assert made.meeting_url and made.meeting_url not in booker.get(page_of(made)).content.decode()

    confirm(made)
    assert made.meeting_url in booker.get(page_of(made)).content.decode()

    lifecycle.cancel(made.pk, actor=lifecycle.SYSTEM, version=made.version)
    assert made.meeting_url not in booker.get(page_of(made)).content.decode()


def test_a_page_of_a_confirming_booking_looks_again_by_itself(made: Booking, booker: Booker) -> None:
    before = booker.get(page_of(made)).content.decode()
    confirm(made)
    after = booker.get(page_of(made)).content.decode()

    assert 'data-settling="' in before and '<noscript><meta http-equiv="refresh"' in before
    assert "data-settling" not in after and "http-equiv" not in after


def test_page_speaks_the_bookers_language(cast: Cast, booker: Booker) -> None:
    german = cast.book(language="de")

    assert '<html lang="de"' in booker.get(page_of(german), accept_language="en").content.decode()
    assert booker.get(page_of(german))["Content-Language"] == "de"
    assert '<html lang="en"' in booker.get(f"{page_of(german)}?lang=en").content.decode()


def test_history_is_told_in_the_bookers_words(cast: Cast, booker: Booker) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    booking = cast.book()
    lifecycle.decline(booking.pk, actor=lifecycle.person(cast.ben), version=1, reason="On holiday <b>")

    response = booker.get(page_of(booking))

    assert [(row["title"], row["who"], row["reason"]) for row in response.context["changes"]] == [
        ("Declined", "By Ben Okafor", "On holiday <b>"),
        ("Asked for", "By you", ""),
    ]
    assert "&lt;b&gt;" in response.content.decode()


@pytest.mark.parametrize("token", ["1-nonsense", "zzzz", "-", "1-" + "x" * 400, "é", "zzzzzzzzzzzzz-x"])
def test_a_bad_link_is_404(made: Booking, booker: Booker, token: str) -> None:
    for path in (f"/m/{token}/", f"/m/{token}/cancel/", f"/m/{token}/booking.ics"):
        response = booker.get(path)
        assert response.status_code == 404
        assert "This link is not valid" in response.content.decode()
        assert (
            '<footer class="end"><a href' in response.content.decode()
        )  # no dot where no team stands before it


def test_a_link_is_of_one_booking_and_can_be_revoked(cast: Cast, made: Booking, booker: Booker) -> None:
    other = cast.book(hour=12)
    mixed = f"/m/{links.manage_token(other.chain).split('-')[0]}-{links.manage_token(made.chain).split('-', 1)[1]}/"
    path = page_of(made)
    made.chain.link_nonce = links.new_nonce()
    made.chain.save()

    assert booker.get(mixed).status_code == 404
    assert booker.get(path).status_code == 404


def test_guessing_links_is_limited(made: Booking, booker: Booker) -> None:
    booker.get("/m/1-nonsense/")
    who = Attempt.objects.get(scope="link").who
    Attempt.objects.bulk_create(Attempt(scope="link", who=who) for _ in range(59))

    assert booker.get("/m/1-nonsense/").status_code == 429
    assert booker.get(page_of(made)).status_code == 200


def test_following_links_changes_nothing(made: Booking, booker: Booker) -> None:
    before = snapshot()

    for path in (
        page_of(made),
        f"{page_of(made)}cancel/",
        f"{page_of(made)}cancel/?version=1&reason=x",
        f"{page_of(made)}booking.ics",
    ):
        booker.get(path)
        booker.client.head(path)
        booker.client.options(path)
    assert booker.client.post(page_of(made)).status_code == 405
    assert booker.client.post(f"{page_of(made)}booking.ics").status_code == 405

    assert snapshot() == before


def test_signed_in_people_see_the_same_page(cast: Cast, made: Booking, booker: Booker) -> None:
    ada = Client()
    ada.force_login(cast.ada)

    hers = ada.get(page_of(made))

    assert not hers.cookies
    assert hers.content == booker.get(page_of(made)).content


def test_calendar_links_carry_the_time_and_not_the_manage_link(made: Booking, booker: Booker) -> None:
    ways = booker.get(page_of(made)).context["calendar_links"]

    google = parse_qs(urlsplit(ways[0]["url"]).query)
    assert google["dates"] == [f"{at(10):%Y%m%dT%H%M%SZ}/{at(10, 30):%Y%m%dT%H%M%SZ}"]
    assert [way["name"] for way in ways] == ["Google Calendar", "Outlook.com", "Microsoft 365"]
    assert not any("%2Fm%2F" in way["url"] or links.manage_token(made.chain) in way["url"] for way in ways)


def test_the_file_is_an_event(made: Booking, booker: Booker) -> None:
    response = booker.get(f"{page_of(made)}booking.ics")

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert f'filename="{made.chain.reference}.ics"' in response["Content-Disposition"]
    assert b"BEGIN:VEVENT" in response.content and made.chain.uid.encode() in response.content


# -- Cancelling ----------------------------------------------------------------------------------------------------------------


def test_cancelling_says_first_what_will_follow(made: Booking, booker: Booker) -> None:
    confirm(made)

    html = booker.get(f"{page_of(made)}cancel/").content.decode()

    assert "What will follow" in html and "Mail to Ben Okafor" in html and "Your guest is told" in html
    assert "Keep booking" in html and 'name="version" value="1"' in html


def test_cancelling(made: Booking, booker: Booker) -> None:
    response = booker.post(f"{page_of(made)}cancel/", {"version": 1, "reason": "Ill"})

    assert (response.status_code, response["Location"]) == (303, page_of(made))
    booking = Booking.objects.get()
    assert booking.status == "cancelled"
    change = booking.changes.latest("pk")
    assert (change.actor_kind, change.actor_name, change.reason) == ("booker", "Zoë Lefèvre", "Ill")
    html = booker.get(page_of(made)).content.decode()
    assert "called off" in html and "Book again" in html


def test_a_page_from_before_a_move_does_not_cancel_the_new_time(
    made: Booking, cast: Cast, booker: Booker
) -> None:
    """Break: cancel whatever stands now. The new time has the version that the old one had."""
    confirm(made)
    page = booker.get(f"{page_of(made)}cancel/").content.decode()
    sent = dict(re.findall(r'name="(version|booking)" value="(\d+)"', page))
    assert sent == {"version": str(made.version), "booking": str(made.pk)}
    ada = lifecycle.person(cast.ada)
    moved = lifecycle.reschedule(made.pk, lifecycle.NewTime(at(17)), actor=ada, version=made.version)
    assert moved.pk != made.pk
    before = snapshot()

    response = booker.post(f"{page_of(made)}cancel/", {**sent, "reason": "Ill"})

    assert response.status_code == 409 and snapshot() == before
    assert "Ada Brandt moved this booking" in response.content.decode()


def test_cancelling_twice_is_cancelling_once(made: Booking, booker: Booker) -> None:
    booker.post(f"{page_of(made)}cancel/", {"version": 1, "reason": "Ill"})
    before = snapshot()

    again = booker.post(f"{page_of(made)}cancel/", {"version": 1, "reason": "Ill"})

    assert (again.status_code, again["Location"]) == (303, page_of(made))
    assert snapshot() == before


def test_cancelling_what_somebody_else_changed_shows_how_it_stands(
    cast: Cast, made: Booking, booker: Booker
) -> None:
    lifecycle.cancel(made.pk, actor=lifecycle.person(cast.ben), version=1, reason="Ill")
    before = snapshot()

    response = booker.post(f"{page_of(made)}cancel/", {"version": 1, "reason": "Mine"})

    assert response.status_code == 409
    changed_at = localtime.in_zone(made.chain.changes.latest("pk").at, made.booker_zone)
    assert f"Ben Okafor cancelled this booking at {localtime.clock(changed_at)};" in response.content.decode()
    assert 'data-status="cancelled"' in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 30, "1.5"])
def test_cancelling_without_a_version_changes_nothing(made: Booking, booker: Booker, version: str) -> None:
    assert booker.post(f"{page_of(made)}cancel/", {"version": version}).status_code == 422
    assert Booking.objects.get().status == "confirming"


def test_a_request_is_withdrawn_whatever_the_policy(cast: Cast, booker: Booker) -> None:
    cast.demo.approval, cast.demo.cancel_policy, cast.demo.cancel_reason = "always", "never", "both"
    cast.demo.save()
    booking = cast.book()

    html = booker.get(f"{page_of(booking)}cancel/").content.decode()
    response = booker.post(f"{page_of(booking)}cancel/", {"version": 1})

    assert "Withdraw request" in html
    assert response.status_code == 303
    assert booker.get(page_of(booking)).context["changes"][0]["title"] == "Withdrawn"


@pytest.mark.parametrize(
    ("policy", "hours", "words"),
    [("never", 0, "be cancelled online"), ("with_notice", 400, "Cancelling ended on")],
)
def test_what_the_policy_denies_is_said_and_refused(
    cast: Cast, booker: Booker, policy: str, hours: int, words: str
) -> None:
    cast.demo.cancel_policy, cast.demo.cancel_notice_hours = policy, hours
    cast.demo.save()
    booking = cast.book()

    shown, page = booker.get(f"{page_of(booking)}cancel/"), booker.get(page_of(booking))
    response = booker.post(f"{page_of(booking)}cancel/", {"version": 1, "reason": "Ill"})

    assert words in shown.content.decode() and "<form" not in shown.content.decode()
    assert "Cancel booking" not in page.content.decode()
    assert response.status_code == 403
    assert "The booking stands" in response.content.decode()
    assert Booking.objects.get().status == "confirming"


def test_page_says_until_when_it_may_be_cancelled(cast: Cast, booker: Booker) -> None:
    cast.demo.cancel_policy, cast.demo.cancel_notice_hours = "with_notice", 24
    cast.demo.save()

    response = booker.get(page_of(cast.book()))

    cancel = next(way for way in response.context["ways"] if way.label == "Cancel booking")
    assert cancel.until == at(10) - timedelta(hours=24)


def test_a_reason_is_asked_where_the_policy_wants_one(cast: Cast, booker: Booker) -> None:
    cast.demo.cancel_reason, cast.demo.preset_reasons = "booker", ["Something came up", "Wrong time"]
    cast.demo.save()
    booking = cast.book()
    url = f"{page_of(booking)}cancel/"

    missing = booker.post(url, {"version": 1})
    foreign = booker.post(url, {"version": 1, "preset": "Made up"})
    broken = booker.post(url, {"version": 1, "reason": "a\x00b"})
    done = booker.post(url, {"version": 1, "preset": "Wrong time", "reason": "Clicked too fast"})

    assert [r.status_code for r in (missing, foreign, broken, done)] == [422, 422, 422, 303]
    assert "A reason is needed here" in missing.content.decode()
    assert Booking.objects.get().changes.latest("pk").reason == "Wrong time: Clicked too fast"


def test_over_is_over(made: Booking, booker: Booker) -> None:
    confirm(made)
    Booking.objects.update(
        starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
    )

    page = booker.get(page_of(made))
    response = booker.post(f"{page_of(made)}cancel/", {"version": 1, "reason": "Late"})

    assert "This time is over." in page.content.decode() and page.context["calendar_links"] == []
    assert response.status_code == 409
    assert Booking.objects.get().status == "confirmed"


def test_changes_are_limited_per_visitor(made: Booking, booker: Booker) -> None:
    booker.post(f"{page_of(made)}cancel/", {"version": 9})
    who = Attempt.objects.get(scope="change").who
    Attempt.objects.bulk_create(Attempt(scope="change", who=who) for _ in range(59))

    assert booker.post(f"{page_of(made)}cancel/", {"version": 1}).status_code == 429
    assert Booking.objects.get().status == "confirming"


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_seven_queries(cast: Cast, booker: Booker, django_assert_num_queries, count: int) -> None:
    booking = cast.book(guests=[f"g{n}@x.example" for n in range(count)])
    path = page_of(booking)
    booker.get(path)

    with django_assert_num_queries(7):
        booker.get(path)
