"""How the calendar that a host has connected stands: the one door through which it is written on the host.

Whoever reads and writes calendars calls these; each locks the host first. The first time a connection is found broken its
host is told by mail, once, until it has worked again.
"""

from collections.abc import Callable
from datetime import datetime

from bookings import mails, outbox
from bookings.lifecycle import effects
from bookings.lifecycle.actors import SYSTEM
from bookings.lifecycle.step import Move, begin, in_transaction, take_locks, write
from bookings.models import Booking, Delivery, Host
from bookings.rules.notices import Audience, Kind
from bookings.rules.statuses import IN_CALENDARS, Action

State = Host.CalendarState


def calendar_checked(host_id: int, *, label: str, as_of: datetime) -> Host:
    """All of it works. `label`: its name as the host knows it; `as_of`: up to when all of its busy time is known, which
    falls back where a calendar counts that was read less lately."""

    def change(host: Host, now: datetime) -> None:
        host.calendar_state, host.calendar_label = State.OK, label
        host.busy_as_of = as_of
        _mend(host)

    return _write(host_id, change)


def calendar_outdated(host_id: int) -> Host:
    """It was not read for so long that its busy time can't be relied on. What is broken stays broken, what is not connected so."""

    def change(host: Host, now: datetime) -> None:
        if host.calendar_state == State.OK:
            host.calendar_state = State.STALE

    return _write(host_id, change)


def calendar_broke(host_id: int, *, label: str, cause: Host.CalendarCause) -> Host:
    """It can't be read or written any more. `label`: the one at fault. A further cause of what is broken already replaces the one before, without a mail."""

    def change(host: Host, now: datetime) -> None:
        is_new = host.calendar_state != State.BROKEN
        host.calendar_state, host.calendar_cause, host.calendar_label = State.BROKEN, cause, label
        if is_new:
            host.calendar_broken_at = now
            _tell(host, now=now)

    return _write(host_id, change)


def calendar_removed(host_id: int) -> Host:
    """The host has none connected any more."""

    def change(host: Host, now: datetime) -> None:
        host.calendar_state, host.calendar_label, host.busy_as_of = State.NONE, "", None
        host.has_write_calendar = False
        _mend(host)

    return _write(host_id, change)


def calendar_chosen(host_id: int, *, is_written: bool) -> Host:
    """Whether bookings are written to a calendar of the host from now on; while they are, no invitation is mailed to them."""

    def change(host: Host, now: datetime) -> None:
        host.has_write_calendar = is_written

    return _write(host_id, change)


def write_calendar_again(booking_id: int, host_id: int) -> Delivery | None:
    """Wish once more that a booking stands in the calendar of one of its hosts, as after they chose another one.

    None where it is over or stands no more, or is theirs no more.
    """

    def work(now: datetime) -> Delivery | None:
        turn = begin(booking_id, actor=SYSTEM, now=now)
        booking = turn.booking
        host = next((row.host for row in turn.hosts if row.host_id == host_id), None)
        if host is None or booking.state not in IN_CALENDARS or booking.ends_at <= now:
            return None
        return effects.write_calendar_again(turn, host)[0]

    return in_transaction(work)


def calendar_astray(chain_id: int, host_id: int, *, is_removed: bool, mark: Callable[[], bool]) -> None:
    """A host moved or deleted the copy of a booking in their own calendar: tell it in the history. The booking stays as it is.

    `mark` writes down on the copy what was found there; False where that is no longer so, and then nothing is told.
    """

    def work(now: datetime) -> None:
        booking = Booking.objects.filter(
            chain=chain_id, status__in=IN_CALENDARS, is_proposal=False, ends_at__gt=now
        ).first()
        if booking is None:
            mark()
            return
        turn = begin(booking.pk, actor=SYSTEM, now=now)
        host = next((row.host for row in turn.hosts if row.host_id == host_id), None)
        if not mark() or host is None or turn.booking.state not in IN_CALENDARS:
            return
        turn.changed = {"copy": [host.name, "removed" if is_removed else "moved"]}
        write(turn, Move(turn.booking.pk, Action.ASTRAY, None, SYSTEM))

    in_transaction(work)


def _write(host_id: int, change: Callable[[Host, datetime], None]) -> Host:
    def work(now: datetime) -> Host:
        take_locks(host_ids=[host_id])
        host = Host.objects.select_related("user").get(pk=host_id)
        change(host, now)
        host.save(update_fields=_FIELDS)
        return host

    return in_transaction(work)


_FIELDS = (
    "calendar_state",
    "calendar_label",
    "busy_as_of",
    "calendar_cause",
    "calendar_broken_at",
    "has_write_calendar",
)


def _mend(host: Host) -> None:
    """Nothing is broken. A mail that says so and did not leave yet finds that out when its turn comes."""
    host.calendar_cause, host.calendar_broken_at = "", None


def _tell(host: Host, *, now: datetime) -> None:
    """Write the one mail about it. It belongs to no team, as the host may be in several."""
    if not host.user.is_active:
        return
    wish = outbox.Wish(
        channel=Delivery.Channel.MAIL,
        kind=Kind.CALENDAR_BROKEN,
        audience=Audience.HOST,
        recipient=host.user.email.strip().lower(),
        recipient_name=host.name,
        host_id=host.pk,
        payload=mails.calendar_broken_payload(host),
    )
    about = outbox.Subject(None, scope=f"calendar-{host.pk}-{now.isoformat()}")
    outbox.write([wish], about=about, now=now)
