"""What happened before the demonstration began: finished bookings, written as rows with the history they would have."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings

from bookings import meetings
from bookings.availability import epoch_minute
from bookings.contacts import find_or_create
from bookings.demo.bookers import ANSWERS, BOOKERS, REASONS
from bookings.demo.cast import Stage
from bookings.lifecycle import Booker
from bookings.lifecycle.booking import wall_time
from bookings.links import new_nonce
from bookings.models import (
    Booking,
    BookingChain,
    BookingChange,
    BookingHost,
    BookingType,
    BusyTime,
    Contact,
    Delivery,
    Host,
    Payment,
    User,
)
from bookings.rules.statuses import HOLDING, Action, Status
from bookings.rules.words import search_text
from bookings.rules.zones import local_minutes, zone

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: (type, who hosts it, how often of a hundred)
_MIX = (
    ("demo", ("ana", "ben", "priya"), 44),
    ("advice", ("ana", "priya", "maxi"), 26),
    ("onboarding", ("ana", "tomas"), 16),
    ("survey", ("tomas",), 6),
    ("review", ("ines", "marcus"), 8),
)
_ENDS = (
    (Status.COMPLETED, 74),
    (Status.NO_SHOW, 9),
    (Status.CANCELLED, 9),
    (Status.DECLINED, 5),
    (Status.RESCHEDULED, 3),
)
_STARTS = (9 * 60, 9 * 60 + 30, 10 * 60, 11 * 60, 13 * 60 + 30, 14 * 60, 14 * 60 + 30, 15 * 60 + 30, 16 * 60)
_ROOM = timedelta(minutes=30)
#: These forget their appointments more often than others, so that a record shows.
_FORGETFUL = ("rutger@bos.example", "giulia@bellomo.example")


@dataclass(frozen=True)
class Fate:
    """One booking as it went: who, what, when, with whom, and how it ended."""

    kind: BookingType
    hosts: tuple[Host, ...]
    booker: Booker
    starts_at: datetime
    duration: int
    status: Status
    booked_at: datetime
    reason: str = ""
    replaces: Booking | None = None


@dataclass
class Ledger:
    """Rows to be written together, and what is taken already so that nothing overlaps."""

    stage: Stage
    random: Random
    now: datetime
    contacts: dict[tuple[int, str], Contact | None] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    hosts: list[BookingHost] = field(default_factory=list)
    changes: list[BookingChange] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    busy: list[BusyTime] = field(default_factory=list)
    taken: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=lambda: defaultdict(list))

    def is_free(self, hosts: tuple[Host, ...], starts_at: datetime, ends_at: datetime) -> bool:
        """Whether nothing lies there already, with room for the longest buffer on both sides."""
        first, last = starts_at - _ROOM, ends_at + _ROOM
        return all(last <= begun or first >= over for host in hosts for begun, over in self.taken[host.pk])

    def save(self) -> None:
        BookingHost.objects.bulk_create(self.hosts)
        BookingChange.objects.bulk_create(self.changes)
        Delivery.objects.bulk_create(self.deliveries)
        BusyTime.objects.bulk_create(self.busy)


def relate(stage: Stage, *, random: Random, now: datetime) -> None:
    """Write four weeks of finished bookings, some of today, and what waits to be recorded."""
    ledger = Ledger(stage, random, now)
    today = now.astimezone(zone("Europe/Berlin")).date()
    for back in range(28, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() < 5:
            for _ in range(random.choice((3, 4, 5, 6))):
                _one(ledger, day)
    _to_record(ledger)
    ledger.save()


def _one(ledger: Ledger, day: date) -> None:
    key, names, _share = ledger.random.choices(_MIX, [share for *_rest, share in _MIX])[0]
    kind = ledger.stage.kinds[key]
    chosen = names if kind.assignment == "collective" else (ledger.random.choice(names),)
    hosts = tuple(ledger.stage.hosts[name] for name in chosen)
    duration = ledger.random.choice(kind.durations)
    starts_at = _instant(day, ledger.random.choice(_STARTS), hosts[0].time_zone)
    if not ledger.is_free(hosts, starts_at, starts_at + timedelta(minutes=duration)):
        return
    booker = ledger.random.choice(BOOKERS)
    status = ledger.random.choices([end for end, _n in _ENDS], [n for _end, n in _ENDS])[0]
    if kind.is_priced and status is Status.DECLINED:
        status = Status.COMPLETED  # it is confirmed once it is paid
    if booker.email in _FORGETFUL and ledger.random.random() < 0.6:
        status = Status.NO_SHOW
    booked_at = starts_at - timedelta(days=ledger.random.randint(2, 9), minutes=ledger.random.randint(0, 600))
    reason = ledger.random.choice(REASONS) if status in (Status.CANCELLED, Status.RESCHEDULED) else ""
    old = write(ledger, Fate(kind, hosts, booker, starts_at, duration, status, booked_at, reason))
    if status is Status.RESCHEDULED:
        _moved(ledger, old, hosts, booker)


def _moved(ledger: Ledger, old: Booking, hosts: tuple[Host, ...], booker: Booker) -> None:
    """The newer booking that a rescheduled one became: the day after, and over by now."""
    starts_at = old.starts_at + timedelta(days=1, hours=1)
    while starts_at < ledger.now and not ledger.is_free(
        hosts, starts_at, starts_at + (old.ends_at - old.starts_at)
    ):
        starts_at += timedelta(minutes=30)
    is_over = starts_at + (old.ends_at - old.starts_at) < ledger.now
    status = Status.COMPLETED if is_over else Status.CONFIRMED
    write(
        ledger,
        Fate(
            old.booking_type,
            hosts,
            booker,
            starts_at,
            old.duration_minutes,
            status,
            old.starts_at - timedelta(hours=20),
            replaces=old,
        ),
    )


def _to_record(ledger: Ledger) -> None:
    """Confirmed ones that are over and of which nobody has said yet how they went: the latest that working hours allow."""
    for n, (key, names) in enumerate(
        (("demo", ("ben",)), ("onboarding", ("ana", "tomas")), ("advice", ("ana",)))
    ):
        kind = ledger.stage.kinds[key]
        hosts = tuple(ledger.stage.hosts[name] for name in names)
        starts_at = _latest_free(ledger, hosts, kind.default_duration)
        write(
            ledger,
            Fate(
                kind,
                hosts,
                BOOKERS[n * 3],
                starts_at,
                kind.default_duration,
                Status.CONFIRMED,
                starts_at - timedelta(days=3, hours=n),
            ),
        )


def _latest_free(ledger: Ledger, hosts: tuple[Host, ...], duration: int) -> datetime:
    """The last start within working hours that is over by now and free for all of them."""
    length, day = timedelta(minutes=duration), ledger.now.date()
    while True:
        for minute in reversed(_STARTS):
            starts_at = _instant(day, minute, hosts[0].time_zone)
            if (
                day.weekday() < 5
                and starts_at + length < ledger.now
                and ledger.is_free(hosts, starts_at, starts_at + length)
            ):
                return starts_at
        day -= timedelta(days=1)


def write(ledger: Ledger, fate: Fate) -> Booking:
    """Write one booking with its chain, and note its hosts, history, mails and busy time for saving."""
    kind, place = fate.kind, fate.kind.locations.order_by("pk").first()
    zone_name = fate.hosts[0].time_zone if kind.assignment == "solo" else kind.team.time_zone
    chain = fate.replaces.chain if fate.replaces else _chain(ledger, fate)
    booking = Booking(
        chain=chain,
        team=kind.team,
        booking_type=kind,
        location=place,
        status=fate.status,
        replaces=fate.replaces,
        starts_at=fate.starts_at,
        ends_at=fate.starts_at + timedelta(minutes=fate.duration),
        buffer_before_minutes=kind.buffer_before_minutes,
        buffer_after_minutes=kind.buffer_after_minutes,
        zone=zone_name,
        wall_start=wall_time(fate.starts_at, zone_name),
        booker_name=fate.booker.name,
        booker_email=fate.booker.email,
        booker_phone=fate.booker.phone,
        search_text=search_text(
            name=fate.booker.name, email=fate.booker.email, phone=fate.booker.phone, reference=chain.reference
        ),
        booker_zone=fate.booker.zone,
        booker_language=fate.booker.language,
        notes=fate.booker.notes,
        answers=answers(kind, ledger.random),
        policy_snapshot=kind.policy.as_json(),
        source=ledger.random.choices(
            (Booking.Source.PAGE, Booking.Source.MANUAL, Booking.Source.API), (80, 17, 3)
        )[0],
        created_at=fate.booked_at,
        is_booker_absent=fate.status is Status.NO_SHOW,
    )
    if fate.status not in (Status.DECLINED, Status.WAITING):
        booking.meeting_url = meetings.link_at_once(booking)
    if booking.source == Booking.Source.MANUAL:
        booking.created_by = fate.hosts[0].user
    steps = _steps(fate, booking)
    booking.version = steps[-1].version
    booking.save(force_insert=True)
    ledger.hosts += [BookingHost(booking=booking, host=host, position=n) for n, host in enumerate(fate.hosts)]
    ledger.changes += steps
    ledger.deliveries += _deliveries(fate, booking)
    _occupy(ledger, fate, booking)
    return booking


def answers(kind: BookingType, random: Random) -> list[dict[str, Any]]:
    """Answers as a booker would have given them, in the shape that a booking keeps."""
    given = []
    for question in kind.questions.all():
        offered = tuple(question.options) or ANSWERS[question.kind]
        given.append({"question": question.pk, "label": question.label, "answer": random.choice(offered)})
    return given


def _chain(ledger: Ledger, fate: Fate) -> BookingChain:
    key = (fate.kind.team_id, fate.booker.email or fate.booker.phone)
    if key not in ledger.contacts:
        ledger.contacts[key] = find_or_create(
            fate.kind.team, name=fate.booker.name, email=fate.booker.email, phone=fate.booker.phone
        )
    return BookingChain.objects.create(
        team=fate.kind.team,
        payment=_payment(fate),
        reference="BK-" + "".join(ledger.random.choice(_ALPHABET) for _ in range(7)),
        owner=uuid.UUID(int=ledger.random.getrandbits(128), version=4),
        uid=f"bk-{uuid.UUID(int=ledger.random.getrandbits(128), version=4)}@{settings.HUB_MAIL_DOMAIN}",
        link_nonce=new_nonce(),
        contact=ledger.contacts[key],
        organizer=settings.HUB_ORGANIZER,
        sequence=0,
        stamped_at=fate.booked_at.replace(microsecond=0),
        created_at=fate.booked_at,
    )


def _payment(fate: Fate) -> Payment | None:
    """What was paid for it, and given back where it was called off."""
    kind, is_off = fate.kind, fate.status is Status.CANCELLED
    if not kind.is_priced:
        return None
    return Payment.objects.create(
        state=Payment.State.REFUNDED if is_off else Payment.State.PAID,
        amount_cents=kind.price_cents,
        currency=kind.currency,
        instructions=kind.payment_instructions,
        leads_to=Status.CONFIRMING,
        paid_at=fate.booked_at + timedelta(hours=5),
        refunded_at=fate.starts_at - timedelta(hours=2) if is_off else None,
    )


def _steps(fate: Fate, booking: Booking) -> list[BookingChange]:
    """The rows of history that end in the status of a fate."""
    host = fate.hosts[0].user
    booker = ("booker", fate.booker.name, None)
    system = ("system", "System", None)
    person = ("person", host.name, host)
    maker = person if booking.source == Booking.Source.MANUAL else booker
    over = booking.ends_at + timedelta(minutes=12)
    asked = fate.kind.approval == BookingType.Approval.ALWAYS or fate.status is Status.DECLINED
    rows: list[tuple[str, str, str, datetime, tuple[str, str, User | None], str]] = []
    if fate.kind.is_priced and fate.replaces is None:
        rows.append((Action.BOOK, "", Status.WAITING, fate.booked_at, maker, ""))
        paid_at = fate.booked_at + timedelta(hours=5)
        rows.append((Action.PAY, Status.WAITING, Status.CONFIRMING, paid_at, person, "Transfer"))
    elif asked:
        rows.append((Action.BOOK, "", Status.PENDING, fate.booked_at, maker, ""))
        if fate.status is Status.DECLINED:
            rows.append(
                (
                    Action.DECLINE,
                    Status.PENDING,
                    Status.DECLINED,
                    fate.booked_at + timedelta(hours=3),
                    person,
                    "Fully booked that day",
                )
            )
            return _changes(rows, fate, booking)
        rows.append(
            (
                Action.CONFIRM,
                Status.PENDING,
                Status.CONFIRMING,
                fate.booked_at + timedelta(hours=2),
                person,
                "",
            )
        )
    else:
        rows.append((Action.BOOK, "", Status.CONFIRMING, fate.booked_at, maker, ""))
    if fate.status is Status.CONFIRMING:
        return _changes(rows, fate, booking)
    rows.append(
        (Action.SETTLE, Status.CONFIRMING, Status.CONFIRMED, rows[-1][3] + timedelta(seconds=2), system, "")
    )
    if fate.status is Status.COMPLETED:
        rows.append((Action.COMPLETE, Status.CONFIRMED, Status.COMPLETED, over, person, ""))
    elif fate.status is Status.NO_SHOW:
        rows.append((Action.BOOKER_NO_SHOW, Status.CONFIRMED, Status.NO_SHOW, over, person, ""))
    elif fate.status is Status.CANCELLED:
        rows.append(
            (
                Action.CANCEL,
                Status.CONFIRMED,
                Status.CANCELLED,
                booking.starts_at - timedelta(hours=26),
                booker,
                fate.reason,
            )
        )
        if fate.kind.is_priced:
            given_back_at = booking.starts_at - timedelta(hours=2)
            rows.append((Action.REFUND, Status.CANCELLED, Status.CANCELLED, given_back_at, person, ""))
    elif fate.status is Status.RESCHEDULED:
        rows.append(
            (
                Action.RESCHEDULE,
                Status.CONFIRMED,
                Status.RESCHEDULED,
                booking.starts_at - timedelta(hours=20),
                booker,
                fate.reason,
            )
        )
    return _changes(rows, fate, booking)


#: What the history of a priced booking says of its money.
_MONEY = {
    Action.BOOK: {"payment": ["", "due"]},
    Action.PAY: {"payment": ["due", "paid"]},
    Action.CANCEL: {"payment": ["paid", "refund_due"]},
    Action.REFUND: {"payment": ["refund_due", "refunded"]},
}


def _changes(rows: list[Any], fate: Fate, booking: Booking) -> list[BookingChange]:
    version, made = 0, []
    # What was moved was paid for when it was booked.
    money = _MONEY if fate.kind.is_priced and fate.replaces is None else {}
    ids = [host.pk for host in fate.hosts]
    for action, before, after, at, (kind, name, user), reason in rows:
        version += action != Action.SETTLE
        made.append(
            BookingChange(
                booking=booking, chain=booking.chain, at=at, actor_kind=kind, actor=user, actor_name=name, action=action, from_status=before, to_status=after, version=version,
                reason=reason, changed=money.get(action, {}), team_before=booking.team if before else None, team_after=booking.team, hosts_before=ids if before else [], hosts_after=ids,
            )
        )  # fmt: skip
    return made


def _deliveries(fate: Fate, booking: Booking) -> list[Delivery]:
    """The receipts of what went out: the calendar writes and mails of a confirmed booking, and the end of a called-off one."""
    at = fate.booked_at + timedelta(
        hours=2 if fate.kind.approval == BookingType.Approval.ALWAYS else 0, seconds=4
    )
    rows = (
        []
        if fate.status is Status.DECLINED
        else [
            _delivery(booking, "calendar", "write", "host", f"host:{h.pk}", h.name, at, host=h)
            for h in fate.hosts
        ]
    )
    if fate.status is Status.CONFIRMING:
        return rows
    if booking.booker_email:
        kind = "declined" if fate.status is Status.DECLINED else "confirmed"
        rows.append(_delivery(booking, "mail", kind, "booker", booking.booker_email, booking.booker_name, at))
        if fate.status is Status.CANCELLED:
            rows.append(
                _delivery(
                    booking,
                    "mail",
                    "cancelled",
                    "booker",
                    booking.booker_email,
                    booking.booker_name,
                    booking.starts_at - timedelta(hours=26),
                )
            )
    return rows


def _delivery(
    booking: Booking,
    channel: str,
    kind: str,
    audience: str,
    recipient: str,
    name: str,
    at: datetime,
    *,
    host: Host | None = None,
) -> Delivery:
    return Delivery(
        key=f"demo:{booking.pk}:{channel}:{kind}:{recipient}",
        team=booking.team, chain=booking.chain, booking=booking, version=booking.version, channel=channel, kind=kind, audience=audience, recipient=recipient, recipient_name=name,
        host=host, message_id=f"<demo-{booking.pk}-{kind}-{audience}-{host.pk if host else 0}@{settings.HUB_MAIL_DOMAIN}>", state=Delivery.State.DONE, created_at=at, next_try_at=at,
        attempts=1, claimed_at=at, settled_at=at + timedelta(seconds=1), outcome={"code": "no_calendar" if channel == "calendar" else "sent"},
    )  # fmt: skip


def _occupy(ledger: Ledger, fate: Fate, booking: Booking) -> None:
    starts = booking.starts_at - timedelta(minutes=booking.buffer_before_minutes)
    ends = booking.ends_at + timedelta(minutes=booking.buffer_after_minutes)
    if fate.status in (Status.COMPLETED, Status.NO_SHOW) or fate.status in HOLDING:
        for host in fate.hosts:
            ledger.taken[host.pk].append((starts, ends))
    if fate.status in HOLDING:
        ledger.busy += [
            BusyTime(
                host=host,
                owner=booking.chain.owner,
                starts=epoch_minute(starts),
                ends=epoch_minute(ends),
                source=BusyTime.Source.BOOKING,
                booking=booking,
            )
            for host in fate.hosts
        ]


def _instant(day: date, minute: int, zone_name: str) -> datetime:
    found = local_minutes(day, minute, zone(zone_name))
    if found is None:
        found = local_minutes(day, minute + 120, zone(zone_name)) or 0
    return datetime.fromtimestamp(found * 60, UTC)
