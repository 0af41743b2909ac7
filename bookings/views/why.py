"""Why is this time not offered? A day of a type, start by start: what is on offer, and what is in the way of the rest."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings import localtime
from bookings.availability import epoch_minute, instant
from bookings.bookable import types_for
from bookings.explained import Explained, explain
from bookings.models import BookingType, Location, TypeHost, User
from bookings.rules.why import Cause, Reason, stretches
from bookings.rules.zones import day_bounds, local_day, local_minutes, zone
from bookings.views.booking_month import read_day
from bookings.views.signed_in import signed_in
from bookings.views.why_words import Teller, Told

#: So many hosts stand side by side; more have to be chosen.
MOST_HOSTS = 6
#: Lists keep step in so many rows (static/css/why.css); beyond, each runs for itself.
MOST_ROWS = 60
#: Days this far from today can be asked about.
FURTHEST = timedelta(days=3 * 366)
#: What is said once, of the type, where that is shown too.
OF_TYPE = {Cause.PAST, Cause.TOO_SOON, Cause.NOT_YET, Cause.TOO_LATE, Cause.TYPE_FULL, Cause.PLACE}
#: What the hosts say in detail.
TOGETHER = {Cause.NEEDED, Cause.NONE_FREE}


@signed_in
@require_safe
def type_why(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, for managers of the type's team and its hosts."""
    managed = BookingType.objects.editable_by(request.user).filter(pk=OuterRef("pk"))
    kind = get_object_or_404(types_for(request.user).annotate(is_managed=Exists(managed)), pk=pk)
    asked = _read(request, kind)
    first, after = day_bounds(asked.day, zone(request.user.time_zone))
    found = explain(
        kind,
        location=asked.location,
        duration=asked.duration,
        first=first,
        after=after,
        reader=request.user,
        is_manager=kind.is_managed,
        now=asked.now,
    )
    context = {"kind": kind, "asked": asked, "zone": localtime.zone_name(instant(first), request.user)}
    if found:
        context |= _page_of(asked, found, Teller(found, request.user, kind.is_managed))
    return render(request, "setup/why.html", context)


# -- What is asked -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What the address asks about; what it does not say, or says wrongly, is what is most likely meant."""

    kind: BookingType
    reader: User
    now: datetime
    day: date
    time: str
    locations: Sequence[Location]
    location: Location | None
    duration: int
    host: str

    @property
    def start(self) -> int | None:
        """The instant that is asked about; None where no time is, or where the clocks skip it."""
        if not self.time:
            return None
        hour, minute = self.time.split(":")
        return local_minutes(self.day, int(hour) * 60 + int(minute), zone(self.reader.time_zone))

    @property
    def today(self) -> date:
        return local_day(epoch_minute(self.now), zone(self.reader.time_zone))

    @property
    def before_url(self) -> str:
        return self.address(day=self.day - timedelta(days=1)) if self.day > self.today - FURTHEST else ""

    @property
    def after_url(self) -> str:
        return self.address(day=self.day + timedelta(days=1)) if self.day < self.today + FURTHEST else ""

    @property
    def booking_url(self) -> str:
        """Where a time of this day can be booked for somebody."""
        return f"{reverse('bookings:new_booking')}?{self._query(type=self.kind.pk)}"

    def address(self, **other: Any) -> str:
        return f"?{self._query(host=self.host, time=self.time, **other)}"

    def _query(self, **more: Any) -> str:
        values = {
            "day": self.day,
            "location": self.location.pk if self.location else "",
            "duration": self.duration,
            **more,
        }
        return urlencode({name: value for name, value in values.items() if value})


def _read(request: HttpRequest, kind: BookingType) -> Asked:
    said, now = request.GET, timezone.now()
    today = local_day(epoch_minute(now), zone(request.user.time_zone))
    day = read_day(said.get("day"))
    places = list(kind.locations.filter(archived_at__isnull=True))
    lengths = [minutes for minutes in kind.durations if str(minutes) == said.get("duration")]
    return Asked(
        kind=kind,
        reader=request.user,
        now=now,
        day=day if day and abs(day - today) <= FURTHEST else today,
        time=_clock(said.get("time", "")),
        locations=places,
        location=next(
            (place for place in places if str(place.pk) == said.get("location")),
            places[0] if places else None,
        ),
        duration=lengths[0] if lengths else kind.default_duration,
        host=said.get("host", ""),
    )


def _clock(written: str) -> str:
    """A time of day as a field for it sends: "14:00"; "" for anything else."""
    try:
        return f"{datetime.strptime(written[:5], '%H:%M'):%H:%M}"  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        return ""


# -- What is shown -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """Neighbouring starts, `number` of them, with one thing in their way, or on offer (`told` is None).

    `span`: how many rows it takes, to keep step with the stretches beside it.
    """

    when: str
    number: int
    told: Told | None
    is_asked: bool
    span: int


@dataclass(frozen=True)
class Column:
    """What is in the way of the type as a whole (`part` is None), or of one of its hosts."""

    part: TypeHost | None
    rows: Sequence[Row]


def _page_of(asked: Asked, found: Explained, teller: Teller) -> dict[str, Any]:
    # One's own first.
    parts = sorted(found.parts, key=lambda part: part.host.user_id != asked.reader.pk)
    chosen = [part for part in parts if str(part.host_id) == asked.host]
    shown: list[TypeHost | None] = [*(chosen or parts[:MOST_HOSTS])]
    if len(parts) > 1 and (found.offer.booking_type.assignment != "solo" or not found.offer.pool):
        shown.insert(0, None)
    columns = _columns(asked, found, teller, shown)
    rows = sum(row.span for row in columns[0].rows)
    return {
        "parts": parts,
        "chosen": chosen[0] if chosen else None,
        "hidden": 0 if chosen else len(parts[MOST_HOSTS:]),
        "shown": MOST_HOSTS,
        "columns": columns,
        "rows": rows,
        "is_aligned": rows <= MOST_ROWS,
        "answer": _answer(asked, found, teller),
    }


def _columns(
    asked: Asked, found: Explained, teller: Teller, parts: Sequence[TypeHost | None]
) -> list[Column]:
    reasons = [found.of[part.host_id] if part else found.whole for part in parts]
    cut = [stretches(found.starts, each) for each in reasons]
    edges = sorted({stretch.first for column in cut for stretch in column})
    clocks = _clocks(found.starts, asked.reader)
    at = asked.start if asked.start in found.starts else -1
    return [
        Column(
            part,
            [
                Row(
                    when=clocks[first] if first == last else f"{clocks[first]}–{clocks[last]}",
                    number=_count(found.starts, first, last),
                    told=_tell(teller, reason, part, is_beside=parts[0] is None),
                    is_asked=first <= at <= last,
                    span=_count(edges, first, last),
                )
                for first, last, reason in column
            ],
        )
        for part, column in zip(parts, cut, strict=True)
    ]


def _tell(teller: Teller, reason: Reason | None, part: TypeHost | None, *, is_beside: bool) -> Told | None:
    """Say a reason; one of the type briefly where it stands beside what holds for the type."""
    if reason is None:
        return None
    told = teller.tell(reason, part)
    is_brief = is_beside and part is not None and reason.cause in OF_TYPE
    return told._replace(detail="", url="", action="") if is_brief else told


def _count(minutes: Sequence[int], first: int, last: int) -> int:
    """How many of these, in order, lie from the first to the last."""
    return bisect_right(minutes, last) - bisect_left(minutes, first)


@dataclass(frozen=True)
class Answer:
    """What holds at the time that is asked about. `problem`: why it is no start at all; `told` is None where it is on offer."""

    clock: str
    problem: str = ""
    told: Told | None = None
    hosts: Sequence[tuple[TypeHost, Told]] = ()


def _answer(asked: Asked, found: Explained, teller: Teller) -> Answer | None:
    if not asked.time:
        return None
    if asked.start is None:
        return Answer(asked.time, _("The clocks skip this time on that day."))
    clock = localtime.clock(localtime.in_zone(instant(asked.start), asked.reader))
    if asked.start not in found.starts:
        return Answer(clock, _off_grid(asked, found))
    at = found.starts.index(asked.start)
    reason = found.whole[at]
    if reason is None:
        return Answer(clock)
    pool = found.offer.pool
    told = teller.tell(reason, pool[0] if len(pool) == 1 else None)
    blocked = [] if reason.cause not in TOGETHER else [part for part in pool if found.of[part.host_id][at]]
    hosts = [(part, teller.tell(found.of[part.host_id][at], part)) for part in blocked[:MOST_HOSTS]]
    return Answer(clock, told=told, hosts=hosts)


def _off_grid(asked: Asked, found: Explained) -> str:
    """Which starts there are instead."""
    clocks, span = _clocks(found.starts, asked.reader), localtime.span(found.case.rules.interval)
    before = [clocks[start] for start in found.starts if start < asked.start][-1:]
    after = [clocks[start] for start in found.starts if start > asked.start][:1]
    if before and after:
        return _("Bookings start every %(span)s, nearest at %(before)s and %(after)s.") % {
            "span": span,
            "before": before[0],
            "after": after[0],
        }
    nearest = "".join(before + after)
    return _("Bookings start every %(span)s, nearest at %(time)s.") % {"span": span, "time": nearest}


def _clocks(starts: Sequence[int], reader: User) -> dict[int, str]:
    """How each start reads; where the clocks go back, with the offset that tells two of them apart."""
    local = {start: localtime.in_zone(instant(start), reader) for start in starts}
    words = {start: localtime.clock(at) for start, at in local.items()}
    twice = {word for word, number in Counter(words.values()).items() if number > 1}
    return {
        start: f"{word} ({localtime.offset(local[start])})" if word in twice else word
        for start, word in words.items()
    }


urlpatterns = [path("types/<int:pk>/why/", type_why, name="type_why")]
