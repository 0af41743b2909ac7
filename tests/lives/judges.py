"""What must hold after every step of a life, worked out from the bookings themselves, and what must hold at its end."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from bookings import invariants
from bookings.models import (
    AssignmentDecision,
    Booking,
    BookingChain,
    BookingChange,
    BookingHost,
    BusyTime,
    Contact,
    ContactAlias,
    ContactChange,
    Delivery,
    ExceptionRequest,
    Guest,
    Hold,
    Payment,
    SubmittedForm,
)
from bookings.rules.statuses import FINAL, Action, Status, is_allowed
from calendars.models import Calendar
from tests.lives.far_ends import FarEnds
from tests.lives.mailboxes import replay

HOLDING = ("waiting", "pending", "confirming", "confirmed")
#: Invariants that speak of a worker or a clock that is late: a life is free to let them be.
LATE = {"delivery_late", "lease_expired", "confirming_late", "answer_late", "payment_late", "reminder_late"}

_TABLES = [
    model._meta.db_table
    for model in (
        AssignmentDecision, Booking, BookingChain, BookingChange, BookingHost, BusyTime, Contact,
        ContactAlias, ContactChange, Delivery,
        ExceptionRequest, Guest, Hold, Payment, SubmittedForm,
    )
]  # fmt: skip


def digest() -> str:
    """A hash over every row that a verb may write."""
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found.update(repr(cursor.fetchall()).encode())
    return found.hexdigest()


def state_of(chain: int) -> object:
    """All that undoing brings back: states, hosts and attendance, busy times, requests, and what waits to be sent."""
    return [
        set(
            Booking.objects.filter(chain=chain).values_list("pk", "status", "is_proposal", "is_booker_absent")
        ),
        set(BookingHost.objects.filter(booking__chain=chain).values_list("booking", "host", "was_absent")),
        set(BusyTime.objects.filter(booking__chain=chain).values_list("booking", "host", "starts", "ends")),
        set(ExceptionRequest.objects.filter(booking__chain=chain).values_list("pk", "state", "answer")),
        set(Payment.objects.filter(chain=chain).values_list("state", flat=True)),
        set(Delivery.objects.open().filter(chain=chain).values_list("pk", flat=True)),
    ]


# -- After each step -----------------------------------------------------------------------------------------------------


def moves_are_of_the_table(after: int) -> int:
    """Judge the rows of history written since `after`; returns the last one's number."""
    for pk, action, from_status, to_status in (
        BookingChange.objects.filter(pk__gt=after)
        .order_by("pk")
        .values_list("pk", "action", "from_status", "to_status")
    ):
        before = Status(from_status) if from_status else None
        move = f"{action}: {from_status or 'nothing'} -> {to_status}"
        assert is_allowed(Action(action), before, Status(to_status)), f"not in the table of moves: {move}"
        if before in FINAL and from_status != to_status:
            assert action in (Action.UNDO, Action.CORRECT), f"out of a final state: {move}"
        after = pk
    return after


def nothing_overlaps(now: datetime) -> None:
    """No host has two times at once, buffers included: from the bookings and holds, not from what the guard reads.

    What a host accepted by name is marked as an overbooking, and may.
    """
    times: dict[int, list[tuple[datetime, datetime, str, bool]]] = defaultdict(list)
    rows = BookingHost.objects.filter(booking__status__in=HOLDING).select_related("booking")
    for row in rows:
        booking = row.booking
        starts = booking.starts_at - timedelta(minutes=booking.buffer_before_minutes)
        ends = booking.ends_at + timedelta(minutes=booking.buffer_after_minutes)
        owner = f"chain {booking.chain_id}"
        times[row.host_id].append((starts, ends, owner, booking.overbooked_by_id is not None))
    for held in Hold.objects.filter(expires_at__gt=now).select_related("booking_type"):
        kind = held.booking_type
        starts = held.starts_at - timedelta(minutes=kind.buffer_before_minutes)
        ends = held.starts_at + timedelta(minutes=held.duration_minutes + kind.buffer_after_minutes)
        owner = f"chain {held.chain_id}" if held.chain_id else f"hold {held.pk}"
        for host in held.busy.values_list("host_id", flat=True):
            times[host].append((starts, ends, owner, False))
    for host, taken in times.items():
        taken.sort()
        for n, (starts, ends, owner, is_accepted) in enumerate(taken):
            for other_starts, _, other, other_is_accepted in taken[n + 1 :]:
                if other_starts >= ends:
                    break
                assert owner == other or is_accepted or other_is_accepted, (
                    f"host {host} has {owner} and {other} at {max(starts, other_starts)}"
                )


def versions_never_fall(known: dict[int, int]) -> dict[int, int]:
    present = dict(Booking.objects.values_list("pk", "version"))
    for pk, version in known.items():
        assert present.get(pk, 0) >= version, f"booking {pk} had version {version}, has {present.get(pk)}"
    return present


def chains_stand_once() -> None:
    """One row of a chain stands, and one wish beside it at most; no wish without what it would move."""
    standing: dict[int, int] = {}
    wishes: dict[int, int | None] = {}
    rows = Booking.objects.filter(status__in=HOLDING).values_list("pk", "chain", "is_proposal", "replaces")
    for pk, chain, is_wish, replaces in rows:
        if is_wish:
            assert chain not in wishes, f"chain {chain} has two open wishes"
            wishes[chain] = replaces
        else:
            assert chain not in standing, f"chain {chain} stands twice"
            standing[chain] = pk
    for chain, replaces in wishes.items():
        assert standing.get(chain) == replaces, f"the wish of chain {chain} would move what does not stand"


def cancels_follow_requests(ends: FarEnds, seen: int) -> int:
    """Nobody is taken back what can't have reached them. Judges the mails from `seen` on; returns their number."""
    for mail in ends.mails[seen:]:
        if mail.method == "CANCEL":
            asked = Delivery.objects.filter(
                chain=mail.chain, recipient=mail.recipient, method="REQUEST", claimed_at__isnull=False
            )
            assert asked.filter(pk__lt=mail.delivery).exists(), (
                f"CANCEL to {mail.recipient}, who got no REQUEST"
            )
    return len(ends.mails)


def invariants_hold(now: datetime) -> None:
    found = [str(f) for f in invariants.find_all(now=now) if f.code not in LATE]
    assert found == [], found


# -- At the end of a life ------------------------------------------------------------------------------------------------


def everything_is_settled(now: datetime) -> None:
    found = [str(f) for f in invariants.find_all(now=now, patience=timedelta(0))]
    assert found == [], found
    open_rows = list(Delivery.objects.exclude(state__in=("done", "superseded")).values_list("key", "state"))
    assert open_rows == [], open_rows
    connection.check_constraints()


def calendars_tell_the_truth(ends: FarEnds) -> None:
    """Who takes part in what is confirmed holds exactly one event, at its time; everybody else none, or a cancelled one."""
    events, stumbles = replay(ends.mails)
    assert stumbles == [], stumbles
    last_writes = {(w.chain, w.recipient): w for w in ends.calendars}
    for chain in BookingChain.objects.all():
        present = _present(chain)
        hosts = [row.host for row in present.booking_hosts.select_related("host__user")] if present else []
        _judge_mailed(chain, present, hosts, events)
        wished = {f"host:{host.pk}" for host in hosts if not host.has_write_calendar}
        _judge_written(chain, present, wished, last_writes)
    copies_stand_once(ends)


def copies_stand_once(ends: FarEnds) -> None:
    """Who writes to a calendar has one copy there of each booking that stands, at its time, and nothing else of the hub's."""
    expected: list[tuple[int, datetime, datetime, str]] = []
    for chain in BookingChain.objects.all():
        present = _present(chain)
        for row in present.booking_hosts.filter(host__has_write_calendar=True) if present else ():
            title = f"{present.booking_type.name} - {present.booker_name}"
            expected.append((row.host_id, present.starts_at, present.ends_at, title))
    stands = []
    for calendar in Calendar.objects.exclude(url="").select_related("account"):
        server = ends.servers.by_url[calendar.account.access.url]
        for event in server.events(calendar.url).values():
            times = event.decoded("DTSTART"), event.decoded("DTEND")
            stands.append((calendar.account.host_id, *times, str(event["SUMMARY"])))
    assert sorted(stands) == sorted(expected)


def _present(chain: BookingChain) -> Booking | None:
    """The booking that is in calendars: confirmed, or one that was and is over."""
    in_calendars = ("confirmed", "completed", "no_show")
    rows = [b for b in Booking.objects.filter(chain=chain) if b.status in in_calendars]
    assert len(rows) <= 1, f"{chain}: {rows} are all in calendars"
    return rows[0] if rows else None


def _judge_mailed(chain: BookingChain, present: Booking | None, hosts: list, events: dict) -> None:
    holders = {who: e for (who, uid), e in events.items() if uid == chain.uid and not e.is_cancelled}
    if present is None:
        assert holders == {}, f"{chain} is off, and stands in the calendars of {sorted(holders)}"
        return
    taking_part = {present.booker_email, *Guest.objects.filter(chain=chain).values_list("email", flat=True)}
    by_mail = taking_part | {host.user.email for host in hosts if not host.has_write_calendar}
    expected = {address.strip().lower() for address in by_mail if address}
    # A host whose calendar the hub writes to gets no second event, also where they are booker or guest as well.
    expected -= {host.user.email.lower() for host in hosts if host.has_write_calendar}
    for who, event in holders.items():
        assert (event.starts_at, event.ends_at) == (present.starts_at, present.ends_at), (
            f"{who} has {chain} at {event.starts_at}, it is at {present.starts_at}"
        )
    if present.status != "confirmed" and _was_edited_after_its_end(present):
        return
    assert sorted(holders) == sorted(expected), f"{chain} {present.status}"


def _was_edited_after_its_end(booking: Booking) -> bool:
    """Nobody is mailed any more when the address of what is over is corrected."""
    edits = booking.changes.filter(action="edit", from_status__in=("completed", "no_show"))
    return any("booker_email" in change.changed for change in edits)


def _judge_written(
    chain: BookingChain, present: Booking | None, recipients: Iterable[str], writes: dict
) -> None:
    expected = set(recipients)
    for (of_chain, recipient), write in writes.items():
        if of_chain != chain.pk or recipient in expected:
            continue
        assert write.kind == "remove", f"{chain} still stands in the calendar of {recipient}"
    for recipient in expected:
        write = writes.get((chain.pk, recipient))
        assert write is not None, f"{chain} is not in the calendar of {recipient}"
        assert write.kind == "write", f"{chain} was removed from the calendar of {recipient}"
        assert present is not None
        assert (write.starts_at, write.ends_at) == (present.starts_at, present.ends_at), (
            f"the calendar of {recipient} has {chain} at {write.starts_at}, it is at {present.starts_at}"
        )
