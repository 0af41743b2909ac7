"""Every action on a booking, driven in a browser from the list of the hub: with script and without, reached in two presses.

An action that runs at once is done by one press; what asks first has its form in front of the host after two at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings import lifecycle
from bookings.models import Booking, BookingHost, BookingType
from tests.cast import Cast, gather, make_type
from tests.hub.conftest import end, settle
from tests.hub.test_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.both_databases]

NAME = "Zoë Lefèvre"


@dataclass(frozen=True)
class Row:
    """One row of the table of actions: where the booking stands, what is pressed, and what has become of it."""

    name: str
    tab: str
    prepare: Callable[[Cast], Booking]
    button: str
    deed: str
    came_true: Callable[[Booking], bool]
    is_in_menu: bool = False
    fill: Callable[[Page], None] = lambda page: None


@pytest.fixture
def cast(live_site: Any) -> Cast:
    people = gather()
    hosts = (people.ben_host, people.cleo_host)
    people.extra["by_hand"] = make_type(
        people.team, people.ben_host, name="Energy advice", location=people.place, approval="always"
    )
    people.extra["pool"] = make_type(
        people.team, *hosts, name="Roof survey", location=people.place, assignment="round_robin"
    )
    people.extra["priced"] = make_type(
        people.team, people.ben_host, name="Course", location=people.place, price_cents=9050, currency="EUR"
    )
    return people


def unpaid(cast: Cast) -> Booking:
    return cast.book(hour=10, kind=cast.extra["priced"], name=NAME)


def ran_out(cast: Cast) -> Booking:
    booking = unpaid(cast)
    Booking.objects.filter(pk=booking.pk).update(pay_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    return booking


def owed(cast: Cast) -> Booking:
    ada = lifecycle.person(cast.ada)
    booking = settle(lifecycle.pay(unpaid(cast).pk, actor=ada, version=1))
    return lifecycle.cancel(booking.pk, actor=ada, version=booking.version)


def pending(cast: Cast) -> Booking:
    return cast.book(hour=10, kind=cast.extra["by_hand"], name=NAME)


def confirmed(cast: Cast) -> Booking:
    return settle(cast.book(hour=10, kind=cast.extra["pool"], name=NAME))


def asked(cast: Cast) -> Booking:
    booking = confirmed(cast)
    return lifecycle.ask_new_time(booking.pk, actor=lifecycle.person(cast.ben), version=1)


def over(cast: Cast) -> Booking:
    booking = settle(cast.book(hour=10, kind=cast.extra["pool"], name=NAME))
    end(booking)
    return booking


def missed(cast: Cast) -> Booking:
    booking = over(cast)
    return lifecycle.booker_no_show(booking.pk, actor=lifecycle.person(cast.ada), version=1)


def has(status: str) -> Callable[[Booking], bool]:
    return lambda booking: booking.status == status


def choose_time(page: Page) -> None:
    page.locator("[name=start]:not([disabled]):not([type=hidden])").nth(1).check()


TABLE = (
    Row("confirm", "pending", pending, f"Confirm {NAME}", "", has("confirming")),
    Row("decline", "pending", pending, f"Decline {NAME}", "Decline request", has("declined")),
    Row("pay", "upcoming", unpaid, f"Mark as paid {NAME}", "Mark as paid", has("confirming")),
    Row(
        "pay late", "cancelled", ran_out, "Mark as paid", "Mark as paid",
        lambda b: b.replaced_by.get().status == "confirming", True,
    ),
    Row(
        "refund", "cancelled", owed, f"Mark as refunded {NAME}", "Mark as refunded",
        lambda b: b.changes.filter(action="refund").exists(),
    ),
    Row("reschedule", "upcoming", confirmed, "Reschedule", "Move", has("rescheduled"), True, choose_time),
    Row(
        "ask for a new time", "upcoming", confirmed, "Ask for a new time", "Ask for a new time",
        lambda b: b.new_time_asked_at is not None, True,
    ),
    Row(
        "keep the time", "upcoming", asked, "Keep this time", "Keep this time",
        lambda b: b.new_time_asked_at is None, True,
    ),
    Row("cancel", "upcoming", confirmed, "Cancel booking", "Cancel booking", has("cancelled"), True),
    Row("complete", "past", over, f"Complete {NAME}", "", has("completed")),
    Row("booker no-show", "past", over, f"No-show {NAME}", "Record no-show", has("no_show")),
    Row(
        "host no-show", "past", over, "Host no-show", "Record no-show",
        lambda b: BookingHost.objects.get(booking=b).was_absent, True,
    ),
    Row(
        "host no-show too", "past", missed, "Host no-show", "Record no-show",
        lambda b: BookingHost.objects.get(booking=b).was_absent and b.is_booker_absent, True,
    ),
    Row(
        "reassign", "upcoming", confirmed, "Reassign", "Reassign",
        lambda b: b.changes.filter(action="reassign").exists(), True,
    ),
    Row(
        "edit details", "upcoming", confirmed, "Edit details", "Save details",
        lambda b: b.booker_name == "Zoé Blanc", True, lambda page: page.get_by_label("Name").last.fill("Zoé Blanc"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_action_is_reached_in_two_presses_and_done(
    cast: Cast, live_site: Any, new_context: Callable[..., Any], row: Row, has_script: bool
) -> None:
    BookingType.objects.update(slot_interval_minutes=30)
    booking = row.prepare(cast)
    context = new_context(java_script_enabled=has_script)
    sign_in(context, live_site, cast.ada)
    page = context.new_page()
    page.goto(f"{live_site.url}/?tab={row.tab}")
    card = page.locator(f"#booking-{booking.pk}")
    presses = 0
    if row.is_in_menu:
        card.locator(".menu > summary").click()
        presses += 1
        card.get_by_role("link", name=row.button, exact=True).click()
    else:
        card.get_by_role("button", name=row.button).or_(card.get_by_role("link", name=row.button)).click()
    presses += 1
    assert presses <= 2
    if row.deed:
        form = page.locator("dialog[open]" if has_script else "main .dialog")
        expect(form).to_be_visible()
        row.fill(page)
        form.get_by_role("button", name=row.deed, exact=True).last.click()
    if has_script:
        expect(page.locator("#toasts .toast")).to_be_visible()
        expect(page.locator("dialog[open]")).to_have_count(0)
    else:
        expect(page.locator(".messages .notice.good")).to_be_visible()
    booking.refresh_from_db()
    assert row.came_true(booking)
