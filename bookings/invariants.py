"""What must hold in the database whatever happened: read, compare, report. Nothing is repaired here.

Each check reads its rows once, in order, so that the time grows with the rows and not with their pairs.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter, itemgetter

from django.db.models import Count, Exists, F, Max, OuterRef, Q

from bookings.availability import epoch_minute
from bookings.models import (
    Booking,
    BookingChain,
    BookingChange,
    BookingHost,
    BusyTime,
    Delivery,
    ExceptionRequest,
    Payment,
    SubmittedForm,
)
from bookings.rules.statuses import CALLED_OFF, HOLDING, KEEPS_VERSION, Action, Status, is_allowed

#: How long after its time a row counts as stuck: a few sweeps, and the longest that one try may take.
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """One thing that must not be: a code, the row it was seen at ("booking 12"), and what is wrong in words."""

    code: str
    subject: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.code}: {self.subject}: {self.detail}"


def find_all(*, now: datetime, patience: timedelta = PATIENCE) -> list[Finding]:
    """Run every check. `patience`: how long something may be late before it counts as stuck."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        overlaps,
        busy_rows,
        busy_orphans,
        lambda: late_deliveries(now - patience),
        lambda: late_bookings(now - patience),
        settled_deliveries,
        superseded_deliveries,
        histories,
        parts,
        live_in_chain,
        successors,
        open_requests,
        payments,
        invitations,
        sequences,
        lambda: orphans(now - patience),
    ]
    checks += [partial(check, now, patience) for check in _registered]
    return [finding for check in checks for finding in check()]


_registered: list[Callable[[datetime, timedelta], Iterator[Finding]]] = []


def register(check: Callable[[datetime, timedelta], Iterator[Finding]]) -> None:
    """Let another app's check run with the others; it is given what `find_all` is."""
    if check not in _registered:
        _registered.append(check)


# -- Busy time ---------------------------------------------------------------------------------------------------------


def overlaps() -> Iterator[Finding]:
    """Exclusive rows of one host that overlap each other and are not of one owner."""
    rows = (
        BusyTime.objects.filter(exclusive=True)
        .order_by("host_id", "starts", "pk")
        .only("host_id", "owner", "starts", "ends")
    )
    for host, of_host in groupby(rows.iterator(), key=attrgetter("host_id")):
        standing: list[BusyTime] = []
        for row in of_host:
            standing = [earlier for earlier in standing if earlier.ends > row.starts]
            for earlier in standing:
                if earlier.owner != row.owner:
                    yield Finding("overlap", f"host {host}", f"busy rows {earlier.pk} and {row.pk} overlap")
            standing.append(row)


def busy_rows() -> Iterator[Finding]:
    """Each host of a booking that holds its slot has one busy row with the booking's range; nobody else has one."""
    busy = {
        (row.booking_id, row.host_id): row
        for row in BusyTime.objects.filter(booking__isnull=False).iterator()
    }
    hosts = (
        BookingHost.objects.filter(booking__status__in=HOLDING)
        .select_related("booking__chain")
        .order_by("booking_id")
    )
    with_hosts = set()
    for part in hosts.iterator():
        with_hosts.add(part.booking_id)
        yield from _compare(part.booking, part.host_id, busy.pop((part.booking_id, part.host_id), None))
    for (booking, host), row in busy.items():
        yield Finding(
            "busy_left_over",
            f"booking {booking}",
            f"busy row {row.pk} of host {host}, who no longer holds it",
        )
    for pk in Booking.objects.holding().values_list("pk", flat=True):
        if pk not in with_hosts:
            yield Finding("no_host", f"booking {pk}", "it holds its slot and has no host")


def _compare(booking: Booking, host: int, row: BusyTime | None) -> Iterator[Finding]:
    subject = f"booking {booking.pk}"
    if row is None:
        yield Finding("busy_missing", subject, f"host {host} has no busy row")
        return
    starts = epoch_minute(booking.starts_at) - booking.buffer_before_minutes
    ends = epoch_minute(booking.ends_at) + booking.buffer_after_minutes
    if (row.starts, row.ends) != (starts, ends):
        yield Finding(
            "busy_range",
            subject,
            f"busy row {row.pk} is {row.starts}-{row.ends}, the booking {starts}-{ends}",
        )
    if row.owner != booking.chain.owner:
        yield Finding("busy_owner", subject, f"busy row {row.pk} belongs to another owner than its chain")


def busy_orphans() -> Iterator[Finding]:
    """Busy rows that name a source and don't have it."""
    rows = BusyTime.objects.filter(
        Q(source="booking", booking__isnull=True) | Q(source="hold", hold__isnull=True)
    )
    for row in rows:
        yield Finding("busy_orphan", f"busy row {row.pk}", f"its source is {row.source} and it names none")


# -- What is late ------------------------------------------------------------------------------------------------------


def late_deliveries(limit: datetime) -> Iterator[Finding]:
    """Deliveries that should have left before `limit` and are neither on their way nor done."""
    rows = Delivery.objects.open().filter(next_try_at__lt=limit)
    for row in rows.filter(lease__isnull=True).unblocked():
        yield Finding(
            "delivery_late",
            f"delivery {row.pk}",
            f"due since {row.next_try_at:%Y-%m-%d %H:%M:%S} and not taken up",
        )
    for row in Delivery.objects.open().filter(lease_until__lt=limit):
        yield Finding(
            "lease_expired",
            f"delivery {row.pk}",
            f"its lease ran out at {row.lease_until:%Y-%m-%d %H:%M:%S} and nobody took it over",
        )


def late_bookings(limit: datetime) -> Iterator[Finding]:
    """Bookings whose state should have ended before `limit`."""
    late = (
        (
            "confirming_late",
            Q(status=Status.CONFIRMING) & (Q(confirm_by_at__lt=limit) | Q(confirm_by_at__isnull=True)),
        ),
        ("answer_late", Q(status=Status.PENDING, decide_by_at__lt=limit)),
        ("payment_late", Q(status=Status.WAITING, pay_by_at__lt=limit)),
        ("reminder_late", Q(status=Status.CONFIRMED, next_reminder_at__lt=limit)),
    )
    for code, which in late:
        for booking in Booking.objects.filter(which):
            yield Finding(code, f"booking {booking.pk}", f"it is still {booking.status}")


def settled_deliveries() -> Iterator[Finding]:
    """Deliveries that are over but still leased, or don't say when they ended."""
    over = Delivery.objects.exclude(state="open")
    for row in over.filter(Q(lease__isnull=False) | Q(lease_until__isnull=False)):
        yield Finding("lease_left_over", f"delivery {row.pk}", f"it is {row.state} and still leased")
    for row in over.filter(settled_at__isnull=True):
        yield Finding("settled_when", f"delivery {row.pk}", f"it is {row.state} and does not say since when")


def superseded_deliveries() -> Iterator[Finding]:
    """Deliveries that a change made needless: of its own chain, never begun, and no longer open."""
    rows = Delivery.objects.filter(superseded_by__isnull=False)
    for row in rows.exclude(chain=F("superseded_by__chain")):
        yield Finding("superseded_astray", f"delivery {row.pk}", "what superseded it is of another chain")
    for row in rows.filter(Q(claimed_at__isnull=False) | ~Q(state="superseded")):
        yield Finding(
            "superseded_begun", f"delivery {row.pk}", f"it is {row.state} and was begun or is not superseded"
        )


# -- History -----------------------------------------------------------------------------------------------------------


def histories() -> Iterator[Finding]:
    """Each booking's history begins with version 1, leaves out none, leads from state to state and ends where the booking stands."""
    fields = ("booking_id", "pk", "version", "action", "from_status", "to_status", "hosts_after")
    changes = BookingChange.objects.order_by("booking_id", "pk").values_list(*fields)
    told = {}
    for booking, rows in groupby(changes.iterator(), key=itemgetter(0)):
        told[booking], found = _follow([row[1:] for row in rows], f"booking {booking}")
        yield from found
    hosts: dict[int, set[int]] = {}
    for booking, host in BookingHost.objects.values_list("booking_id", "host_id").iterator():
        hosts.setdefault(booking, set()).add(host)
    for pk, version, status in (
        Booking.objects.order_by("pk").values_list("pk", "version", "status").iterator()
    ):
        yield from _ends(pk, told.get(pk), (version, status, hosts.get(pk, set())))


def _follow(rows: list[tuple], subject: str) -> tuple[tuple, list[Finding]]:
    """Walk along one history; return its last row and what was wrong on the way."""
    found, version_before, status_before = [], 0, ""
    for pk, version, action, from_status, to_status, _ in rows:
        allowed = {version_before} if action in KEEPS_VERSION else {version_before + 1}
        if version not in allowed:
            found.append(
                Finding(
                    "version_gap",
                    subject,
                    f"change {pk} ({action}) has version {version} after {version_before}",
                )
            )
        if from_status != status_before:
            found.append(
                Finding(
                    "history_broken",
                    subject,
                    f"change {pk} ({action}) leaves {from_status or 'nothing'}, it was {status_before or 'nothing'}",
                )
            )
        if not is_allowed(Action(action), Status(from_status) if from_status else None, Status(to_status)):
            found.append(
                Finding(
                    "move_unknown",
                    subject,
                    f"change {pk} ({action}) leads from {from_status or 'nothing'} to {to_status}",
                )
            )
        version_before, status_before = version, to_status
    return rows[-1], found


def _ends(pk: int, last: tuple | None, stands: tuple[int, str, set[int]]) -> Iterator[Finding]:
    subject, (version, status, hosts) = f"booking {pk}", stands
    if last is None:
        yield Finding("history_missing", subject, "it has no history")
        return
    _, last_version, _, _, last_status, last_hosts = last
    if last_version != version:
        yield Finding(
            "version_differs", subject, f"it has version {version}, its history ends with {last_version}"
        )
    if last_status != status:
        yield Finding("status_differs", subject, f"it is {status}, its history ends with {last_status}")
    if set(last_hosts) != hosts:
        yield Finding(
            "hosts_differ",
            subject,
            f"its hosts are {sorted(hosts)}, its history ends with {sorted(last_hosts)}",
        )


def parts() -> Iterator[Finding]:
    """A change that another one brought about is of its chain and its moment."""
    rows = BookingChange.objects.filter(part_of__isnull=False)
    for pk in rows.exclude(chain=F("part_of__chain"), at=F("part_of__at")).values_list("pk", flat=True):
        yield Finding("part_astray", f"change {pk}", "what brought it about is of another chain or moment")


# -- Chains ------------------------------------------------------------------------------------------------------------


def live_in_chain() -> Iterator[Finding]:
    """A chain has one booking that stands, proposals aside."""
    for chain, count in (
        Booking.objects.holding()
        .filter(is_proposal=False)
        .values_list("chain")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
        .order_by("chain")
    ):
        yield Finding("two_live", f"chain {chain}", f"{count} of its bookings stand at once")


def successors() -> Iterator[Finding]:
    """What was moved has the booking that took its place; what a wish would move stands."""
    moved = Booking.objects.filter(status=Status.RESCHEDULED, is_proposal=False)
    taken = Booking.objects.filter(replaces=OuterRef("pk"), chain=OuterRef("chain"), is_proposal=False)
    for pk in moved.filter(~Exists(taken)).values_list("pk", flat=True):
        yield Finding("no_successor", f"booking {pk}", "it was moved, and nothing took its place")
    wishes = Booking.objects.filter(status=Status.PENDING, is_proposal=True)
    stands = Q(replaces__status__in=HOLDING, replaces__is_proposal=False, replaces__chain=F("chain"))
    for pk in wishes.exclude(stands).values_list("pk", flat=True):
        yield Finding("wish_astray", f"booking {pk}", "it is an open wish to move what does not stand")


def open_requests() -> Iterator[Finding]:
    """Requests for an exception wait only while their booking can still be cancelled or moved."""
    rows = ExceptionRequest.objects.filter(state="open")
    for asked in rows.exclude(booking__status__in=(Status.CONFIRMING, Status.CONFIRMED)).select_related(
        "booking"
    ):
        yield Finding(
            "exception_open",
            f"booking {asked.booking_id}",
            f"it is {asked.booking.status}, and was asked for",
        )


def payments() -> Iterator[Finding]:
    """The money of a chain goes with what became of its bookings, and is where its history says."""
    statuses: dict[int, set[str]] = {}
    of_priced = Booking.objects.filter(chain__payment__isnull=False, is_proposal=False)
    for chain, status in of_priced.values_list("chain", "status").iterator():
        statuses.setdefault(chain, set()).add(status)
    moves: dict[int, list[list[str]]] = {}
    told = BookingChange.objects.filter(chain__payment__isnull=False, changed__has_key="payment")
    for chain, changed in told.order_by("chain", "pk").values_list("chain", "changed").iterator():
        moves.setdefault(chain, []).append(changed["payment"])
    for chain in BookingChain.objects.filter(payment__isnull=False).select_related("payment").order_by("pk"):
        state = chain.payment.state
        for code, detail in _money(state, statuses.get(chain.pk, set()), moves.get(chain.pk, [])):
            yield Finding(code, f"chain {chain.pk}", detail)
    without = Q(chain__payment__isnull=True) | Q(pay_by_at__isnull=True)
    for pk in Booking.objects.filter(without, status=Status.WAITING).values_list("pk", flat=True):
        yield Finding(
            "waits_for_nothing", f"booking {pk}", "it waits for a payment, and for none or for ever"
        )
    for pk in Payment.objects.filter(chain__isnull=True).values_list("pk", flat=True):
        yield Finding("payment_orphan", f"payment {pk}", "it is of no chain")


def _money(state: str, statuses: set[str], moves: list[list[str]]) -> Iterator[tuple[str, str]]:
    """What contradicts itself in one chain: how it stands with the money, what its bookings are, what its history says."""
    off = {*CALLED_OFF, Status.RESCHEDULED}
    if state == Payment.State.DUE and statuses - {Status.WAITING, Status.CANCELLED}:
        yield "unpaid", f"its bookings are {sorted(statuses)}, and its payment is due"
    if state != Payment.State.DUE and Status.WAITING in statuses:
        yield "waits_for_nothing", f"a booking waits for a payment that is {state}"
    if state == Payment.State.PAID and statuses <= off:
        yield "refund_missing", "it is called off, and what was paid is not due back"
    if state in (Payment.State.REFUND_DUE, Payment.State.REFUNDED) and not statuses <= off:
        yield "refund_early", f"its bookings are {sorted(statuses)}, and its payment is {state}"
    if [before for before, after in moves if after == Payment.State.PAID].count(Payment.State.DUE) > 1:
        yield "paid_twice", "two changes recorded its payment"
    if not moves or moves[-1][1] != state:
        yield (
            "payment_differs",
            f"its payment is {state}, its history says {moves[-1][1] if moves else 'nothing'}",
        )


def invitations() -> Iterator[Finding]:
    """Each reader's invitations of a chain rise in SEQUENCE and DTSTAMP (RFC 5546 §2.1.5)."""
    fields = ("chain_id", "recipient", "pk", "sequence", "stamped_at")
    rows = Delivery.objects.exclude(method="").order_by("chain_id", "recipient", "pk").values_list(*fields)
    for (chain, recipient), mails in groupby(rows.iterator(), key=itemgetter(0, 1)):
        before: tuple | None = None
        for _, _, pk, sequence, stamped_at in mails:
            if sequence is None or stamped_at is None:
                yield Finding(
                    "sequence_missing", f"chain {chain}", f"delivery {pk} is an invitation without a revision"
                )
                continue
            if before is not None and not (sequence > before[0] and stamped_at > before[1]):
                yield Finding(
                    "sequence_falls",
                    f"chain {chain}",
                    f"delivery {pk} to {recipient} has no higher revision than the one before it",
                )
            before = (sequence, stamped_at)


def sequences() -> Iterator[Finding]:
    """A chain knows the highest SEQUENCE that was written for it."""
    highest = BookingChain.objects.annotate(
        mailed=Max("deliveries__sequence", filter=~Q(deliveries__method=""))
    )
    for pk, sequence, mailed in highest.filter(mailed__gt=F("sequence")).values_list(
        "pk", "sequence", "mailed"
    ):
        yield Finding("sequence_behind", f"chain {pk}", f"it stands at {sequence}, {mailed} was written")


def orphans(limit: datetime) -> Iterator[Finding]:
    """Rows whose other half is missing or belongs elsewhere."""
    for pk in BookingChain.objects.filter(bookings__isnull=True).values_list("pk", flat=True):
        yield Finding("chain_empty", f"chain {pk}", "it has no booking")
    for pk in BookingChange.objects.exclude(chain=F("booking__chain")).values_list("pk", flat=True):
        yield Finding("change_astray", f"change {pk}", "its booking belongs to another chain")
    for pk in (
        Delivery.objects.filter(booking__isnull=False)
        .exclude(chain=F("booking__chain"))
        .values_list("pk", flat=True)
    ):
        yield Finding("delivery_astray", f"delivery {pk}", "its booking belongs to another chain")
    for pk in SubmittedForm.objects.filter(booking__isnull=True, created_at__lt=limit).values_list(
        "pk", flat=True
    ):
        yield Finding("form_orphan", f"submitted form {pk}", "it was used and names no booking")
