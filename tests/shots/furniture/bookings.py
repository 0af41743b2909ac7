"""Bookings of the Workshop that were moved, answered, paid for, or went astray."""

from datetime import timedelta

from django.utils import timezone

from bookings import availability, lifecycle
from bookings.models import Booking, BookingType, Host, InvitationReply
from calendars.models import Calendar, CalendarAccount, EventLink
from tests.shots.deeds import host_of, move_by_booker, move_by_host, settle
from tests.shots.stage import Stage


def bookings_that_change(
    stage: Stage, by_hand: BookingType, free: BookingType, never: BookingType, either: BookingType
) -> None:
    """Bookings that were moved, or whose booker asked for something."""
    wished = stage.confirmed(by_hand)
    wish = move_by_booker(wished, reason="The train is late that day.")
    first = stage.confirmed(free)
    moved = settle(move_by_booker(first, reason="Another time suits better"))
    moved = settle(move_by_host(moved, reason="The van is at the garage."))
    stage.things |= {
        "wished": wished,
        "wish": wish,
        "moved": moved,
        "either_booking": stage.confirmed(either),
    }
    to_move = stage.confirmed(never)
    stage.things["to_move"] = lifecycle.ask_new_time(
        to_move.pk, actor=host_of(to_move), version=to_move.version, reason="The lift is out of order."
    )
    answers = {"open": None, "granted": lifecycle.grant_exception, "refused": lifecycle.refuse_exception}
    for name, answer in answers.items():
        booking = stage.confirmed(never)
        asked = lifecycle.ask_exception(
            booking.pk, wish="reschedule", name=booking.booker_name, reason="I have to travel that week."
        )
        if answer:
            answer(asked.pk, actor=host_of(booking), answer="Choose any day of the week after.")
        stage.things[f"exception_{name}"] = booking


def replied_to(stage: Stage, kind: BookingType) -> Booking:
    """A booking whose booker declined the invitation, and whose guests answered otherwise."""
    booking = stage.confirmed(kind, guests=["guy@riviere.example", "ana@riviere.example"])
    later = booking.starts_at + timedelta(hours=3)
    for email, name, audience, answer, comment in (
        ("zoe@riviere.example", "Zoë Lefèvre", "booker", "declined", "We have to travel that week."),
        ("guy@riviere.example", "", "guest", "proposed", ""),
        ("ana@riviere.example", "", "guest", "accepted", ""),
    ):
        InvitationReply.objects.create(
            booking=booking,
            email=email,
            name=name,
            audience=audience,
            answer=answer,
            comment=comment,
            proposed_at=later if answer == "proposed" else None,
            state="noted" if answer == "accepted" else "open",
            stamped_at=timezone.now(),
        )
    return booking


def gone_astray(stage: Stage, kind: BookingType, host: Host) -> Booking:
    """A booking whose host moved its copy in their own calendar."""
    booking = stage.confirmed(kind)
    account = CalendarAccount.objects.create(host=host, kind="caldav", name="Nextcloud", state="refused")
    calendar = Calendar.objects.create(account=account, name="Work", hue=4, url="https://cloud.example/work/")
    Host.objects.filter(pk=host.pk).update(has_write_calendar=True)
    starts, ends = (availability.epoch_minute(at) for at in (booking.starts_at, booking.ends_at))
    EventLink.objects.create(
        chain=booking.chain,
        host=host,
        calendar=calendar,
        wanted_revision=1,
        applied_revision=1,
        starts=starts,
        ends=ends,
        state=EventLink.State.MOVED,
        found_starts=starts + 120,
        found_ends=ends + 120,
        found_at=timezone.now(),
    )
    return booking


def bookings_that_cost(stage: Stage, course: BookingType) -> None:
    """A course that waits for its payment, one that ran out, one whose money is due back and one whose was given back."""
    ran_out = stage.book(course)
    Booking.objects.filter(pk=ran_out.pk).update(pay_by_at=timezone.now())
    lifecycle.expire_due(now=timezone.now())
    stage.things |= {"ran_out": ran_out, "unpaid": stage.book(course), "paid": _paid(stage, course)}
    owed, given_back = _paid(stage, course), _paid(stage, course)
    for booking in (owed, given_back):
        lifecycle.cancel_by_booker(
            booking.pk, version=booking.version, name=booking.booker_name, reason="I have to travel."
        )
    lifecycle.refund(given_back.pk, actor=host_of(given_back), version=given_back.version + 1)
    stage.things |= {"owed": owed, "given_back": given_back}


def _paid(stage: Stage, course: BookingType) -> Booking:
    booking = stage.book(course)
    note = "Transfer of 3 March"
    return settle(lifecycle.pay(booking.pk, actor=host_of(booking), version=booking.version, note=note))
