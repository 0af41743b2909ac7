"""Accounts read again and again in the background: what stands in their calendars becomes our own events and busy time.

One reader at a time for each account, by a lease that is a conditional update. What fails leaves the last good busy time as
it is, says so on the account or the calendar, and is tried again later and later; other calendars and accounts go on.
"""

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from bookings import outbox
from bookings.lifecycle.step import in_transaction
from bookings.models import Host
from calendars import child, found, providers, read, standing, write
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import Failure, Gone, Provider, Unreadable
from calendars.rules import ics

logger = logging.getLogger(__name__)

#: How often an account is read that works, give or take a fifth.
EVERY = timedelta(minutes=5)
#: How long one calendar may take: more than the time limits of the wire and the child together.
LEASE = timedelta(minutes=3)
#: After the first failure, after the second, ... ; a server that asks for more patience gets it, within bounds.
FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = timedelta(seconds=30), timedelta(hours=1), timedelta(hours=6)
#: Where some of an account can be read, the rest does not keep it waiting longer.
LONGEST_PARTLY = timedelta(minutes=15)
#: A time that somebody chooses makes an account due that was read longer ago than this.
FRESH = timedelta(minutes=1)
#: So many accounts are handed out at once.
MOST = 500


class Overtaken(Exception):
    """The lease ran out, and somebody else reads the account."""


# -- What is due ---------------------------------------------------------------------------------------------------------


def due_ids(*, now: datetime) -> list[int]:
    """Accounts that are to be read now, those that wait longest first."""
    rows = _due(now).order_by(F("next_try_at").asc(nulls_first=True), "pk")
    return list(rows.values_list("pk", flat=True)[:MOST])


def _due(now: datetime) -> QuerySet[CalendarAccount]:
    return CalendarAccount.objects.exclude(kind=CalendarAccount.Kind.FILE).filter(
        Q(next_try_at__isnull=True) | Q(next_try_at__lte=now),
        Q(lease_until__isnull=True) | Q(lease_until__lt=now),
        host__user__is_active=True,
    )


def soon(accounts: Collection[int]) -> None:
    """Have accounts read at once, by the worker: they were connected or changed, or their host asks for it."""
    CalendarAccount.objects.filter(pk__in=accounts).update(next_try_at=timezone.now())
    outbox.poke_on_commit(list(accounts), task="calendars.sync")


def time_chosen(host_ids: Collection[int]) -> None:
    """Somebody begins to book a time with these hosts: read their calendars meanwhile, unless that was just done or can't be.

    Asks our own tables only; one query where nothing is due.
    """
    now = timezone.now()
    rows = CalendarAccount.objects.filter(
        host__in=host_ids, failures=0, next_try_at__gt=now, read_at__lt=now - FRESH
    ).exclude(kind=CalendarAccount.Kind.FILE)
    found = list(rows.values_list("pk", flat=True))
    if found:
        soon(found)


def zone_changed(host_id: int) -> None:
    """Have all calendars of a host read anew, files too: whole days and times without a zone are on another clock."""
    Calendar.objects.filter(account__host=host_id).update(filled_at=None)
    accounts = CalendarAccount.objects.filter(host=host_id).exclude(kind=CalendarAccount.Kind.FILE)
    soon(list(accounts.values_list("pk", flat=True)))


def mark_outdated(*, now: datetime) -> None:
    """Say of hosts whose calendars were not read for hours that their busy time can't be relied on."""
    since = now - standing.stale_after()
    stale = Host.objects.filter(calendar_state=Host.CalendarState.OK, busy_as_of__lt=since)
    for pk in stale.values_list("pk", flat=True):
        standing.settle(pk)


# -- Slow servers ----------------------------------------------------------------------------------------------------------


class _Lines:
    """The accounts that this process reads, those of one server one after the other: a slow server never keeps more than one
    thread, and no more than half of a small worker's threads read calendars at all. What comes meanwhile waits for those.
    """

    MOST_AT_ONCE = 2

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[tuple[int, str]] = deque()
        #: The servers that somebody is at.
        self._at: set[str] = set()

    def work(self, pk: int, server: str, do: Callable[[int], None]) -> None:
        """Do it in this thread, and then whatever waits that nobody is at; or leave it to the threads that are at it."""
        with self._guard:
            if (pk, server) not in self._waiting:
                self._waiting.append((pk, server))
        while (turn := self._next()) is not None:
            try:
                do(turn[0])
            finally:
                with self._guard:
                    self._at.discard(turn[1])

    def _next(self) -> tuple[int, str] | None:
        """The first that waits for a server that nobody is at."""
        with self._guard:
            if len(self._at) >= self.MOST_AT_ONCE:
                return None
            turn = next((each for each in self._waiting if each[1] not in self._at), None)
            if turn is not None:
                self._waiting.remove(turn)
                self._at.add(turn[1])
            return turn


_lines = _Lines()


def take_turn(pk: int) -> None:
    """Read an account if it is due and its server keeps nobody of this process waiting; else that is left to whoever is there."""
    account = _due(timezone.now()).filter(pk=pk).first()
    if account is not None:
        access = account.access
        _lines.work(pk, access.host if access else "", sync_account)


# -- One account -----------------------------------------------------------------------------------------------------------


@dataclass
class _Turn:
    """One reading of an account, under its lease."""

    account: CalendarAccount
    began: datetime
    lease: datetime
    #: What failed, the last one last; how many calendars there were, and how many of them could be read.
    failures: list[Failure] = field(default_factory=list)
    wanted: int = 0
    good: int = 0

    def renew(self) -> None:
        """Hold the lease for another calendar. Raises Overtaken."""
        until = timezone.now() + LEASE
        if not self.rows.update(lease_until=until):
            raise Overtaken
        self.lease = until

    @property
    def rows(self) -> QuerySet[CalendarAccount]:
        """The account, as long as it is ours to read."""
        return CalendarAccount.objects.filter(pk=self.account.pk, lease_until=self.lease)


def sync_account(pk: int) -> None:
    """Read an account that is due: each of its calendars that counts, is shown or is written. Never raises what a server does."""
    turn = _take(pk)
    if turn is None:
        return
    try:
        _read(turn)
        _settle(turn)
    except Overtaken:
        logger.warning("The reading of calendar account %s was overtaken", pk)
        return
    standing.settle(turn.account.host_id)
    if turn.good and turn.account.failures:
        # It answers again: what waits to be written need not wait for as long as it was silent.
        write.hurry(turn.account.host_id)


def _take(pk: int) -> _Turn | None:
    now = timezone.now()
    lease = now + LEASE
    if not _due(now).filter(pk=pk).update(lease_until=lease):
        return None
    return _Turn(CalendarAccount.objects.select_related("host__user").get(pk=pk), now, lease)


def _read(turn: _Turn) -> None:
    """Read the calendars one after the other; after a failure that is the server's the rest is not asked for."""
    calendars = list(_wanted(turn.account))
    turn.wanted = len(calendars)
    try:
        provider = providers.provider_of(turn.account)
    except Failure as failure:
        turn.failures.append(failure)
        return
    for calendar in calendars:
        turn.renew()
        try:
            _read_calendar(turn, provider, calendar)
        except (Gone, Unreadable) as failure:
            turn.failures.append(failure)
            Calendar.objects.filter(pk=calendar.pk).update(state=failure.state)
        except Failure as failure:
            turn.failures.append(failure)
            return
        except Overtaken:
            raise
        except Exception:
            # A fault of ours with one account must not be the end of the others, nor be tried without a pause.
            logger.exception("Calendar %s could not be read", calendar.pk)
            turn.failures.append(Failure())
            return
        else:
            turn.good += 1


def _wanted(account: CalendarAccount) -> QuerySet[Calendar]:
    is_read = (
        Q(counts_as_busy=True) | Q(is_shown=True) | Q(written_for__isnull=False) | Q(links__is_wanted=True)
    )
    return Calendar.objects.filter(is_read, account=account, is_new=False).distinct().order_by("pk")


def _read_calendar(turn: _Turn, provider: Provider, calendar: Calendar) -> None:
    """Ask whether anything changed, read what there is, and replace what was known by it.

    The token is written last: where anything comes between, all of it is read again. Raises Failure, Overtaken.
    """
    began = timezone.now()
    window = window_of(turn.account, now=began)
    is_due = calendar.filled_at is None or calendar.filled_at < began - read.AGAIN_AFTER
    contents = provider.read(calendar.url, window, token="" if is_due else calendar.token)
    token = calendar.token
    if contents is not None:
        is_whole = _store(turn, provider, calendar, contents.data, window, began)
        token = contents.token if is_whole else ""
    Calendar.objects.filter(pk=calendar.pk).update(token=token[:1000], read_at=began, state=Calendar.State.OK)


def window_of(account: CalendarAccount, *, now: datetime) -> ics.Window:
    """The window of its host, and all that invitations there call them by."""
    window = read.window_of(account.host, now=now)
    own = (*window.addresses, *map(str, account.addresses))
    return ics.Window(window.zone, window.first, window.after, own)


def _store(
    turn: _Turn, provider: Provider, calendar: Calendar, data: bytes, window: ics.Window, began: datetime
) -> bool:
    """Replace the events of a calendar, then look for those of our copies that were not among them. False where some are still to be looked for."""
    reading = _parse(data, window)
    calendar.account = turn.account
    planned = read.plan(calendar, reading, began=began)
    turn.renew()
    # Bookings lock the host and then the calendar, this the other way round: one of two that meet begins again.
    if not in_transaction(lambda _now: read.store(calendar, planned, at=began)):
        return False
    findings = found.compare(calendar, reading, window, began=began)
    return found.settle(provider, calendar, findings, at=began, hold=turn.renew)


def _parse(data: bytes, window: ics.Window) -> ics.Reading:
    """Raises Unreadable."""
    if not data.strip():
        # A server that lists nothing: there is nothing.
        return ics.Reading("", (), 0, 0, ())
    try:
        return child.read_apart(data, window, patience=child.LONG_PATIENCE)
    except ics.Unreadable as unreadable:
        raise Unreadable(f"calendar_{unreadable.code}") from unreadable


# -- What came of it -------------------------------------------------------------------------------------------------------


def _settle(turn: _Turn) -> None:
    """Write down how the account stands, and when it is read again. Raises Overtaken."""
    now = timezone.now()
    if turn.failures:
        failures, failure = turn.account.failures + 1, turn.failures[-1]
        is_partly = turn.good > 0 and isinstance(failure, (Gone, Unreadable))
        wait = wait_after(failures, failure.after, jitter=random.random())  # noqa: S311 - spreads tries, guards nothing
        fields = {
            "state": CalendarAccount.State.OK if is_partly else failure.state or CalendarAccount.State.SILENT,
            "error": failure.code,
            "failures": failures,
            "failing_since": Coalesce("failing_since", now),
            "next_try_at": now + (min(wait, LONGEST_PARTLY) if is_partly else wait),
        }
    else:
        fields = {
            "state": CalendarAccount.State.OK,
            "error": "",
            "failures": 0,
            "failing_since": None,
            "read_at": turn.began,
            "next_try_at": now + EVERY * random.uniform(0.8, 1.2),  # noqa: S311
        }
    # What was marked as due meanwhile is read again at once.
    asked_again = CalendarAccount.objects.filter(pk=turn.account.pk, next_try_at__gt=turn.began)
    if not turn.failures and asked_again.filter(next_try_at__lte=now).exists():
        del fields["next_try_at"]
    if not turn.rows.update(**fields, lease_until=None):
        raise Overtaken


def wait_after(failures: int, asked: timedelta | None, *, jitter: float) -> timedelta:
    """How long an account is left alone after so many failures in a row: at least as long as the server asked for, up to six hours."""
    wait = min(FIRST_WAIT * 2 ** min(failures - 1, 12), LONGEST_WAIT) * (1 + jitter / 4)
    return max(wait, min(asked, LONGEST_ASKED)) if asked else wait
