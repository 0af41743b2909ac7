"""What the page of a booking type shows of time: a month of days, the times of one, the nearest ones, and why there are none.

Instants are epoch minutes; days and clocks are those of the booker's zone.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import localtime
from bookings.availability import Offer, epoch_minute, find_slots, instant, open_ranges_of
from bookings.models import BookingType
from bookings.rules import slots
from bookings.rules.zones import DAY, day_bounds, day_of_number, local_day, offset_spans

#: An empty month is searched ahead by so many days at first, and then to the end of the window.
_FIRST_LOOK_DAYS = 62
#: How far around a lost time the nearest ones are looked for.
_NEAR_DAYS = 14
Days = dict[date, list[int]]


@dataclass(frozen=True)
class Search:
    """Where free times are looked for: an offer, the booker's zone, one host where that was asked, and own holds that don't count.

    `chain_id`: a chain that is to be moved, which counts in no cap; `marked`: the times it has already, each with the
    word that says so. They are shown and can't be chosen.
    """

    offer: Offer
    zone: ZoneInfo
    host_id: int | None = None
    own: tuple[UUID, ...] = ()
    chain_id: int | None = None
    marked: tuple[tuple[int, str], ...] = ()

    def slots(self, first: int, after: int) -> slots.Slots:
        """What is free in [first, after), whoever hosts it."""
        if first >= after:
            return slots.NO_SLOTS
        return find_slots(
            self.offer, start=instant(first), end=instant(after), own=self.own, chain_id=self.chain_id
        )

    def starts(self, first: int, after: int) -> list[int]:
        """Free starts in [first, after)."""
        found = self.slots(first, after)
        has = {start for start, _word in self.marked}
        starts = (found if self.host_id is None else found.of(self.host_id)).starts
        return [start for start in starts if start not in has] if has else starts

    def days(self, first: date, after: date) -> Days:
        """Free starts of the local days [first, after), by day."""
        return by_day(
            self.starts(day_bounds(first, self.zone)[0], day_bounds(after, self.zone)[0]), self.zone
        )

    @property
    def last_day(self) -> date:
        """The last local day on which a booking may start."""
        return local_day(max(self.offer.rules.latest - 1, self.offer.rules.earliest), self.zone)

    @property
    def ended_on(self) -> date | None:
        """The last day of a window between dates in which nothing can begin any more; None while something can."""
        rules, kind = self.offer.rules, self.offer.booking_type
        if kind.window_kind != BookingType.Window.DATES or rules.latest > rules.earliest:
            return None
        return local_day(rules.latest - 1, self.zone)

    @property
    def first_day(self) -> date:
        return local_day(self.offer.rules.earliest, self.zone)


def by_day(starts: Sequence[int], zone: ZoneInfo) -> Days:
    """Sort starts (ascending) into local days: one cut for each day, and for each change of a clock."""
    days: Days = {}
    at = 0
    for _first, after, offset in offset_spans(starts[0], starts[-1] + 1, zone) if starts else ():
        while at < len(starts) and starts[at] < after:
            number = (starts[at] + offset) // DAY
            end = bisect_left(starts, min((number + 1) * DAY - offset, after), at)
            days.setdefault(day_of_number(number), []).extend(starts[at:end])
            at = end
    return days


# -- The month ---------------------------------------------------------------------------------------------------------


def month_start(asked: str | None, *, fallback: date, first: date, last: date | None = None) -> date:
    """The month of an address ("2027-03"), from that of `first` to three years on, or as far as `last`; else that of `fallback`."""
    try:
        month = datetime.strptime(asked or "", "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        month = fallback.replace(day=1)
    return min(max(month, first.replace(day=1)), max(last_month(first), (last or first).replace(day=1)))


def last_month(first: date) -> date:
    """The last month that is shown to who looks ahead from this day, unless more is open for booking."""
    return date(first.year + 3, first.month, 1)


def read_day(asked: str | None) -> date | None:
    """The day of an address ("2027-03-11"); None for none."""
    try:
        return date.fromisoformat(asked) if asked and len(asked) == len("2027-03-11") else None
    except ValueError:
        return None


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def previous_month(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def month_grid(
    month: date, free: Days, *, search: Search, selected: date | None, link: Any
) -> dict[str, Any]:
    """The context of the month fragment. `link(month, day)` gives the address of a month, or of a day in it."""
    today = local_day(epoch_minute(timezone.now()), search.zone)
    after = next_month(month)
    # From a month beyond the window one step leads back to its last one.
    before = min(previous_month(month), search.last_day.replace(day=1))
    count = (after - month).days
    days: list[dict[str, Any] | None] = [None] * month.weekday() + [
        _day(month + timedelta(days=n), free=free, today=today, selected=selected, link=link)
        for n in range(count)
    ]
    marks = {local_day(start, search.zone): word for start, word in search.marked}
    for cell in days:
        if cell is not None and cell["date"] in marks:
            cell["mark"] = marks[cell["date"]]
            cell["label"] = f"{cell['label']}, {cell['mark']}"
    days += [None] * (-len(days) % 7)
    return {
        "title": localtime.month(month),
        "value": f"{month:%Y-%m}",
        "prev_url": link(before, None) if before >= today.replace(day=1) else None,
        "prev_title": localtime.month(before),
        "next_url": link(after, None) if after <= search.last_day else None,
        "next_title": localtime.month(after),
        "weeks": [days[at : at + 7] for at in range(0, len(days), 7)],
    }


def _day(day: date, *, free: Days, today: date, selected: date | None, link: Any) -> dict[str, Any]:
    word = localtime.day_long(day)
    if day not in free:
        word = _("%(day)s, past") % {"day": word} if day < today else _("%(day)s, no times") % {"day": word}
    return {
        "number": str(day.day),
        "date": day,
        "url": link(day.replace(day=1), day) if day in free else None,
        "is_today": day == today,
        "is_selected": day == selected,
        "label": word,
        "mark": "",
    }


def times_of(day: date, starts: Sequence[int], *, search: Search) -> list[dict[str, Any]]:
    """The buttons of a day, and the marked times among them. Where the clocks go back, the same time comes twice, each with its offset."""
    marks = {start: word for start, word in search.marked if local_day(start, search.zone) == day}
    local = [
        (start, localtime.in_zone(instant(start), str(search.zone))) for start in sorted({*starts, *marks})
    ]
    words = [localtime.clock(value) for _start, value in local]
    alike = Counter(words)
    return [
        {
            "value": start,
            "label": word,
            "part": localtime.day_part(value),
            "note": localtime.offset(value) if alike[word] > 1 else "",
            "mark": marks.get(start, ""),
        }
        for (start, value), word in zip(local, words, strict=True)
    ]


def clock_change(month: date, zone: ZoneInfo) -> date | None:
    """The day of the month on which the clocks of the zone change, if one is still to come."""
    first, after = day_bounds(month, zone)[0], day_bounds(next_month(month), zone)[0]
    now = epoch_minute(timezone.now())
    changes = [start for start, _after, _offset in offset_spans(first, after, zone)[1:] if start > now]
    return local_day(changes[0], zone) if changes else None


# -- No dead ends --------------------------------------------------------------------------------------------------------


def next_free(search: Search, *, after: date) -> date | None:
    """The first day from `after` on with a free time; when there is none, the first one before it."""
    rules = search.offer.rules
    edge = day_bounds(after, search.zone)[0]
    near = edge + _FIRST_LOOK_DAYS * DAY
    for first, end in (
        (edge, min(near, rules.latest)),
        (near, rules.latest),
        (rules.earliest, min(edge, rules.latest)),
    ):
        starts = search.starts(max(first, rules.earliest), end)
        if starts:
            return local_day(starts[0], search.zone)
    return None


def why_empty(month: date, *, search: Search) -> str:
    """The rule that leaves a month without times, as a sentence."""
    rules = search.offer.rules
    first, after = day_bounds(month, search.zone)[0], day_bounds(next_month(month), search.zone)[0]
    name = localtime.month(month)
    if ended := search.ended_on:
        return _("Booking ended on %(day)s.") % {"day": localtime.day(ended)}
    if first >= rules.latest:
        return _("%(month)s is not open for booking yet. Times are offered until %(day)s.") % {
            "month": name,
            "day": localtime.day(search.last_day),
        }
    if after <= rules.earliest:
        return _("%(month)s is too soon. %(rule)s") % {"month": name, "rule": _earliest_words(search)}
    if _has_hours(search, max(first, rules.earliest), min(after, rules.latest)):
        return _("%(month)s is fully booked.") % {"month": name}
    return _("No times are offered in %(month)s.") % {"month": name}


def why_no_times(day: date, *, search: Search) -> str:
    """The rule that leaves a chosen day without times, as a sentence."""
    rules = search.offer.rules
    first, after = day_bounds(day, search.zone)
    name = localtime.day(day)
    if ended := search.ended_on:
        return _("Booking ended on %(day)s.") % {"day": localtime.day(ended)}
    if after <= epoch_minute(timezone.now()):
        return _("%(day)s has passed.") % {"day": name}
    if after <= rules.earliest:
        return _("%(day)s is too soon. %(rule)s") % {"day": name, "rule": _earliest_words(search)}
    if first >= rules.latest:
        return _("%(day)s is not open for booking yet. Times are offered until %(last)s.") % {
            "day": name,
            "last": localtime.day(search.last_day),
        }
    if _has_hours(search, max(first, rules.earliest), min(after, rules.latest)):
        return _("%(day)s is fully booked.") % {"day": name}
    return _("No times are offered on %(day)s.") % {"day": name}


def _has_hours(search: Search, first: int, after: int) -> bool:
    """Whether there would be times if nobody had booked anything."""
    offer = search.offer
    reach = slots.reading_window(offer.rules, start=first, end=after)
    opening = open_ranges_of(offer, reach)
    times = [slots.HostTime(part.host_id, opening[part.host_id]) for part in offer.pool]
    found = slots.free_slots(
        offer.rules,
        times,
        assignment=offer.booking_type.assignment,
        fixed=offer.fixed,
        start=first,
        end=after,
    )
    return bool(found if search.host_id is None else found.of(search.host_id))


def _earliest_words(search: Search) -> str:
    """Which rule keeps the first days closed: the notice, or the date from which the type is open."""
    notice = search.offer.booking_type.minimum_notice_minutes
    if search.offer.rules.earliest > epoch_minute(timezone.now()) + notice + 1:
        return _("Times are offered from %(day)s.") % {"day": localtime.day(search.first_day)}
    return _("Times have to be booked at least %(span)s ahead.") % {"span": localtime.span(notice)}


def nearest(search: Search, *, start: int, count: int = 3) -> list[int]:
    """Up to `count` free starts before a time and as many after it, the nearest ones, in order."""
    starts = search.starts(start - _NEAR_DAYS * DAY, start + _NEAR_DAYS * DAY)
    earlier = [minute for minute in starts if minute < start]
    later = [minute for minute in starts if minute > start]
    return earlier[-count:] + later[:count]
