"""How a host's calendars stand, all together: the one place that derives the plain columns of the host from their accounts.

Files count for nothing here: they are not connected to anything. Of an account what counts is what is taken for busy or
written to; a calendar that is only looked at breaks nothing.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from bookings import lifecycle
from bookings.lifecycle.step import in_transaction, take_locks
from bookings.models import Host
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import Failure

#: A server may be silent, or send what can't be read, for so long before its host is told.
PATIENCE = timedelta(hours=1)

_Cause = Host.CalendarCause
_AT_ONCE = (_Cause.REFUSED, _Cause.GONE)


def worked(account_id: int) -> None:
    """A call to an account went well: nothing is wrong with it any more."""
    CalendarAccount.objects.filter(pk=account_id).update(
        state=CalendarAccount.State.OK, error="", failures=0, failing_since=None
    )
    _settle_of(account_id)


def failed(account_id: int, failure: Failure) -> None:
    """A call to an account failed. When it is tried again, whoever called it decides."""
    account = CalendarAccount.objects.filter(pk=account_id)
    if failure.state is not None:
        account.update(
            state=failure.state,
            error=failure.code,
            failures=F("failures") + 1,
            failing_since=Coalesce("failing_since", timezone.now()),
        )
    _settle_of(account_id)


def lost(calendar_id: int, failure: Failure) -> None:
    """The account works, but one of its calendars is gone or can't be read. Whoever reads it again says when that is over."""
    states = {state.value for state in Calendar.State}
    if failure.state in states:
        Calendar.objects.filter(pk=calendar_id).update(state=failure.state)
    host_id = Calendar.objects.filter(pk=calendar_id).values_list("account__host", flat=True).first()
    if host_id is not None:
        settle(host_id)


def stale_after() -> timedelta:
    """How old busy time may be that is relied on."""
    return timedelta(hours=settings.HUB_CALENDAR_STALE_HOURS)


def _settle_of(account_id: int) -> None:
    host_id = CalendarAccount.objects.filter(pk=account_id).values_list("host", flat=True).first()
    if host_id is not None:
        settle(host_id)


def settle(host_id: int) -> None:
    """Write down how a host's calendars stand together, and tell the host once where they have broken.

    Called after whatever changed an account, a calendar or a choice, and by the clock, as time alone makes them stale.
    """

    def work(now: datetime) -> None:
        # Read under the lock, so that of two who settle the later one has seen what the other one saw.
        take_locks(host_ids=[host_id])
        _derive(Host.objects.get(pk=host_id), now)

    in_transaction(work)


def _derive(host: Host, now: datetime) -> None:
    counting = _counting(host.pk)
    if not counting:
        if host.has_calendar or host.has_write_calendar:
            lifecycle.calendar_removed(host.pk)
        return
    is_written = counting[0].written_for_id is not None
    if host.has_write_calendar != is_written:
        lifecycle.calendar_chosen(host.pk, is_written=is_written)
    for calendar in counting:
        if cause := cause_of(calendar, now=now):
            lifecycle.calendar_broke(host.pk, label=label_of(calendar), cause=cause)
            return
    read = [_known_until(one.account) for one in counting if one.counts_as_busy]
    as_of = min(read, default=now)
    lifecycle.calendar_checked(host.pk, label=label_of(counting[0]), as_of=as_of)
    if as_of < now - stale_after():
        lifecycle.calendar_outdated(host.pk)


def _counting(host_id: int) -> list[Calendar]:
    """The calendars that bookings depend on; the one that is written to first."""
    rows = Calendar.objects.filter(account__host=host_id).exclude(account__kind=CalendarAccount.Kind.FILE)
    rows = rows.filter(Q(counts_as_busy=True) | Q(written_for=host_id)).select_related("account")
    return sorted(rows, key=lambda row: row.written_for_id is None)


def _known_until(account: CalendarAccount) -> datetime:
    """Up to when its busy time is known; one that was just connected is about to be read."""
    return account.read_at or account.created_at


def cause_of(calendar: Calendar, *, now: datetime) -> _Cause | None:
    """Why a calendar can't be relied on. A server that has only just begun to fail is still waited for."""
    account = calendar.account
    state = account.state if account.state != CalendarAccount.State.OK else calendar.state
    if state == CalendarAccount.State.OK:
        return None
    since = account.failing_since or _known_until(account)
    return _Cause(state) if state in _AT_ONCE or since <= now - PATIENCE else None


def label_of(calendar: Calendar) -> str:
    """What a calendar is called where all calendars of a host are meant: its own name and that of its account."""
    account = calendar.account
    return f"{calendar.name} ({account.name})" if account.name not in ("", calendar.name) else calendar.name
