"""Editing the booker's details, the changed address above all."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from bookings import lifecycle, links
from bookings.lifecycle import Details
from bookings.models import Booking, Delivery
from bookings.rules.refusals import Refused
from tests.cast import Cast
from tests.lifecycle.written import calendars, mails, mark

Confirmed = Callable[..., Booking]


def details(booking: Booking, **changes: str) -> Details:
    now = {
        "name": booking.booker_name,
        "email": booking.booker_email,
        "phone": booking.booker_phone,
        "notes": booking.notes,
    }
    return Details(**{**now, **changes})


def test_a_new_address_takes_the_invitation_with_it(cast: Cast, confirmed: Confirmed) -> None:
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    before, link = mark(), links.manage_url(booking.chain)
    lifecycle.edit_details(booking.pk, details(booking, email="zoe@new.example"), actor=ben, version=1)
    rows = Delivery.objects.filter(pk__gt=before, channel="mail").order_by("recipient")
    assert [(d.recipient, d.kind, d.audience, d.method) for d in rows] == [
        ("zoe@new.example", "confirmed", "booker", "REQUEST"),
        ("zoe@riviere.example", "address_changed", "former_booker", "CANCEL"),
    ]
    booking.chain.refresh_from_db()
    assert links.manage_url(booking.chain) != link
    assert booking.chain.contact.email == "zoe@new.example"
    assert Booking.objects.search("zoe@new.example").get() == booking


def test_what_was_for_the_old_address_carries_no_new_link(cast: Cast, confirmed: Confirmed) -> None:
    """Break: leave the fingerprint out of `has_link`, and the old address learns the new link by a late retry."""
    from bookings.mail_facts import page_link

    booking = confirmed(hour=10)
    old = Delivery.objects.filter(kind="confirmed", audience="booker").get()
    assert page_link(old).endswith(links.manage_token(booking.chain) + "/")
    lifecycle.edit_details(
        booking.pk, details(booking, email="zoe@new.example"), actor=lifecycle.person(cast.ben), version=1
    )
    old = Delivery.objects.get(pk=old.pk)
    assert page_link(old) == ""


def test_addresses_are_the_same_in_any_case(cast: Cast, confirmed: Confirmed) -> None:
    """Break: compare what was typed, and who wrote Zoe@ keeps a cancelled event for ever."""
    booking, before = confirmed(hour=10, email="Zoe@Riviere.example"), mark()
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ben), version=1)
    assert ("cancelled", "booker", "CANCEL") in mails(before)


def test_a_new_name_is_written_to_calendars_and_found(cast: Cast, confirmed: Confirmed) -> None:
    booking, before = confirmed(hour=10), mark()
    done = lifecycle.edit_details(
        booking.pk, details(booking, name="Zoé Blanc"), actor=lifecycle.person(cast.ben), version=1
    )
    assert (mails(before), calendars(before)) == ([], [("write", "Ben Okafor")])
    assert done.changes.last().changed == {"booker_name": ["Zoë Lefèvre", "Zoé Blanc"]}
    assert Booking.objects.search("blanc").exists()


def test_nothing_changed_is_nothing_done(cast: Cast, confirmed: Confirmed) -> None:
    booking = confirmed(hour=10)
    done = lifecycle.edit_details(booking.pk, details(booking), actor=lifecycle.person(cast.ben), version=1)
    assert (done.version, booking.changes.filter(action="edit").count()) == (1, 0)


def test_a_booking_that_is_over_can_be_edited_and_nobody_is_told(cast: Cast, confirmed: Confirmed) -> None:
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    lifecycle.cancel(booking.pk, actor=ben, version=1)
    before = mark()
    lifecycle.edit_details(booking.pk, details(booking, email="zoe@new.example"), actor=ben, version=2)
    assert mails(before) == []


def test_a_stale_page_changes_nothing(cast: Cast, confirmed: Confirmed) -> None:
    booking = confirmed(hour=10)
    lifecycle.cancel(booking.pk, actor=lifecycle.person(cast.ada), version=1)
    with pytest.raises(Refused) as caught:
        lifecycle.edit_details(
            booking.pk, details(booking, name="X"), actor=lifecycle.person(cast.ben), version=1
        )
    assert caught.value.code == "stale"


@pytest.mark.parametrize("part", ["host", "guest"])
def test_an_address_that_still_takes_part_keeps_its_event(
    cast: Cast, confirmed: Confirmed, part: str
) -> None:
    """Break: take back what the old address had whoever else uses it, and the host's own event is cancelled."""
    address = cast.ben.email if part == "host" else "guest@riviere.example"
    booking = confirmed(hour=10, email=address.title(), guests=["guest@riviere.example"])
    before = mark()
    lifecycle.edit_details(
        booking.pk, details(booking, email="zoe@new.example"), actor=lifecycle.person(cast.ada), version=1
    )
    assert mails(before) == [("confirmed", "booker", "REQUEST")]


def test_what_waits_for_a_host_is_kept_when_they_are_no_longer_the_booker(cast: Cast) -> None:
    booking = cast.book(hour=10, email=cast.ben.email)
    Delivery.objects.filter(channel="calendar").update(state="done", settled_at=timezone.now())
    lifecycle.settled(booking.pk)
    lifecycle.edit_details(
        booking.pk, details(booking, email="zoe@new.example"), actor=lifecycle.person(cast.ada), version=1
    )
    waits = Delivery.objects.filter(channel="mail", state="open").values_list("recipient", "method")
    assert sorted(waits) == [(cast.ben.email, "REQUEST"), ("zoe@new.example", "REQUEST")]


def test_something_else_from_an_older_page_is_not_taken_for_the_same(
    cast: Cast, confirmed: Confirmed
) -> None:
    """Break: leave `is_same` out, and the second tab says that it saved what nobody wrote."""
    booking, ben = confirmed(hour=10), lifecycle.person(cast.ben)
    lifecycle.edit_details(booking.pk, details(booking, name="Zoé Blanc"), actor=ben, version=1)
    again = lifecycle.edit_details(booking.pk, details(booking, name="Zoé Blanc"), actor=ben, version=1)
    assert again.version == 2
    with pytest.raises(Refused) as caught:
        lifecycle.edit_details(booking.pk, details(booking, phone="+33 1 2345"), actor=ben, version=1)
    assert caught.value.code == "stale"
