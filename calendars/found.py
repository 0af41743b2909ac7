"""Our own copies as they are found in a calendar: known again, not counted twice, and missed where their host took them away.

Never touches a booking: what was moved or deleted elsewhere is written down on the link and asked about.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from bookings.availability import epoch_minute
from calendars.models import Calendar, EventLink
from calendars.providers.base import Provider, Remote
from calendars.rules.ics import Occurrence, Reading, Window

_UID = re.compile(r"copy-([0-9a-f]{32})@", re.IGNORECASE)
#: So many that are missed are looked for after one reading; the next reading takes the rest.
MOST_LOOKED_FOR = 40
_BATCH = 500


def links_in(reading: Reading, host_id: int) -> dict[str, EventLink]:
    """The links of a host whose copies are among these events, by UID. A query for each 500 copies, none where there is none."""
    named = {one.uid: found[1] for one in reading.occurrences if (found := _UID.match(one.uid))}
    uids = sorted(named)
    links: dict[str, EventLink] = {}
    for at in range(0, len(uids), _BATCH):
        ids = {UUID(named[uid]): uid for uid in uids[at : at + _BATCH]}
        links |= {ids[link.pk]: link for link in EventLink.objects.filter(host=host_id, pk__in=ids)}
    return links


def is_ours(link: EventLink, one: Occurrence, *, began: datetime) -> bool:
    """Whether an event is no more than the copy that the hub wrote: the booking itself stands there and is busy.

    What is just being written, or was after `began`, may have been read in its old place.
    """
    return not link.is_wanted or not _rests(link, began) or (one.starts, one.ends) == (link.starts, link.ends)


def _rests(link: EventLink, began: datetime) -> bool:
    is_written = link.applied_revision == link.wanted_revision and link.applied_at is not None
    is_held = link.lease_until is not None and link.lease_until > began
    return is_written and not is_held and link.applied_at < began


# -- What became of them -------------------------------------------------------------------------------------------------


def compare(calendar: Calendar, reading: Reading, window: Window, *, began: datetime) -> list[EventLink]:
    """Write down which copies of a calendar stand as written and which were moved; return those that were not found.

    In the transaction of the reading. Only copies of what is still to come are looked at.
    """
    links = list(_resting(calendar, began).filter(starts__lt=window.after, ends__gt=epoch_minute(began)))
    if not links:
        return []
    stands: dict[str, list[tuple[int, int]]] = {}
    for one in reading.occurrences:
        if found := _UID.match(one.uid):
            stands.setdefault(found[1].lower(), []).append((one.starts, one.ends))
    missing = []
    for link in links:
        times = stands.get(link.pk.hex, [])
        if times:
            _found(link, times, at=began)
        else:
            missing.append(link)
    return [link for link in missing if link.state != EventLink.State.REMOVED]


def look_for(provider: Provider, calendar: Calendar, missing: Collection[EventLink], *, at: datetime) -> bool:
    """Ask the server for each copy that was not found, before anybody is told that it is gone. Raises what `find` raises.

    False where more were missing than are asked for in one go.
    """
    for link in list(missing)[:MOST_LOOKED_FOR]:
        remote = provider.find(calendar.url, link.pk.hex, href=link.href)
        if remote is None or remote.is_cancelled:
            _set(link, EventLink.State.REMOVED, None, at=at)
        else:
            _found(link, [_times(remote)], at=at)
    return len(missing) <= MOST_LOOKED_FOR


def _resting(calendar: Calendar, began: datetime) -> "Iterable[EventLink]":
    return EventLink.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=began),
        calendar=calendar,
        is_wanted=True,
        applied_revision=F("wanted_revision"),
        applied_revision__gt=0,
        applied_at__lt=began,
    )


def _times(remote: Remote) -> tuple[int, int]:
    """When a copy is; for whole days, which have no instants, nothing that any booking has."""
    if remote.starts_at is None or remote.ends_at is None:
        return (0, 0)
    return epoch_minute(remote.starts_at), epoch_minute(remote.ends_at)


def _found(link: EventLink, times: list[tuple[int, int]], *, at: datetime) -> None:
    if (link.starts, link.ends) in times:
        _set(link, EventLink.State.OK, None, at=None)
    else:
        _set(link, EventLink.State.MOVED, times[0], at=at)


def _set(link: EventLink, state: str, times: tuple[int, int] | None, *, at: datetime | None) -> None:
    """Write it down unless it is so already, or the copy was written anew meanwhile. A new finding is asked about anew."""
    starts, ends = times or (None, None)
    if (link.state, link.found_starts, link.found_ends) == (state, starts, ends):
        return
    rows = EventLink.objects.filter(
        pk=link.pk,
        is_wanted=True,
        wanted_revision=link.wanted_revision,
        applied_revision=link.applied_revision,
    )
    rows.update(state=state, found_starts=starts, found_ends=ends, found_at=at, is_let_be=False)
