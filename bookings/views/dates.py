"""The dates of a host or a place: a month that marks those on which other hours hold than in the week, and the form for one.

Dates are of the owner's zone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bookinghub.htmx import wants_fragment
from bookings import localtime
from bookings.forms.days import DayForm
from bookings.forms.hours import hours_words
from bookings.models import DateOverride
from bookings.rules.hours import HourRules, Reason, day_hours, day_reason
from bookings.views.booking_month import last_month, month_start, next_month, previous_month, read_day

#: As far ahead as the hours of a day can be set.
FURTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Dates:
    """Whose dates they are, and where they are shown: the page of a month ("2027-03"), the form for a day.

    `rules` and `overrides` hold from the month of `today` on. `notes`: what was written down for the days away.
    """

    rules: HourRules
    overrides: Sequence[DateOverride]
    today: date
    page_url: str
    day_url: Callable[[date], str]
    remove_url: Callable[[DateOverride], str]
    notes: Sequence[tuple[date, date, str]] = ()

    def note(self, on: date) -> str:
        return next((note for first, last, note in self.notes if first <= on <= last), "")


# -- The month -----------------------------------------------------------------------------------------------------------


def dates_context(dates: Dates, *, month: str | date | None, first_weekday: int) -> dict[str, Any]:
    """What `setup/_dates.html` shows: a month, and the dates with hours of their own from today on.

    `month`: what an address asks for ("2027-03"), or a day of it.
    """
    asked = month.strftime("%Y-%m") if isinstance(month, date) else month
    first = month_start(asked, fallback=dates.today, first=dates.today)
    before, after = previous_month(first), next_month(first)
    cells: list[dict[str, Any] | None] = [None] * ((first.weekday() - first_weekday) % 7)
    cells += [_cell(dates, first + timedelta(days=n)) for n in range((after - first).days)]
    cells += [None] * (-len(cells) % 7)
    return {
        "title": localtime.month(first),
        "prev_url": _month_url(dates, before) if after > next_month(dates.today) else "",
        "next_url": _month_url(dates, after) if after <= last_month(dates.today) else "",
        "weeks": [cells[at : at + 7] for at in range(0, len(cells), 7)],
        "first_weekday": first_weekday,
        "overrides": [
            {
                "on": row.on,
                "words": hours_words(dates.rules.overrides[row.on]),
                "is_open": bool(row.intervals),
                "url": dates.day_url(row.on),
                "remove_url": dates.remove_url(row),
            }
            for row in dates.overrides
            if row.on >= dates.today
        ],
    }


def _month_url(dates: Dates, first: date) -> str:
    return f"{dates.page_url}?month={first:%Y-%m}#dates"


def _cell(dates: Dates, on: date) -> dict[str, Any]:
    mark, words = _mark(dates, on)
    return {
        "date": on,
        "number": on.day,
        "url": dates.day_url(on) if on >= dates.today else "",
        "is_today": on == dates.today,
        "mark": mark,
        "label": f"{localtime.day_long(on)}: {words}",
    }


def _mark(dates: Dates, on: date) -> tuple[str, str]:
    """How a day is marked, and why, in words: "away", "holiday", "other" and "closed" differ from the week; "open" and "off" don't."""
    reason, words = day_reason(dates.rules, on), hours_words(day_hours(dates.rules, on))
    if reason is Reason.AWAY:
        return "away", ", ".join(filter(None, (_("Out of office"), dates.note(on))))
    if reason is Reason.HOLIDAY:
        return "holiday", dates.rules.holidays[on]
    is_open = bool(day_hours(dates.rules, on))
    if reason is Reason.OVERRIDE:
        return ("other" if is_open else "closed"), words
    return ("open" if is_open else "off"), words


# -- One day -------------------------------------------------------------------------------------------------------------


def edit_day(
    request: HttpRequest,
    dates: Dates,
    on: date,
    *,
    whose: str,
    booked: int,
    save: Callable[[Sequence[tuple[int, int]]], None],
    clear: Callable[[], None],
    done: Callable[[], HttpResponse],
) -> HttpResponse:
    """The form for one day, in a dialog or as a page: the hours of the week, other ones, or closed.

    `whose`: the name of the host or place; `booked`: how many bookings lie on the day; `save`, `clear` and `done` do
    what was chosen, and answer.
    """
    usual = dates.rules._replace(overrides={}, away=())
    form = DayForm(
        request.POST if request.method == "POST" else None,
        weekly=dates.rules.weekly[on.weekday()],
        own=dates.rules.overrides.get(on),
        usual=_usual_words(usual, on),
    )
    is_sent = form.is_bound and not form.press()
    if is_sent and form.is_valid():
        if form.intervals is None:
            clear()
        else:
            save(form.intervals)
        return done()
    context = {
        "form": form,
        "action": dates.day_url(on),
        "title": localtime.day_full(on),
        "subtitle": whose,
        "on": on,
        "is_away": day_reason(dates.rules, on) is Reason.AWAY,
        "note": dates.note(on),
        "booked": booked,
        "target": "#dates",
        "safe": _("Back"),
        "deed": _("Set hours"),
        "back_url": _month_url(dates, on),
    }
    fragment = "setup/_day_dialog.html"
    template = fragment if wants_fragment(request) else "bookings/dialog_page.html"
    return render(request, template, {**context, "fragment": fragment}, status=422 if is_sent else 200)


def _usual_words(usual: HourRules, on: date) -> str:
    """What holds without hours of its own: the day of the week, or the public holiday."""
    if on in usual.holidays:
        return _("Closed: %(holiday)s") % {"holiday": usual.holidays[on]}
    return _("As every week: %(hours)s") % {"hours": hours_words(usual.weekly[on.weekday()])}


def read_date(words: str, *, today: date) -> date:
    """The date of an address, if its hours can still be set; else 404."""
    on = read_day(words)
    if on is None or not today <= on <= today + FURTHEST:
        raise Http404
    return on
