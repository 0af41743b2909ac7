"""What is still to come in the demonstration: booked through the same verbs as real bookings, then set back in time a little."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random

from django.db.models import F
from django.utils import timezone

from bookings import availability, lifecycle
from bookings.demo.bookers import BOOKERS, REASONS
from bookings.demo.cast import Stage
from bookings.demo.past import Fate, Ledger, answers, write
from bookings.models import Booking, BookingChange, BookingType, Delivery, ExceptionRequest, Guest, Location
from bookings.rules.refusals import Refused
from bookings.rules.statuses import Status
from bookings.rules.zones import zone

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    """One booking to be made: type, working days from today, hour of the day, booker, what then is done, hours since it was asked."""

    kind: str
    days: int
    hour: int
    booker: int
    then: str = ""
    ago: float = 30.0
    place: int = 0


#: A request that is still open carries "ago" hours of its time to answer.
WISHES = (
    Wish("advice", 1, 10, 5, "", 6.5),
    Wish("advice", 2, 14, 3, "", 20, 1),
    Wish("demo", 1, 15, 13, "", 2),
    Wish("review", 2, 15, 16, "", 30),
    Wish("advice", 3, 9, 11, "", 1.2),
    Wish("demo", 1, 9, 19, "", 11),
    Wish("demo", 0, 15, 1, "confirm", 26),
    Wish("demo", 0, 16, 2, "confirm", 50),
    Wish("onboarding", 0, 17, 0, "settle", 90),
    Wish("demo", 1, 11, 9, "confirm", 60),
    Wish("advice", 1, 13, 10, "confirm", 52, 1),
    Wish("onboarding", 1, 9, 12, "settle", 100),
    Wish("demo", 1, 16, 14, "confirm", 70),
    Wish("advice", 1, 16, 22, "confirm", 20),
    Wish("visit", 2, 10, 8, "settle", 120),
    Wish("demo", 2, 11, 4, "settle", 80),
    Wish("demo", 2, 11, 15, "settle", 75),
    Wish("advice", 2, 16, 6, "confirm", 40, 1),
    Wish("onboarding", 3, 14, 18, "settle", 130),
    Wish("demo", 3, 10, 20, "settle", 22),
    Wish("review", 3, 16, 21, "confirm", 66),
    Wish("demo", 4, 14, 7, "settle", 15),
    Wish("advice", 4, 10, 17, "confirm", 45),
    Wish("survey", 4, 9, 8, "settle", 150),
    Wish("onboarding", 5, 11, 9, "settle", 12),
    Wish("demo", 5, 9, 23, "settle", 33),
    Wish("visit", 6, 14, 3, "settle", 49),
    Wish("strategy", 6, 15, 21, "settle", 90),
    Wish("demo", 7, 15, 13, "settle", 8),
    Wish("advice", 7, 11, 0, "confirm", 70),
    Wish("demo", 9, 9, 2, "settle", 5),
    Wish("onboarding", 10, 13, 10, "settle", 9),
    Wish("survey", 11, 13, 4, "settle", 77),
    Wish("review", 12, 14, 1, "confirm", 99),
    Wish("survey", 5, 9, 8, "", 7),
    Wish("survey", 6, 13, 13, "cancel", 60),
    Wish("demo", 3, 13, 17, "cancel", 90),
    Wish("onboarding", 4, 16, 6, "withdraw", 110),
    Wish("advice", 5, 15, 19, "decline", 28),
    Wish("demo", 6, 10, 12, "cancel", 60),
    Wish("advice", 3, 14, 4, "wish", 46),
    Wish("demo", 5, 14, 16, "move", 58),
    Wish("demo", 4, 10, 22, "swap", 41),
    Wish("visit", 4, 14, 5, "ask", 63),
    Wish("onboarding", 6, 10, 7, "new time", 54),
    Wish("advice", 2, 11, 9, "squeeze", 19),
)


def arrange(stage: Stage, *, random: Random, now: datetime) -> None:
    """Make everything that lies ahead, and leave no mail of it waiting: only one delivery stands failed."""
    for wish in WISHES:
        _arrange_one(stage, wish, random=random, now=now)
    _in_between(stage, random=random, now=now)
    _put_down_deliveries(now)
    _fail_one(now)


def _arrange_one(stage: Stage, wish: Wish, *, random: Random, now: datetime) -> None:
    kind = stage.kinds[wish.kind]
    places = list(kind.locations.order_by("pk"))
    place = places[min(wish.place, len(places) - 1)]
    time_wanted = _first_free(kind, place, after=_wanted(wish, kind, now), now=now)
    if time_wanted is None:
        return
    booker = replace(BOOKERS[wish.booker], answers=answers(kind, random), guests=[])
    booking = lifecycle.book(time_wanted, booker, actor=lifecycle.booker(booker.name))
    if wish.booker == 0:
        Guest.objects.create(chain=booking.chain, email="julien@riviere.example")
    _then(stage, booking, wish.then, random=random)
    _set_back(booking, by=wish.ago * HOUR, now=now)


def _wanted(wish: Wish, kind: BookingType, now: datetime) -> datetime:
    """The wall time of a wish in its team's zone; days at the weekend are passed over."""
    tz = zone(kind.team.time_zone)
    day = now.astimezone(tz).date()
    left = wish.days
    while left or day.weekday() > 4:
        day += timedelta(days=1)
        left -= bool(left and day.weekday() < 5)
    return datetime.combine(day, time(wish.hour), tzinfo=tz)


def _first_free(
    kind: BookingType, place: Location, *, after: datetime, now: datetime
) -> lifecycle.Time | None:
    offer = availability.load_offer(kind, location=place, duration=kind.default_duration, now=now)
    found = availability.find_slots(offer, start=max(after, now), end=max(after, now) + timedelta(days=5))
    return (
        lifecycle.Time(kind, place, availability.instant(found.starts[0]), kind.default_duration)
        if found
        else None
    )


def _then(stage: Stage, booking: Booking, deed: str, *, random: Random) -> None:
    """Carry a fresh booking to where a wish wants it, by the verbs that people and the worker use."""
    host = booking.booking_hosts.order_by("position").select_related("host__user")[0].host
    person = lifecycle.person(host.user)
    if deed == "decline":
        lifecycle.decline(
            booking.pk,
            actor=person,
            version=booking.version,
            reason="That afternoon all of us are at the trade fair",
        )
        return
    if deed and booking.state is Status.WAITING:
        note = f"Transfer of {timezone.now():%d %b}"
        booking = lifecycle.pay(booking.pk, actor=person, version=booking.version, note=note)
    if deed and booking.state is Status.PENDING:
        booking = lifecycle.confirm(booking.pk, actor=person, version=booking.version)
    if booking.state is Status.CONFIRMING:
        booking = _settle(booking)
    if deed in _LATER:
        _LATER[deed](booking, person)
    elif deed == "cancel":
        lifecycle.cancel(booking.pk, actor=person, version=booking.version, reason=random.choice(REASONS))
    elif deed == "withdraw":
        lifecycle.cancel_by_booker(
            booking.pk, version=booking.version, name=booking.booker_name, reason=random.choice(REASONS)
        )


def _another_time(booking: Booking) -> lifecycle.NewTime:
    """The first time that is free two days later."""
    offer = availability.offer_to_move(booking, now=timezone.now())
    after = booking.starts_at + timedelta(days=2)
    found = availability.find_slots(
        offer, start=after, end=after + timedelta(days=7), own=(booking.chain.owner,)
    )
    return lifecycle.NewTime(availability.instant(found.starts[0]))


def _wish(booking: Booking, person: lifecycle.Actor) -> None:
    lifecycle.reschedule_by_booker(
        booking.pk,
        _another_time(booking),
        version=booking.version,
        name=booking.booker_name,
        reason="The fitter comes that morning",
    )


def _move(booking: Booking, person: lifecycle.Actor) -> None:
    moved = lifecycle.reschedule(
        booking.pk, _another_time(booking), actor=person, version=booking.version, reason="A trade fair"
    )
    _settle(moved)


def _swap(booking: Booking, person: lifecycle.Actor) -> None:
    lifecycle.reassign(
        booking.pk, leaving=None, to=None, actor=person, version=booking.version, reason="Away that day"
    )


def _ask(booking: Booking, person: lifecycle.Actor) -> None:
    lifecycle.ask_exception(
        booking.pk,
        wish="cancel",
        name=booking.booker_name,
        reason="Our car broke down, and there is no bus up there on Saturdays",
    )


def _ask_new_time(booking: Booking, person: lifecycle.Actor) -> None:
    lifecycle.ask_new_time(
        booking.pk, actor=person, version=booking.version, reason="I am at a training that morning"
    )


def _squeeze(booking: Booking, person: lifecycle.Actor) -> None:
    """Book somebody over the time of another, as a host who says so may."""
    time_wanted = lifecycle.Time(
        booking.booking_type,
        booking.location,
        booking.starts_at,
        booking.duration_minutes,
        booking.booking_hosts.get().host_id,
    )
    booker = replace(BOOKERS[11], guests=[], answers=[])
    try:
        lifecycle.book_as_host(time_wanted, booker, actor=person, as_request=False)
    except Refused as refused:
        seen = frozenset(refused.values["ids"])
        _settle(lifecycle.book_as_host(time_wanted, booker, actor=person, as_request=False, accepting=seen))


#: What is done with a booking once it stands.
_LATER = {
    "wish": _wish,
    "move": _move,
    "swap": _swap,
    "ask": _ask,
    "new time": _ask_new_time,
    "squeeze": _squeeze,
}


def _settle(booking: Booking) -> Booking:
    """Let the worker have written the calendars, of which there are none."""
    Delivery.objects.of_booking(booking.pk).open().filter(channel="calendar").update(
        state=Delivery.State.DONE, outcome={"code": "no_calendar"}, settled_at=timezone.now()
    )
    return lifecycle.settled(booking.pk) or booking


def _set_back(booking: Booking, *, by: timedelta, now: datetime) -> None:
    """Let it have been booked a while ago, and the rest have been done since, each thing with what it wrote."""
    booking.chain.bookings.filter(decide_by_at__isnull=False, status="pending", is_proposal=False).update(
        decide_by_at=max(booking.decide_by_at - by, now + timedelta(minutes=47))
        if booking.decide_by_at
        else None,
        remind_hosts_at=None,
    )
    booking.chain.bookings.filter(status="waiting").update(pay_by_at=F("pay_by_at") - by)
    steps = sorted(
        set(BookingChange.objects.filter(booking__chain=booking.chain).values_list("at", flat=True))
    )
    for n, at in reversed(list(enumerate(steps))):
        then = at - by * (1 - n / (len(steps) + 2))
        BookingChange.objects.filter(booking__chain=booking.chain, at=at).update(at=then)
        booking.chain.bookings.filter(created_at=at).update(created_at=then)
        booking.chain.bookings.filter(new_time_asked_at=at).update(new_time_asked_at=then)
        ExceptionRequest.objects.filter(booking__chain=booking.chain, asked_at=at).update(asked_at=then)
        written = booking.chain.deliveries.filter(created_at=at)
        written.filter(settled_at__isnull=False).update(settled_at=then + timedelta(seconds=4))
        written.update(created_at=then)


def _in_between(stage: Stage, *, random: Random, now: datetime) -> None:
    """One that is on its way: its calendar write hangs."""
    ledger = Ledger(stage, random, now)
    kind, hosts = stage.kinds["demo"], (stage.hosts["priya"],)
    day = now.replace(minute=0, second=0, microsecond=0)
    starts_at = _first_quiet(kind, hosts[0].pk, after=day + 26 * HOUR, now=now)
    booked_at = now - timedelta(minutes=35)
    duration = kind.default_duration
    booking = write(ledger, Fate(kind, hosts, BOOKERS[2], starts_at, duration, Status.CONFIRMING, booked_at))
    Booking.objects.filter(pk=booking.pk).update(confirm_by_at=now + 24 * HOUR)
    ledger.deliveries = [row for row in ledger.deliveries if row.channel != Delivery.Channel.CALENDAR]
    ledger.save()
    _hang(booking, hosts[0].pk, booked_at=booked_at, now=now)


def _first_quiet(kind: BookingType, host_id: int, *, after: datetime, now: datetime) -> datetime:
    """The first free time of a type with that host, else the wanted one."""
    offer = availability.load_offer(
        kind, location=kind.locations.order_by("pk").first(), duration=kind.default_duration, now=now
    )
    found = availability.find_slots(offer, start=after, end=after + timedelta(days=14))
    return next((availability.instant(start) for start in found.of(host_id).starts), after)


def _hang(booking: Booking, host_id: int, *, booked_at: datetime, now: datetime) -> None:
    """Let its calendar write have failed so far. It is a wish like any other: a calendar that is connected later gets it."""
    wish = lifecycle.write_calendar_again(booking.pk, host_id)
    assert wish is not None
    Delivery.objects.filter(pk=wish.pk).update(
        created_at=booked_at,
        claimed_at=booked_at,
        attempts=4,
        last_error="The calendar server did not answer within 10 seconds",
        next_try_at=now + 20 * HOUR,
    )


def _put_down_deliveries(now: datetime) -> None:
    """Count every mail of the demonstration as sent: none of its people has a mailbox."""
    rows = Delivery.objects.open().filter(attempts=0)
    rows.filter(channel="calendar").update(outcome={"code": "no_calendar"})
    rows.filter(channel="mail").update(outcome={"code": "sent"})
    rows.update(state=Delivery.State.DONE, attempts=1, claimed_at=F("created_at"), settled_at=F("created_at"))


def _fail_one(now: datetime) -> None:
    """One mail could not be delivered, so that a receipt with a cause and Retry can be seen."""
    row = Delivery.objects.filter(
        channel="mail",
        kind="confirmed",
        audience="booker",
        booking__status="confirmed",
        booking__starts_at__gt=now,
        payload__has_key="reader",
    )
    first = row.order_by("booking__starts_at", "pk").first()
    if first is not None:
        Delivery.objects.filter(pk=first.pk).update(
            state=Delivery.State.FAILED,
            attempts=32,
            outcome={},
            last_error="550 5.1.1 The mailbox of this address does not exist",
            settled_at=now - 2 * HOUR,
        )
