"""Accounts at calendar servers: connected, tried, chosen from, signed in to again, disconnected.

Whoever calls `connect`, `test` or `sign_in` was asked by a person who waits: the server is asked first, for PATIENCE at
most, and only then a transaction is opened. All else here touches no network.
"""

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from bookings.lifecycle.step import in_transaction, take_locks
from bookings.models import Host
from bookings.rules.refusals import Refused
from calendars import providers, read, standing, sync, write
from calendars.models import Access, Calendar, CalendarAccount
from calendars.providers.base import CalendarInfo, Failure, Silent
from calendars.rules import ics

#: Seconds that a person waits for a server, whatever it does.
PATIENCE = 10
#: So many calendars of one account are taken in.
MOST = 40


@dataclass(frozen=True)
class Found:
    """What a server said it holds: calendars that are there, those that were not there before, and those that are no more."""

    there: int
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def connect(host: Host, kind: CalendarAccount.Kind, access: Access, *, name: str = "") -> CalendarAccount:
    """Sign in at a server (or look at a feed) and take in its calendars: all of them count as busy and are shown.

    Raises Refused: calendars_enough, calendar_connected, and the code of the provider's failure.
    """
    _refuse_more(host, kind, access)
    account = CalendarAccount(host=host, kind=kind, secret=CalendarAccount.sealed(access))
    infos = _ask_politely(account)
    account.name = _name_of(account, access, infos, typed=name)

    def work(now: datetime) -> CalendarAccount:
        take_locks(host_ids=[host.pk])
        _refuse_more(host, kind, access)
        account.pk = None
        account.save(force_insert=True)
        _take_in(account, infos)
        standing.settle(host.pk)
        sync.soon([account.pk])
        return account

    return in_transaction(work)


def _refuse_more(host: Host, kind: str, access: Access) -> None:
    rows = list(CalendarAccount.objects.filter(host=host))
    if len(rows) >= read.MOST:
        raise Refused("calendars_enough", most=read.MOST)
    for row in rows:
        there = row.access if row.kind == kind else None
        if there and (there.url.rstrip("/"), there.username) == (access.url.rstrip("/"), access.username):
            raise Refused("calendar_connected", name=row.name)


def _name_of(account: CalendarAccount, access: Access, infos: Sequence[CalendarInfo], *, typed: str) -> str:
    """What an account is called until its host says otherwise: a feed by its calendar, a server by its host, and a second one
    of the same name by both, or by a number."""
    own = infos[0].name if not access.username and infos else ""
    name = ics.line(typed or own)[:80] or access.host[:80]
    taken = set(CalendarAccount.objects.filter(host=account.host).values_list("name", flat=True))
    by_host = [f"{name[:40]} ({access.host})"[:80]] if name != access.host else []
    numbered = [f"{name[:70]} {number}" for number in range(2, read.MOST + 2)]
    return next(free for free in (name, *by_host, *numbered) if free not in taken)


# -- Asking ------------------------------------------------------------------------------------------------------------------


def test(account: CalendarAccount) -> Found:
    """Ask a server what it holds now, and write down what came of it. Raises Refused: the code of the provider's failure."""
    try:
        infos = _ask(account)
    except Failure as failure:
        standing.failed(account.pk, failure)
        raise Refused(failure.code) from failure
    return _works(account, infos)


def sign_in(account: CalendarAccount, access: Access) -> Found:
    """Keep another user name, password or address of a feed, once the server takes it; what was chosen stays.

    Raises Refused: the code of the provider's failure, and then nothing is changed.
    """
    before = account.secret
    account.secret = CalendarAccount.sealed(access)
    try:
        infos = _ask_politely(account)
    except Refused:
        account.secret = before
        raise
    CalendarAccount.objects.filter(pk=account.pk).update(secret=account.secret)
    # What an address of a feed calls its contents says nothing about another one's.
    Calendar.objects.filter(account=account).update(token="")
    return _works(account, infos)


def _ask_politely(account: CalendarAccount) -> list[CalendarInfo]:
    try:
        return _ask(account)
    except Failure as failure:
        raise Refused(failure.code) from failure


def _ask(account: CalendarAccount) -> list[CalendarInfo]:
    """The calendars at the server. Raises Failure; Silent when it took too long, though the call may go on: it changes nothing."""
    answer: Future[list[CalendarInfo]] = Future()

    def call() -> None:
        try:
            answer.set_result(providers.provider_of(account, seconds=PATIENCE).calendars())
        except Exception as error:  # whatever it is, it is raised where somebody waits for it
            answer.set_exception(error)

    # Of its own and left behind when it hangs: nobody waits for it at the end, and it ends with the process.
    threading.Thread(target=call, name="calendar-account", daemon=True).start()
    try:
        return answer.result(timeout=PATIENCE)
    except TimeoutError as error:
        raise Silent from error


def _works(account: CalendarAccount, infos: Sequence[CalendarInfo]) -> Found:
    """A server answered: take in what it holds, read it soon, and let what waits for it go."""

    def work(now: datetime) -> Found:
        _lock(account.host_id)
        found = _take_in(account, infos)
        standing.worked(account.pk)
        sync.soon([account.pk])
        write.hurry(account.host_id)
        return found

    return in_transaction(work)


def _take_in(account: CalendarAccount, infos: Sequence[CalendarInfo]) -> Found:
    """Let the rows of an account be the calendars that are there. One that is gone keeps its row, so that its host sees it.

    At first all count and are shown; one that comes later does neither until its host has looked at it.
    """
    known = {row.url: row for row in Calendar.objects.filter(account=account)}
    is_first, room = not known, MOST - len(known)
    hues = Calendar.objects.filter(account__host=account.host_id).count()
    new: list[str] = []
    for info in infos:
        row = known.pop(info.url, None)
        if row is not None:
            is_back = row.state == Calendar.State.GONE
            row.can_write, row.state = info.can_write, Calendar.State.OK if is_back else row.state
            row.save(update_fields=["can_write", "state"])
        elif len(new) < room:
            Calendar.objects.create(
                account=account,
                name=ics.line(info.name)[:80] or account.name,
                url=info.url,
                can_write=info.can_write,
                hue=read.HUES[(hues + len(new)) % len(read.HUES)],
                counts_as_busy=is_first,
                is_shown=is_first,
                is_new=not is_first,
            )
            new.append(info.name)
    Calendar.objects.filter(pk__in=[row.pk for row in known.values()]).update(state=Calendar.State.GONE)
    addresses = sorted({address for info in infos for address in info.addresses})
    CalendarAccount.objects.filter(pk=account.pk).update(addresses=addresses)
    return Found(len(infos), tuple(new), tuple(row.name for row in known.values()))


# -- Choosing ----------------------------------------------------------------------------------------------------------------


def choose(account: CalendarAccount, calendars: Collection[Calendar], *, write_to: Calendar | None) -> None:
    """Save what a host wants of the calendars of an account, and where their bookings are written from now on (None: nowhere)."""

    def work(now: datetime) -> None:
        _lock(account.host_id)
        account.save(update_fields=["name"])
        for calendar in calendars:
            _change(calendar)
        _write_to(account.host_id, write_to)
        standing.settle(account.host_id)

    in_transaction(work)


def change(calendar: Calendar) -> None:
    """Save what a host set on the page of one calendar."""

    def work(now: datetime) -> None:
        _lock(calendar.account.host_id)
        _change(calendar)
        standing.settle(calendar.account.host_id)

    in_transaction(work)


def _change(calendar: Calendar) -> None:
    """Save it, let its busy time follow at once as far as it is known, and have the rest read soon."""
    calendar.is_new = False
    read.change(calendar)
    if calendar.account.is_remote:
        sync.soon([calendar.account_id])


def _write_to(host_id: int, calendar: Calendar | None) -> None:
    before = Calendar.objects.filter(written_for=host_id).first()
    if before == calendar:
        return
    if before is not None:
        Calendar.objects.filter(pk=before.pk).update(written_for=None)
    if calendar is not None:
        Calendar.objects.filter(pk=calendar.pk).update(written_for=host_id)
    write.calendar_changed(host_id)


# -- Leaving -----------------------------------------------------------------------------------------------------------------


def disconnect(account: CalendarAccount) -> None:
    """Take an account away with all that was read of it. What was written there stays there: nothing reaches it any more."""
    _leave(account.host_id, Calendar.objects.filter(account=account), then=account.delete)


def forget(calendar: Calendar) -> None:
    """Take away one calendar that is gone at its server; its account stays."""
    _leave(calendar.account.host_id, Calendar.objects.filter(pk=calendar.pk), then=calendar.delete)


def _leave(host_id: int, calendars: QuerySet[Calendar], *, then: Callable[[], object]) -> None:
    def work(now: datetime) -> None:
        # After a reading that is just being stored, so that nothing of it is left.
        _lock(host_id)
        leaving = list(calendars.select_related("account").all())
        read.busy_of(leaving).delete()
        then()
        standing.settle(host_id)
        if any(calendar.written_for_id for calendar in leaving):
            write.calendar_changed(host_id)

    in_transaction(work)


def _lock(host_id: int) -> None:
    """Lock all accounts of a host, their calendars, then the host: as a reading that is being stored does, which comes to the
    host last, with its busy time. Any other order, and the two wait for each other."""
    list(CalendarAccount.objects.select_for_update().filter(host=host_id).order_by("pk").values_list("pk"))
    rows = Calendar.objects.select_for_update(of=("self",)).filter(account__host=host_id)
    list(rows.order_by("pk").values_list("pk"))
    take_locks(host_ids=[host_id])
