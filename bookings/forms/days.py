"""The hours of one date: those of the week, other ones, or none."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.forms.hours import MOST_ROWS, Row, read_rows, row_of, rows_from
from bookings.rules.hours import Interval

WEEK, HOURS, CLOSED = "week", "hours", "closed"
#: What the names of the rows' fields end with: from-day, to-day.
ROWS = "day"


class DayForm(forms.Form):
    """One date; `intervals` after `is_valid()`: sorted, empty for closed, None where the week holds.

    `own`: what is set for the date; `weekly`: the hours of its weekday, where other hours begin; `usual`: what holds
    when nothing is set, in words.
    """

    choice = forms.ChoiceField(label=gettext_lazy("Hours of this day"), widget=forms.RadioSelect)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        own: Sequence[Interval] | None,
        weekly: Sequence[Interval],
        usual: str,
    ) -> None:
        super().__init__(data, initial={"choice": WEEK if own is None else HOURS if own else CLOSED})
        self.fields["choice"].choices = [
            (WEEK, usual),
            (CLOSED, _("Closed all day")),
            (HOURS, _("Other hours")),
        ]
        self.rows = rows_from(data, f"-{ROWS}") if data is not None else [row_of(p) for p in own or weekly]
        self.intervals: list[Interval] | None = None

    @property
    def shown(self) -> list[Row]:
        return self.rows or [Row()]

    def press(self) -> bool:
        """Do what a button other than the deed asks of the rows; tell whether one was pressed."""
        remove = str(self.data.get("remove", ""))
        if "add" in self.data:
            if len(self.rows) < MOST_ROWS:
                self.rows.append(Row())
        elif remove.startswith(f"{ROWS}-") and remove[len(ROWS) + 1 :].isdecimal() and len(remove) < 8:
            at = int(remove[len(ROWS) + 1 :])
            del self.rows[at : at + 1]
        else:
            return False
        return True

    def is_valid(self) -> bool:
        """As any form; a row that is wrong says so itself, and is no fault of the choice above it."""
        return super().is_valid() and not any(row.error for row in self.rows)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("choice") == CLOSED:
            self.intervals = []
        elif values.get("choice") == HOURS:
            self.intervals = self._read()
        return values

    def _read(self) -> list[Interval]:
        filled = [row for row in self.rows if not row.is_empty]
        if not filled:
            self.add_error("choice", _("Say from when to when, or mark the day as closed."))
            return []
        return sorted(read_rows(filled) or [])
