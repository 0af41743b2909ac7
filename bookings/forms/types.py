"""One booking type as a form: what it is, when, where and by which rules. Its hosts and its questions have forms of their own."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import localtime, slugs
from bookings.forms.lines import LinesField
from bookings.forms.places import LocationForm
from bookings.models import BookingType, Location, Team
from bookings.models.fields import HUES, validate_line
from bookings.rules.hours import FURTHEST_END, LONGEST_DURATION

MOST_DURATIONS = 6
NOTICE_UNITS = ((1, gettext_lazy("minutes")), (60, gettext_lazy("hours")), (1440, gettext_lazy("days")))
_DATE = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), "required": False}
#: A window between dates opens in this century.
_FIRST_DATE = date(2000, 1, 1)

#: Minutes before the start at which a booker can be reminded.
REMINDERS = (15, 30, 60, 120, 240, 1440, 2880, 10080)


class LengthsField(forms.CharField):
    """Lengths in minutes, typed as "30, 45"; a list of numbers without doubles, the first of which is offered first."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Lengths"))
        options.setdefault(
            "help_text", gettext_lazy("Bookers choose when there are several, such as 30, 45.")
        )
        super().__init__(max_length=60, **options)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(minutes) for minutes in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        words = [word for word in re.split(r"[\s,;]+", super().clean(value)) if word]
        if not words or not all(
            word.isascii() and word.isdigit() and len(word) < 5 and 5 <= int(word) <= LONGEST_DURATION
            for word in words
        ):
            raise ValidationError(_("Type minutes from 5 to 1440, such as 30 or 30, 45."))
        found = list(dict.fromkeys(int(word) for word in words))
        if len(found) > MOST_DURATIONS:
            raise ValidationError(_("At most %(most)d lengths.") % {"most": MOST_DURATIONS})
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class RemindersField(forms.TypedMultipleChoiceField):
    """When the booker is reminded: minutes before the start, the longest first."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Remind the booker"))
        options.setdefault(
            "help_text", gettext_lazy("By mail, before it begins. Never of what was moved or cancelled.")
        )
        super().__init__(coerce=int, required=False, **options)

    def offer(self, chosen: Iterable[int]) -> None:
        """Offer what most need, and what was chosen already."""
        self.choices = [(m, localtime.span(m)) for m in sorted({*REMINDERS, *chosen})]

    def clean(self, value: Any) -> Any:
        return sorted(super().clean(value), reverse=True)


class PlacesField(forms.MultipleChoiceField):
    """Places of the team, chosen from those in hand, which are not read from the database again; a list of them."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("Places"))
        super().__init__(required=False, **options)

    def offer(self, places: Iterable[Location]) -> None:
        self.places = list(places)
        self.choices = [(place.pk, place.name) for place in self.places]

    def clean(self, value: Any) -> Any:
        chosen = set(super().clean(value))
        return [place for place in self.places if str(place.pk) in chosen]


class TypeForm(forms.ModelForm):
    """The fields of a type. Lengths are typed as "30, 45"; the notice with a unit of its own."""

    lengths = LengthsField()
    notice = forms.IntegerField(label=gettext_lazy("Earliest"), min_value=0, max_value=525600)
    notice_unit = forms.TypedChoiceField(label=gettext_lazy("Unit"), coerce=int, choices=NOTICE_UNITS)
    window_from_on = forms.DateField(label=gettext_lazy("First date"), **_DATE)
    window_until_on = forms.DateField(label=gettext_lazy("Last date"), **_DATE)
    preset_reasons = LinesField(
        label=gettext_lazy("Reasons on offer"),
        most=10,
        longest=120,
        required=False,
        help_text=gettext_lazy("One a line. Shown when something is cancelled, moved or declined."),
    )
    locations = PlacesField()
    hue = forms.TypedChoiceField(
        label=gettext_lazy("Hue"),
        coerce=int,
        choices=[(n, n) for n in range(1, HUES + 1)],
        widget=forms.RadioSelect,
    )

    reminders = RemindersField()

    class Meta:
        model = BookingType
        fields = (
            "name", "slug", "description", "hue", "is_active", "is_listed", "slot_interval_minutes", "start_offset_minutes", "buffer_before_minutes", "buffer_after_minutes",
            "window_kind", "window_days", "window_from_on", "window_until_on", "max_per_day", "max_per_week", "assignment", "approval", "approval_within_hours",
            "answer_within_hours", "cancel_policy", "cancel_notice_hours", "reschedule_policy", "reschedule_notice_hours", "cancel_reason", "reschedule_reason", "preset_reasons",
            "ask_phone", "max_guests", "reminders", "auto_complete_hours", "offers_book_again",
        )  # fmt: skip
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "assignment": forms.RadioSelect,
            "approval": forms.RadioSelect,
            "window_kind": forms.RadioSelect,
        }
        labels = {
            "slot_interval_minutes": gettext_lazy("A start every"),
            "start_offset_minutes": gettext_lazy("Starts shifted by"),
            "approval_within_hours": gettext_lazy("Ask when the start is nearer than"),
            "answer_within_hours": gettext_lazy("Answer within"),
            "cancel_policy": gettext_lazy("Cancel"),
            "reschedule_policy": gettext_lazy("Reschedule"),
            "cancel_notice_hours": gettext_lazy("Notice to cancel"),
            "reschedule_notice_hours": gettext_lazy("Notice to reschedule"),
            "cancel_reason": gettext_lazy("Reason to cancel, from"),
            "reschedule_reason": gettext_lazy("Reason to reschedule, from"),
            "window_kind": gettext_lazy("Latest"),
            "max_per_day": gettext_lazy("At most a day"),
            "max_per_week": gettext_lazy("At most a week"),
            "max_guests": gettext_lazy("Guests, at most"),
            "ask_phone": gettext_lazy("Phone"),
            "is_listed": gettext_lazy("Listed on the team’s page"),
            "auto_complete_hours": gettext_lazy("Completed by itself after"),
            "offers_book_again": gettext_lazy("Offer another time by mail after a no-show"),
        }
        help_texts = {
            "slug": gettext_lazy("Left empty, it is made from the name."),
            "start_offset_minutes": gettext_lazy(
                "15 makes quarter past and quarter to out of every half hour."
            ),
            "answer_within_hours": gettext_lazy(
                "An unanswered request is declined by then, and the time is free again."
            ),
            "is_listed": gettext_lazy("Unlisted, it is found by its link alone."),
            "auto_complete_hours": gettext_lazy("Left empty, somebody records who came."),
            "offers_book_again": gettext_lazy("Ticked beforehand whenever a no-show is recorded."),
        }

    def __init__(self, *args: Any, team: Team, places: Sequence[Location], **options: Any) -> None:
        super().__init__(*args, **options)
        self.instance.team = team
        self.fields["slug"].required = False
        self.fields["slug"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["locations"].offer(places)
        self.fields["reminders"].offer(self.instance.reminders)
        self.initial.setdefault("lengths", self.instance.durations or [30])
        minutes = self.instance.minimum_notice_minutes
        unit = next(
            (size for size in (1440, 60) if minutes and minutes % size == 0), 60 if not minutes else 1
        )
        self.initial.setdefault("notice", minutes // unit)
        self.initial.setdefault("notice_unit", unit)

    def clean_slug(self) -> str:
        return check_type_slug(self.cleaned_data["slug"], team=self.instance.team, but=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name, problem in window_problems(values):
            self.add_error(name, problem)
        if (
            "notice" in values
            and "notice_unit" in values
            and values["notice"] * values["notice_unit"] > 525600
        ):
            self.add_error("notice", _("At most a year."))
        if not values.get("slug") and values.get("name"):
            values["slug"] = slugs.type_slug(values["name"], team=self.instance.team, but=self.instance.pk)
        return values

    def _post_clean(self) -> None:
        # The fields that are typed in another shape than they are kept in.
        if "lengths" in self.cleaned_data:
            self.instance.durations = self.cleaned_data["lengths"]
        if "notice" in self.cleaned_data and "notice_unit" in self.cleaned_data:
            self.instance.minimum_notice_minutes = (
                self.cleaned_data["notice"] * self.cleaned_data["notice_unit"]
            )
        super()._post_clean()


def check_type_slug(slug: str, *, team: Team, but: int | None) -> str:
    """Return a type's address in lower case if its team has no other there; `but` is the type that has it already."""
    slug = slug.lower()
    if slug and BookingType.objects.filter(team=team, slug=slug).exclude(pk=but).exists():
        raise ValidationError(
            _("The team has a booking type at this address. Choose another one."), code="slug_taken"
        )
    return slug


def window_problems(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a booking window between two dates, as (field, sentence)."""
    if values.get("window_kind") != BookingType.Window.DATES:
        return
    first, last = values.get("window_from_on"), values.get("window_until_on")
    if not first:
        yield "window_from_on", _("Choose the first date.")
    if not last:
        yield "window_until_on", _("Choose the last date.")
    if first and first < _FIRST_DATE:
        yield "window_from_on", _("Choose a date of this century.")
    if last and last > timezone.now().date() + FURTHEST_END:
        yield "window_until_on", _("Choose a date within the next ten years.")
    elif first and last and last < first:
        yield "window_until_on", _("The last date lies before the first.")


def hosts_problem(assignment: str, count: int) -> str:
    """What is wrong with so many hosts for an assignment; "" for nothing."""
    if not count:
        return _("Choose who hosts it.")
    if assignment == BookingType.Assignment.SOLO and count > 1:
        return _("One host means one person. Choose one, or another assignment.")
    return ""


class PlaceForm(forms.Form):
    """A further place, made together with the type; nothing where the name is left empty."""

    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=80, validators=[validate_line]
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=Location.Kind.choices, initial=Location.Kind.MEETING
    )
    details = forms.CharField(
        label=gettext_lazy("Address, number or link"),
        required=False,
        max_length=300,
        validators=[validate_line],
    )

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        self.team = team

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("name"):
            if values.get("details"):
                self.add_error("name", _("Give the place a name."))
            return values
        typed = QueryDict(mutable=True)
        typed.update(values)
        full = LocationForm(typed, team=self.team)
        for name, errors in full.errors.items():
            self.add_error(name if name in self.fields else None, errors)
        self.made = full
        return values

    def save(self) -> Location | None:
        """Make the place; None where none was asked for."""
        return self.made.save() if self.cleaned_data.get("name") else None
