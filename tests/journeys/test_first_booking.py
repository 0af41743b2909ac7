"""From an empty hub to an invitation in every calendar, and to the cancellation that takes it out again."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest

from tests.journeys import steps
from tests.journeys.closing import close, link_in, mail_to, statuses
from tests.journeys.conftest import BERLIN, PHONE
from tests.journeys.hand import Hand
from tests.journeys.hub_process import Hub
from tests.journeys.steps import ADA, AT_ONCE, ON_REQUEST, Person, Team

pytestmark = [pytest.mark.browser, pytest.mark.both_databases, pytest.mark.slow]

NORA = Person("Nora Lind", "nora@lind.example")
GUS = "gus@guests.example"


def test_first_booking_reaches_every_calendar_and_leaves_it(
    start_hub: Callable[[], Hub], new_hand: Callable[..., Hand], capsys: pytest.CaptureFixture[str]
) -> None:
    hub = start_hub()
    ada, nora = new_hand(**BERLIN, permissions=["clipboard-read", "clipboard-write"]), new_hand(**PHONE)

    ada.open(hub.url)
    link = _set_up_by_hand(ada)
    to_link = ada.count
    nora.open(link)
    day, clock = steps.pick_time(nora, day=1, time=2)
    steps.fill_in(nora, NORA, guests=(GUS,), notes="The roof is flat.")
    nora.press("Ask for this time")
    nora.stands("Pending")
    assert "A host has to confirm this." in nora.reads()
    mail_to(hub, NORA.email, subject="Request received")
    mail_to(hub, ADA.email, subject="Answer needed")

    ada.follow(steps.HUB)
    steps.row_shows(ada, NORA, "Pending")
    ada.press("Confirm Nora Lind")
    ada.sees("Nora Lind is confirmed.")
    steps.tab(ada, "Upcoming")
    steps.row_shows(ada, NORA, "Confirmed")
    to_confirmed = ada.count + nora.count
    assert _later(clock, hours=1) in steps.row_of(ada, NORA).inner_text(), "nine in Lisbon is ten in Berlin"

    for address, subject in [(NORA.email, "Confirmed"), (GUS, "Invitation"), (ADA.email, "Confirmed")]:
        assert mail_to(hub, address, subject=subject).method == "REQUEST"
    assert statuses(close(hub), NORA.email, GUS, ADA.email) == {
        address: ["CONFIRMED"] for address in (NORA.email, GUS, ADA.email)
    }

    nora.open(link_in(mail_to(hub, NORA.email, subject="Confirmed"), "See, move or cancel"))
    nora.stands("Confirmed")
    assert (
        f"{clock}–{_later(clock, minutes=30)}" in nora.reads()
        and day in nora.reads()
        and "Lisbon" in nora.reads()
    )
    nora.follow("Cancel booking")
    nora.fill("In your own words", "The roof has to be mended first.")
    nora.press("Cancel booking")
    nora.stands("Cancelled")

    steps.tab(ada, "Cancelled")
    steps.row_shows(ada, NORA, "Cancelled")
    assert "The roof has to be mended first." in steps.row_of(ada, NORA).inner_text()
    for address in (NORA.email, GUS, ADA.email):
        assert mail_to(hub, address, subject="Cancelled").method == "CANCEL"
    calendars = close(hub)
    assert statuses(calendars, NORA.email, GUS, ADA.email) == {
        address: ["CANCELLED"] for address in (NORA.email, GUS, ADA.email)
    }
    assert len({event.uid for events in calendars.values() for event in events}) == 1
    with capsys.disabled():
        print(f"\n{to_link} interactions to the first link, {to_confirmed} to the confirmed booking")


def test_a_phone_is_enough_from_the_empty_hub_to_a_confirmed_booking(
    start_hub: Callable[[], Hub], new_hand: Callable[..., Hand], capsys: pytest.CaptureFixture[str]
) -> None:
    hub = start_hub()
    ada, nora = new_hand(**{**PHONE, **BERLIN}), new_hand(**PHONE)

    ada.open(hub.url)
    steps.set_up(ada, ADA)
    ada.follow("Make a booking type")
    nora.open(steps.make_type(ada, AT_ONCE))
    steps.pick_time(nora, day=1)
    steps.fill_in(nora, NORA)
    nora.press("Book this time")
    nora.stands("Confirmed")

    assert mail_to(hub, NORA.email, subject="Confirmed").method == "REQUEST"
    ada.follow(steps.HUB)
    steps.tab(ada, "Upcoming")
    steps.row_shows(ada, NORA, "Confirmed")
    count = ada.count + nora.count
    with capsys.disabled():
        print(f"\n{count} interactions on two phones, from the empty hub to the confirmed booking")
    assert count <= 40


def _later(clock: str, **by: int) -> str:
    """Return the clock ``by`` later; which clock is offered third depends on the day of the week (Monday begins at ten)."""
    return (datetime.combine(date.min, time.fromisoformat(clock)) + timedelta(**by)).strftime("%H:%M")


def _set_up_by_hand(ada: Hand) -> str:
    """Administrator, team, hours and a first type; return the link that the copy button put on the clipboard."""
    steps.set_up(ada, ADA)
    ada.follow("Look at your hours")
    ada.fill("Monday, from", "10:00")
    ada.press("Save hours")
    ada.sees("The hours of Ada Brandt were saved.")
    ada.follow("Types")
    ada.follow("Make a booking type")
    link = steps.make_type(ada, ON_REQUEST, approval="A host confirms each one")
    ada.press("Copy link")
    ada.sees("Copied")
    assert ada.page.evaluate("navigator.clipboard.readText()") == link
    return link


def test_booking_and_deciding_need_no_script(team: Team, new_hand: Callable[..., Hand]) -> None:
    ada, mira = new_hand(**BERLIN, java_script_enabled=False), new_hand(**PHONE, java_script_enabled=False)
    kept, declined = Person("Mira Sol", "mira@sol.example"), Person("Otto Sol", "otto@sol.example")

    steps.sign_in(ada, team.hub, team.ada)
    for booker in (kept, declined):
        mira.open(team.links[ON_REQUEST])
        mira.choose("Time zone", "Lisbon (UTC)")
        mira.press("Use this time zone")
        steps.pick_time(mira, day=2)
        steps.fill_in(mira, booker)
        mira.press("Ask for this time")
        mira.stands("Pending")
    steps.tab(ada, "Pending")
    ada.press("Confirm Mira Sol")
    ada.sees("Mira Sol is confirmed.")
    ada.follow("Decline Otto Sol")
    ada.fill("In your own words", "We are at a fair.")
    ada.press("Decline request")
    ada.sees("Otto Sol was declined.")
    assert mail_to(team.hub, kept.email, subject="Confirmed").method == "REQUEST"
    assert "We are at a fair." in mail_to(team.hub, declined.email, subject="Declined").text

    steps.tab(ada, "Upcoming")
    ada.follow("Mira Sol")
    ada.stands("Confirmed")
    ada.follow("Cancel")
    ada.fill("In your own words", "Ada is ill.")
    ada.press("Cancel booking")
    ada.sees("Mira Sol was cancelled.")
    assert mail_to(team.hub, kept.email, subject="Cancelled").method == "CANCEL"
    assert statuses(close(team.hub), kept.email, declined.email) == {
        kept.email: ["CANCELLED"],
        declined.email: [],
    }


def test_declined_request_frees_the_time_and_tells_the_booker_why(
    team: Team, ada: Hand, booker: Hand
) -> None:
    ida = Person("Ida Moor", "ida@moor.example")
    chosen = steps.ask(booker, team.links[ON_REQUEST], ida, day=3)

    steps.tab(ada, "Pending")
    ada.follow("Decline Ida Moor")
    ada.sees("Decline Ida Moor, Site visit?")
    ada.fill("In your own words", "That street is closed.")
    ada.press("Decline request")
    ada.sees("Ida Moor was declined.")
    mail = mail_to(team.hub, ida.email, subject="Declined")

    assert "That street is closed." in mail.text and not mail.method
    booker.page.reload()
    booker.stands("Declined")
    booker.follow("Show free times")
    assert steps.pick_time(booker, day=3) == chosen
    assert statuses(close(team.hub), ida.email) == {ida.email: []}


def test_automatic_type_is_confirmed_without_anybody(team: Team, booker: Hand) -> None:
    finn = Person("Finn Berg", "finn@berg.example")
    booker.open(team.links[steps.AT_ONCE])
    steps.pick_time(booker, day=1)
    steps.fill_in(booker, finn)
    booker.press("Book this time")

    booker.stands("Confirmed")  # The page becomes so by itself.

    assert mail_to(team.hub, finn.email, subject="Confirmed").method == "REQUEST"
    assert statuses(close(team.hub), finn.email) == {finn.email: ["CONFIRMED"]}


def test_invited_colleague_sets_hours_and_is_booked(
    team: Team, ada: Hand, booker: Hand, new_hand: Callable[..., Hand]
) -> None:
    ben, lea = Person("Ben Okafor", "ben@heliograf.example"), Person("Lea Stern", "lea@stern.example")
    steps.invite(ada, ben)
    his = new_hand(**BERLIN)
    steps.join(his, team.hub, ben)
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        his.fill(f"{day}, from", "18:00")
        his.fill(f"{day}, to", "20:00")
    his.press("Save hours")
    his.sees("The hours of Ben Okafor were saved.")

    ada.follow("Types")
    ada.follow("New booking type")
    ada.untick(ADA.name)
    ada.tick(ben.name)
    link = steps.make_type(ada, "Evening call")
    booker.open(link)
    # The last one: the first of today may be too near already.
    _day, clock = steps.pick_time(booker, time=-1)
    steps.fill_in(booker, lea)
    booker.press("Book this time")
    booker.stands("Confirmed")

    assert clock == "18:30", "half past seven in Berlin is half past six in Lisbon"
    assert mail_to(team.hub, ben.email, subject="Confirmed").method == "REQUEST"
    his.follow(steps.HUB)
    steps.tab(his, "Upcoming")
    steps.row_shows(his, lea, "Confirmed")
    assert statuses(close(team.hub), lea.email, ben.email) == {
        lea.email: ["CONFIRMED"],
        ben.email: ["CONFIRMED"],
    }
