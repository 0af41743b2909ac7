"""Calendars read into our own tables: the events of each, and from them the busy time that slots are taken off by.

A reading replaces what is known of its calendar in one transaction, or changes nothing. Busy time is never exclusive: it
is written whatever else the host has, and a booking that is there already stands.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from bookings.availability import epoch_minute
from bookings.models import BookingChain, BusyTime, Host
from bookings.rules.refusals import Refused
from calendars import found, sealing
from calendars.child import read_apart
from calendars.models import COUNTING, Calendar, CalendarAccount, CalendarEvent, KeptFile
from calendars.rules import ics

#: So far back and ahead events are kept: a month to look back, and as far as anything can be booked.
BACK, AHEAD = timedelta(days=31), timedelta(days=732)
#: A host has at most so many files, subscriptions and accounts.
MOST = 20
#: The window moves on with the days.
AGAIN_AFTER = timedelta(hours=20)
BATCH = 500
#: What a host sets of a calendar.
SET_BY_HOST = ("name", "hue", "counts_as_busy", "is_shown", "all_day_counts", "tentative_counts", "is_new")


def add_file(host: Host, data: bytes, *, file_name: str, name: str = "") -> Calendar:
    """Make a calendar of a file; `name`, else what the file calls itself, else its own name.

    Raises Refused: calendars_enough, and what `_read` refuses.
    """
    if CalendarAccount.objects.filter(host=host).count() >= MOST:
        raise Refused("calendars_enough", most=MOST)
    return add_read(host, data, _read(host, data), file_name=file_name, name=name)


def add_read(host: Host, data: bytes, reading: ics.Reading, *, file_name: str, name: str = "") -> Calendar:
    """The same of a file that was read."""
    file_name = ics.line(file_name)
    with transaction.atomic():
        hue = Calendar.objects.filter(account__host=host).count()
        account = CalendarAccount.objects.create(host=host, kind=CalendarAccount.Kind.FILE)
        named = (name or reading.name or file_name.rpartition(".")[0] or gettext("Calendar"))[:80]
        calendar = Calendar.objects.create(account=account, name=named, hue=HUES[hue % len(HUES)])
        _keep(calendar, data, file_name)
        _store(calendar, reading)
    return calendar


#: Far from each other first, so that the first calendars are told apart.
HUES = (9, 4, 12, 6, 2, 8, 10, 3, 7, 11, 5, 1)


def replace_file(calendar: Calendar, data: bytes, *, file_name: str) -> None:
    """Read a newer file into a calendar; what the old one held and the new one does not is gone. Raises what `_read` refuses."""
    reading = _read(calendar.account.host, data)
    with transaction.atomic():
        _keep(calendar, data, file_name)
        _store(calendar, reading)


def change(calendar: Calendar) -> None:
    """Save what its host set, and let its busy time follow."""
    with transaction.atomic():
        calendar.save(update_fields=[*SET_BY_HOST])
        _write_busy(calendar)


def remove(calendar: Calendar) -> None:
    """Take a calendar away, with its events, its busy time and its file."""
    with transaction.atomic():
        # After a reading that is just being stored, so that nothing of it is left.
        list(Calendar.objects.select_for_update().filter(pk=calendar.pk))
        busy_of([calendar]).delete()
        calendar.account.delete()


def read_again(pk: int) -> None:
    """Read the kept file of a calendar for the window of today. Where that fails, what was read before stays and the account says why."""
    calendar = Calendar.objects.select_related("account__host__user", "file").filter(pk=pk).first()
    if calendar is None:
        return
    content = sealing.unseal(calendar.file.content)
    try:
        if content is None:
            raise Refused("calendar_sealed")
        reading = _read(calendar.account.host, content)
    except Refused as refused:
        CalendarAccount.objects.filter(pk=calendar.account_id).update(
            state=CalendarAccount.State.UNREADABLE, error=refused.code, read_at=timezone.now()
        )
        return
    with transaction.atomic():
        _store(calendar, reading)


def due_again(now: datetime) -> list[int]:
    """Numbers of calendars whose file was read long enough ago, or for another time zone, the longest first."""
    is_due = Q(account__read_at__lt=now - AGAIN_AFTER) | Q(filled_at__isnull=True)
    due = Calendar.objects.filter(is_due, file__isnull=False)
    return list(due.order_by("account__read_at").values_list("pk", flat=True))


# -- One reading ---------------------------------------------------------------------------------------------------------


def _read(host: Host, data: bytes) -> ics.Reading:
    """Read a file in a child process. Raises Refused: calendar_too_big, calendar_not_calendar, calendar_too_many, calendar_too_heavy."""
    try:
        return read_apart(data, window_of(host, now=timezone.now()))
    except ics.Unreadable as unreadable:
        raise Refused(f"calendar_{unreadable.code}", field="file") from unreadable


def window_of(host: Host, *, now: datetime) -> ics.Window:
    return ics.Window(host.time_zone, epoch_minute(now - BACK), epoch_minute(now + AHEAD), (host.user.email,))


def _keep(calendar: Calendar, data: bytes, file_name: str) -> None:
    fields = {"name": ics.line(file_name)[-120:], "size": len(data), "content": sealing.seal(data)}
    KeptFile.objects.update_or_create(calendar=calendar, defaults=fields)


def _store(calendar: Calendar, reading: ics.Reading) -> None:
    """Replace the events of a file's calendar by those of a reading."""
    now = timezone.now()
    if store(calendar, plan(calendar, reading, began=now), at=now):
        CalendarAccount.objects.filter(pk=calendar.account_id).update(
            state=CalendarAccount.State.OK, error="", read_at=now
        )


@dataclass(frozen=True)
class Plan:
    """What a reading makes of a calendar: events to be written, new or changed, and the numbers of those that are gone.

    `since`: when the calendar had been filled that it starts from.
    """

    reading: ics.Reading
    since: datetime | None
    events: list[CalendarEvent]
    gone: list[int]


def plan(calendar: Calendar, reading: ics.Reading, *, began: datetime) -> Plan:
    """Work out what a reading changes: sealing takes its time, so it may be done before the transaction. `began`: when it was asked for."""
    host = calendar.account.host
    since = Calendar.objects.filter(pk=calendar.pk).values_list("filled_at", flat=True).first()
    invitations, links = _invitations(reading, host), found.links_in(reading, host.pk)
    stands = {
        (one.uid, one.recurrence): one
        for one in reading.occurrences
        if one.uid not in invitations
        and not ((link := links.get(one.uid)) and found.is_ours(link, one, began=began))
    }
    kept = {(row.uid, row.recurrence): row for row in CalendarEvent.objects.filter(calendar=calendar)}
    return Plan(
        reading,
        since,
        [_event(calendar, one) for key, one in stands.items() if not _is_same(kept.get(key), one)],
        [row.pk for key, row in kept.items() if key not in stands],
    )


def _is_same(row: CalendarEvent | None, one: ics.Occurrence) -> bool:
    return row is not None and (
        (row.starts, row.ends, row.is_busy, row.is_tentative)
        == (one.starts, one.ends, one.is_busy, one.is_tentative)
        and (row.first_on, row.last_on) == _days(one)
        and row.opened == (one.title, one.place)
    )


def store(calendar: Calendar, planned: Plan, *, at: datetime) -> bool:
    """Carry out a plan in the caller's transaction. An event that is the same keeps its number, and its page.

    What its host set while it was read counts. False, and nothing is done, for a calendar that was taken away meanwhile, and
    stays away, or that somebody else has filled.
    """
    rows = Calendar.objects.select_for_update(of=("self",)).select_related("account")
    stored = rows.filter(pk=calendar.pk).first()
    if stored is None or stored.filled_at != planned.since:
        return False
    for at_row in range(0, len(planned.gone), BATCH):
        CalendarEvent.objects.filter(pk__in=planned.gone[at_row : at_row + BATCH]).delete()
    CalendarEvent.objects.bulk_create(
        planned.events,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["calendar", "uid", "recurrence"],
        update_fields=["starts", "ends", "first_on", "last_on", "is_busy", "is_tentative", "words"],
    )
    reading = planned.reading
    calendar.found, calendar.skipped = reading.events, reading.skipped
    calendar.unknown_zones, calendar.filled_at = list(reading.unknown_zones), at
    calendar.save(update_fields=["found", "skipped", "unknown_zones", "filled_at"])
    _write_busy(stored)
    return True


def _invitations(reading: ics.Reading, host: Host) -> set[str]:
    """UIDs of invitations that this hub sent: their bookings stand here themselves, at the time that counts."""
    uids = sorted({one.uid for one in reading.occurrences if one.uid.startswith("bk-")})
    found: set[str] = set()
    for at in range(0, len(uids), BATCH):
        mine = BookingChain.objects.filter(uid__in=uids[at : at + BATCH], bookings__booking_hosts__host=host)
        found.update(mine.values_list("uid", flat=True))
    return found


def _event(calendar: Calendar, one: ics.Occurrence) -> CalendarEvent:
    first_on, last_on = _days(one)
    return CalendarEvent(
        calendar=calendar,
        uid=one.uid,
        recurrence=one.recurrence,
        starts=one.starts,
        ends=one.ends,
        first_on=first_on,
        last_on=last_on,
        is_busy=one.is_busy,
        is_tentative=one.is_tentative,
        words=CalendarEvent.sealed(one.title, one.place),
    )


def _days(one: ics.Occurrence) -> tuple[date | None, date | None]:
    if not one.first_on:
        return None, None
    return date.fromisoformat(one.first_on), date.fromisoformat(one.last_on)


def busy_of(calendars: Collection[Calendar]) -> QuerySet[BusyTime]:
    """The busy time that was written from some calendars of a host."""
    chains = BookingChain.objects.filter(event_links__calendar__in=calendars).values("owner")
    hosts = [calendar.account.host_id for calendar in calendars]
    mine = Q(owner__in=[calendar.owner for calendar in calendars]) | Q(owner__in=chains, host__in=hosts)
    return BusyTime.objects.filter(mine, source=BusyTime.Source.EXTERNAL)


def busy_wanted(calendars: Collection[Calendar]) -> Counter[tuple[UUID, int, int]]:
    """The busy time that the events of some calendars come to, as these are set: owner, start and end of each row."""
    events = CalendarEvent.objects.filter(COUNTING, calendar__in=calendars, ends__gt=F("starts"))
    rows = list(events.values_list("calendar__owner", "uid", "starts", "ends"))
    moved = found.owners_of({uid for _owner, uid, *_times in rows}, calendars)
    return Counter((moved.get((owner, uid), owner), starts, ends) for owner, uid, starts, ends in rows)


def _write_busy(calendar: Calendar) -> None:
    """Let the busy time of a calendar be that of its events: none for one that does not count, or an event that leaves time free.

    The time of a copy that its host moved belongs to the booking, so that this can be moved there too. Only what differs
    is written, so that a calendar of thousands is not gone over with each reading.
    """
    wanted = busy_wanted([calendar])
    gone = []
    for pk, label, *key in busy_of([calendar]).values_list("pk", "label", "owner", "starts", "ends"):
        if wanted[tuple(key)] and label == calendar.name:
            wanted[tuple(key)] -= 1
        else:
            gone.append(pk)
    for at in range(0, len(gone), BATCH):
        BusyTime.objects.filter(pk__in=gone[at : at + BATCH]).delete()
    BusyTime.objects.bulk_create(
        [
            BusyTime(
                host_id=calendar.account.host_id,
                owner=owner,
                starts=starts,
                ends=ends,
                source=BusyTime.Source.EXTERNAL,
                exclusive=False,
                label=calendar.name,
            )
            for owner, starts, ends in wanted.elements()
        ],
        batch_size=BATCH,
    )
