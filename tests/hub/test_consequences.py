"""What a dialog promises is what its action writes: the same mails to the same people, by the same means."""

import pytest
from django.utils import timezone

from bookings import consequences, lifecycle
from bookings.foresight import Plan
from bookings.models import Booking, Delivery, Guest
from bookings.rules.statuses import Action
from tests.cast import at, make_type
from tests.hub.conftest import settle

pytestmark = pytest.mark.slow

NOTHING = Plan()
STATES = ["pending", "confirming", "confirmed", "announced"]


def promised(booking_id, action, user, *, plan=NOTHING):
    booking = Booking.objects.for_rows().get(pk=booking_id)
    mails = consequences.mails_of(booking, action, user=user, now=timezone.now(), plan=plan)
    return sorted((notice.reader.email, str(notice.kind), str(notice.method)) for notice in mails)


def written(booking_id, *, after):
    chain = Booking.objects.get(pk=booking_id).chain
    rows = Delivery.objects.filter(chain=chain, channel="mail", pk__gt=after)
    return sorted(rows.values_list("recipient", "kind", "method"))


def last_delivery():
    return Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def prepare(cast, state, **wish):
    wish = {"kind": cast.extra["by_hand"] if state == "pending" else cast.demo, **wish}
    booking = cast.book(hour=10, **wish)
    Guest.objects.create(chain=booking.chain, email="guest@firm.example")
    if state in ("confirmed", "announced"):
        settle(booking)
    if state == "announced":
        Delivery.objects.filter(booking=booking, channel="mail").update(
            claimed_at=timezone.now(), state="done"
        )
    return booking


@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize("state", ["pending", "confirming", "confirmed", "announced"])
def test_cancel_writes_what_it_promised(cast, state, who):
    """Break: with was_announced always true in consequences, guests of a request are promised a mail they don't get."""
    booking, user = prepare(cast, state), getattr(cast, who)
    promise, before = promised(booking.pk, Action.CANCEL, user), last_delivery()

    lifecycle.cancel(booking.pk, actor=lifecycle.person(user), version=1)

    assert promise == written(booking.pk, after=before)


@pytest.mark.parametrize("who", ["ada", "ben", "cleo"])
@pytest.mark.parametrize("state", ["confirming", "confirmed", "announced"])
def test_confirming_a_wish_writes_what_it_promised(cast, state, who):
    """Seen red with the mails of a confirmed request: nothing was said of the host who is off it, and of the old time."""
    hosts, user = (cast.ben_host, cast.cleo_host), getattr(cast, who)
    kind = make_type(cast.team, *hosts, name="Survey", location=cast.place, assignment="round_robin")
    standing = prepare(cast, state, kind=kind)
    kind.approval = "always"
    kind.save()
    mine = standing.booking_hosts.get().host
    other = cast.cleo_host if mine == cast.ben_host else cast.ben_host
    wish = lifecycle.reschedule_by_booker(
        standing.pk, lifecycle.NewTime(at(15), other.pk), version=1, name="Zoë Lefèvre"
    )
    assert wish.is_proposal
    promise, before = promised(wish.pk, Action.CONFIRM, user), last_delivery()
    told = Booking.objects.for_rows().get(pk=wish.pk)
    lines = consequences.follows(told, Action.CONFIRM, user=cast.ada, now=timezone.now())

    settle(lifecycle.confirm(wish.pk, actor=lifecycle.person(user), version=1))

    assert promise == written(wish.pk, after=before)
    words = [f"{line.lead} {line.text}" for line in lines]
    assert f"{other.name} takes it over instead of {mine.name}" in words
    assert any(f"10:00–10:30 is free at once for {mine.name}" in line for line in words)
    assert not any("The open wish" in line for line in words)


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_decline_writes_what_it_promised(cast, who):
    booking, user = prepare(cast, "pending"), getattr(cast, who)
    promise, before = promised(booking.pk, Action.DECLINE, user), last_delivery()

    lifecycle.decline(booking.pk, actor=lifecycle.person(user), version=1)

    assert promise == written(booking.pk, after=before)


@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("email", ["zoe@riviere.example", ""])
def test_asking_for_a_new_time_and_keeping_it_write_what_they_promised(cast, state, who, email):
    """Break: promise the mail in `_choice` whether or not the one that asks has left."""
    booking, user = prepare(cast, state, email=email), getattr(cast, who)
    actor = lifecycle.person(user)
    for has_left in (True, False):
        promise, before = promised(booking.pk, Action.ASK_NEW_TIME, user), last_delivery()
        lifecycle.ask_new_time(booking.pk, actor=actor, version=1)
        assert promise == written(booking.pk, after=before)
        if has_left:
            Delivery.objects.filter(kind="new_time_asked").update(claimed_at=timezone.now(), state="done")
        promise, before = promised(booking.pk, Action.KEEP_TIME, user), last_delivery()
        lifecycle.keep_time(booking.pk, actor=actor, version=1)
        assert promise == written(booking.pk, after=before)
        assert bool(promise) is (has_left and bool(email))


@pytest.mark.parametrize("has_calendar", [False, True])
@pytest.mark.parametrize("who", ["ada", "ben"])
def test_confirm_writes_what_it_promised(cast, who, has_calendar):
    cast.ben_host.has_write_calendar = has_calendar
    cast.ben_host.save()
    booking, user = prepare(cast, "pending"), getattr(cast, who)
    promise, before = promised(booking.pk, Action.CONFIRM, user), last_delivery()

    settle(lifecycle.confirm(booking.pk, actor=lifecycle.person(user), version=1))

    assert promise == written(booking.pk, after=before)


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("has_calendar", [False, True])
@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize("state", STATES)
def test_a_move_writes_what_it_promised(cast, state, who, has_calendar, keeps):
    """Break: without `dropping` in foresight, who is off it is promised a CANCEL of what nobody began to send."""
    calendar(cast, has_calendar)
    booking, user = prepare(cast, state, kind=pool(cast, state)), getattr(cast, who)
    hosts = [cast.ben_host if keeps else cast.cleo_host]
    promise = promised(booking.pk, Action.RESCHEDULE, user, plan=Plan(at(15), hosts))
    before = last_delivery()

    moved = lifecycle.reschedule(
        booking.pk, lifecycle.NewTime(at(15), hosts[0].pk), actor=lifecycle.person(user), version=1
    )
    if moved.status == "confirming":
        settle(moved)

    assert promise == written(booking.pk, after=before)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_move_with_confirmation_writes_what_it_promised(cast, keeps):
    booking = prepare(cast, "pending", kind=pool(cast, "pending"))
    hosts = [cast.ben_host if keeps else cast.cleo_host]
    promise = promised(booking.pk, Action.RESCHEDULE, cast.ben, plan=Plan(at(15), hosts, is_accepted=True))
    before = last_delivery()

    settle(
        lifecycle.reschedule_and_confirm(
            booking.pk, lifecycle.NewTime(at(15), hosts[0].pk), actor=lifecycle.person(cast.ben), version=1
        )
    )

    assert promise == written(booking.pk, after=before)


@pytest.mark.parametrize("has_calendar", [False, True])
@pytest.mark.parametrize("who", ["ada", "ben"])
@pytest.mark.parametrize("state", STATES)
def test_a_reassignment_writes_what_it_promised(cast, state, who, has_calendar):
    """Break: count what waits for who is off it as theirs, and a CANCEL is promised that is not written."""
    calendar(cast, has_calendar)
    booking, user = prepare(cast, state, kind=pool(cast, state)), getattr(cast, who)
    promise = promised(booking.pk, Action.REASSIGN, user, plan=Plan(hosts=[cast.cleo_host]))
    before = last_delivery()

    lifecycle.reassign(
        booking.pk, leaving=None, to=cast.cleo_host.pk, actor=lifecycle.person(user), version=1
    )
    if state == "confirming":
        settle(booking)

    assert promise == written(booking.pk, after=before)


@pytest.mark.parametrize("email", ["zoe@new.example", "", "zoe@riviere.example"])
@pytest.mark.parametrize("state", STATES)
def test_an_edit_writes_what_it_promised(cast, state, email):
    """Break: without `dropping` in foresight, the old address is promised a CANCEL of what never left."""
    booking = prepare(cast, state)
    details = lifecycle.Details("Zoé", email, "", "")
    promise = promised(booking.pk, Action.EDIT, cast.ben, plan=Plan(details=details))
    before = last_delivery()

    lifecycle.edit_details(booking.pk, details, actor=lifecycle.person(cast.ben), version=1)

    assert promise == written(booking.pk, after=before)


def test_an_edit_that_adds_an_address_writes_what_it_promised(cast):
    booking = prepare(cast, "confirmed", email="")
    details = lifecycle.Details("Zoé", "zoe@new.example", "", "")
    promise = promised(booking.pk, Action.EDIT, cast.ben, plan=Plan(details=details))
    before = last_delivery()

    lifecycle.edit_details(booking.pk, details, actor=lifecycle.person(cast.ben), version=1)

    assert promise == written(booking.pk, after=before) == [("zoe@new.example", "confirmed", "REQUEST")]


def pool(cast, state):
    """A round-robin that gives its first booking to Ben."""
    kind = make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Survey",
        location=cast.place,
        assignment="round_robin",
        approval="always" if state == "pending" else "automatic",
    )
    kind.type_hosts.filter(host=cast.ben_host).update(priority=4)
    return kind


def calendar(cast, has_calendar):
    for host in (cast.ben_host, cast.cleo_host):
        host.has_write_calendar = has_calendar
        host.save()


def test_the_lines_name_people_guests_by_number_and_the_calendar(cast):
    cast.ben_host.has_write_calendar = True
    cast.ben_host.save()
    booking = prepare(cast, "announced")
    row = Booking.objects.for_rows().get(pk=booking.pk)

    lines = consequences.follows(row, Action.CANCEL, user=cast.ada, now=timezone.now())

    assert [f"{line.lead} {line.text}" for line in lines][:5] == [
        "Cancellation to Zoë Lefèvre",
        "Mail that it is cancelled to Ben Okafor",
        "Cancellation to 1 guest",
        "Event removed from the calendar of Ben Okafor",
        lines[4].lead + " is free at once for Ben Okafor",
    ]


def test_the_booker_is_written_to_in_their_language(cast):
    booking = cast.book(hour=10, language="de")
    row = Booking.objects.for_rows().get(pk=booking.pk)
    assert (
        consequences.follows(row, Action.CANCEL, user=cast.ada, now=timezone.now())[0].text
        == "to Zoë Lefèvre, in German"
    )
