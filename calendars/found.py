"""Our own copies as they are found in a calendar: known again, not counted twice, and missed where their host took them away.

Never touches a booking: what was moved or deleted elsewhere is written down on the link and asked about.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from bookings import lifecycle
from bookings.availability import epoch_minute, instant
from bookings.elsewhere import Astray
from bookings.models import BookingHost
from bookings.rules.statuses import IN_CALENDARS
from calendars.models import Calendar, EventLink
from calendars.providers.base import Provider, Remote
from calendars.rules.ics import Occurrence, Reading, Window

_UID = re.compile(r"copy-([0-9a-f]{32})@", re.IGNORECASE)
#: So many that are missed are looked for after one reading; the next reading takes the rest.
MOST_LOOKED_FOR = 40
_BATCH = 500


def links_in(reading: Reading, host_id: int) -> dict[str, EventLink]:
    """The links whose copies are among these events, by UID: a host's, and in a calendar that hosts share those of others for
    the bookings that they host together. A query for each 500 copies, none where there is none.
    """
    named = {one.uid: found[1] for one in reading.occurrences if (found := _UID.match(one.uid))}
    uids = sorted(named)
    links: dict[str, EventLink] = {}
    for at in range(0, len(uids), _BATCH):
        ids = {UUID(named[uid]): uid for uid in uids[at : at + _BATCH]}
        together = BookingHost.objects.filter(
            host=host_id, booking__chain=OuterRef("chain"), booking__status__in=IN_CALENDARS
        )
        rows = EventLink.objects.filter(Q(host=host_id) | Exists(together), pk__in=ids)
        links |= {ids[link.pk]: link for link in rows}
    return links


def owners_of(uids: Collection[str], calendars: Collection[Calendar]) -> dict[tuple[UUID, str], UUID]:
    """The owners of the busy time of bookings whose copies are among some events, by the owner of their calendar and UID. No query where there is none."""
    ids = {UUID(named[1]): uid for uid in uids if (named := _UID.match(uid))}
    if not ids:
        return {}
    links = EventLink.objects.filter(pk__in=ids, calendar__in=calendars)
    rows = links.values_list("pk", "calendar__owner", "chain__owner")
    return {(calendar, ids[pk]): owner for pk, calendar, owner in rows}


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


@dataclass(frozen=True)
class Finding:
    """A copy as it stands: `times` in epoch minutes, None where it is not there."""

    link: EventLink
    times: tuple[int, int] | None


def compare(calendar: Calendar, reading: Reading, window: Window, *, began: datetime) -> list[Finding]:
    """Look for the copies of a calendar among its events, those of what is still to come. One query."""
    links = _resting(calendar, began).filter(starts__lt=window.after, ends__gt=epoch_minute(began))
    stands: dict[str, list[tuple[int, int]]] = {}
    for one in reading.occurrences:
        if found := _UID.match(one.uid):
            stands.setdefault(found[1].lower(), []).append((one.starts, one.ends))
    return [Finding(link, _nearest(link, stands.get(link.pk.hex, []))) for link in links]


def settle(
    provider: Provider,
    calendar: Calendar,
    findings: Collection[Finding],
    *,
    at: datetime,
    hold: Callable[[], None],
) -> bool:
    """Write down what was found; ask the server for what was missed before anybody is told that it is gone.

    `hold` is called before each question. False where more was missed than is asked for in one go. Raises what `find` raises.
    """
    looked_for = 0
    for finding in findings:
        link = finding.link
        if finding.times is not None:
            _note(finding, at=at)
        elif link.state != EventLink.State.REMOVED:
            looked_for += 1
            if looked_for > MOST_LOOKED_FOR:
                return False
            hold()
            remote = provider.find(calendar.url, link.pk.hex, href=link.href)
            is_there = remote is not None and not remote.is_cancelled
            _note(Finding(link, _times(remote) if is_there else None), at=at)
    return True


def _resting(calendar: Calendar, began: datetime) -> QuerySet[EventLink]:
    """Copies that stand as wanted, as far as the hub knows, and have since before `began`."""
    return EventLink.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lt=began),
        calendar=calendar,
        is_wanted=True,
        applied_revision=F("wanted_revision"),
        applied_revision__gt=0,
        applied_at__lt=began,
    )


def _nearest(link: EventLink, times: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Where a copy stands that its host may have made a series of: as written, if it also does so."""
    wanted = (link.starts, link.ends)
    return wanted if wanted in times else next(iter(times), None)


def _times(remote: Remote) -> tuple[int, int]:
    """When a copy is; for whole days, which have no instants, nothing that any booking has."""
    if remote.starts_at is None or remote.ends_at is None:
        return (0, 0)
    return epoch_minute(remote.starts_at), epoch_minute(remote.ends_at)


def _note(finding: Finding, *, at: datetime) -> None:
    """Write down what is new of a copy. That it was moved or deleted is told once, in the history of its booking."""
    link, times = finding.link, finding.times
    if times is None:
        state, starts, ends = EventLink.State.REMOVED, None, None
    elif times == (link.starts, link.ends):
        state, starts, ends = EventLink.State.OK, None, None
    else:
        state, (starts, ends) = EventLink.State.MOVED, times
    if (link.state, link.found_starts, link.found_ends) == (state, starts, ends):
        return

    def mark() -> bool:
        """False where the copy was written anew meanwhile."""
        rows = EventLink.objects.filter(
            pk=link.pk,
            is_wanted=True,
            wanted_revision=link.wanted_revision,
            applied_revision=link.applied_revision,
        )
        found_at = None if state == EventLink.State.OK else at
        return bool(
            rows.update(state=state, found_starts=starts, found_ends=ends, found_at=found_at, is_let_be=False)
        )

    if state == EventLink.State.OK:
        mark()
    else:
        lifecycle.calendar_astray(link.chain_id, link.host_id, is_removed=times is None, mark=mark)


# -- Asked about ---------------------------------------------------------------------------------------------------------


def astray_of(chains: Collection[int]) -> dict[int, list[Astray]]:
    """The copies of these chains that wait for an answer, by chain. One query."""
    asked: dict[int, list[Astray]] = defaultdict(list)
    for link in questions().filter(chain__in=chains).select_related("calendar").order_by("found_at"):
        asked[link.chain_id].append(_astray(link))
    return asked


def questions() -> QuerySet[EventLink]:
    """Copies that are astray and not let be."""
    return EventLink.objects.filter(
        is_wanted=True,
        is_let_be=False,
        calendar__isnull=False,
        found_at__isnull=False,
        state__in=(EventLink.State.MOVED, EventLink.State.REMOVED),
    )


def _astray(link: EventLink) -> Astray:
    # What lasts whole days was found at no minute of its own.
    times = [instant(at) if at else None for at in (link.starts, link.found_starts, link.found_ends)]
    is_removed = link.state == EventLink.State.REMOVED
    assert link.found_at is not None
    return Astray(link.pk, link.host_id, link.calendar.name, is_removed, *times, link.found_at)
