"""The parts of a type's form that are folded away, each with what stands in it now in one line: a newcomer sees the few that matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings import localtime
from bookings.forms.type_editor import TypeEditor
from bookings.models import BookingType
from bookings.views import policy_words

#: The fields of `TypeForm` by the part they stand in; those of no part are seen at once.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "when": (
        "notice", "notice_unit", "window_kind", "window_days", "window_from_on", "window_until_on", "slot_interval_minutes", "start_offset_minutes",
        "buffer_before_minutes", "buffer_after_minutes", "max_per_day", "max_per_week",
    ),
    "rules": (
        "approval", "approval_within_hours", "answer_within_hours", "cancel_policy", "cancel_notice_hours", "reschedule_policy", "reschedule_notice_hours",
        "cancel_reason", "reschedule_reason", "preset_reasons",
    ),
    "asked": ("ask_phone", "max_guests"),
    "after": ("reminders", "auto_complete_hours", "offers_book_again"),
    "look": ("slug", "hue", "is_listed"),
}  # fmt: skip


@dataclass(frozen=True)
class Fold:
    """One part. `about`: what is saved, in one line; `is_changed`: something else was typed; `is_open`: something is wrong in it."""

    about: str
    is_changed: bool = False
    is_open: bool = False


def folds_of(edited: TypeEditor, about: Mapping[str, str]) -> dict[str, Fold]:
    """The parts of a form as it stands. `about`: words on what is saved (see `words`), made before the form was checked."""
    form = edited.form
    folds = {
        name: Fold(
            about[name],
            is_changed=edited.is_bound and any(field in form.changed_data for field in fields),
            is_open=any(field in form.errors for field in fields),
        )
        for name, fields in FIELDS.items()
    }
    is_changed = edited.is_bound and edited.price.has_changed()
    folds["price"] = Fold(about["price"], is_changed=is_changed, is_open=bool(edited.price.errors))
    questions = edited.questions
    if edited.is_bound and questions.has_changed():
        # What was just asked for, or is wrong, has to be seen.
        folds["asked"] = Fold(about["asked"], is_changed=True, is_open=True)
    return folds


def words(kind: BookingType, *, questions: int) -> dict[str, str]:
    """What each part holds, a line each."""
    return {name: " · ".join(filter(None, says(kind, questions))) for name, says in _WORDS.items()}


def _when(kind: BookingType, _questions: int) -> list[str]:
    notice = localtime.span(kind.minimum_notice_minutes)
    return [
        _("%(span)s ahead at least") % {"span": notice}
        if kind.minimum_notice_minutes
        else _("without notice"),
        _window(kind),
        _("a start every %(span)s") % {"span": localtime.span(kind.slot_interval_minutes)},
        _("with buffers") if kind.buffer_before_minutes or kind.buffer_after_minutes else "",
        _("with limits") if kind.has_caps else "",
    ]


def _window(kind: BookingType) -> str:
    if kind.window_kind == BookingType.Window.DATES and kind.window_from_on and kind.window_until_on:
        first, last = localtime.day_short(kind.window_from_on), localtime.day_short(kind.window_until_on)
        return f"{first} – {last}"
    return ngettext("up to %(days)d day", "up to %(days)d days", kind.window_days) % {
        "days": kind.window_days
    }


def _rules(kind: BookingType, _questions: int) -> list[str]:
    return [str(kind.get_approval_display()), *policy_words.of_type(kind.policy)]


def _price(kind: BookingType, _questions: int) -> list[str]:
    if not kind.is_priced:
        return [_("Costs nothing")]
    within = localtime.span_within(kind.payment_window_minutes)
    return [
        localtime.money(kind.price_cents, kind.currency),
        _("to be paid within %(span)s") % {"span": within},
    ]


def _asked(kind: BookingType, questions: int) -> list[str]:
    phone = {
        BookingType.AskPhone.REQUIRED: _("phone"),
        BookingType.AskPhone.OPTIONAL: _("phone if they like"),
    }
    guests = ngettext("up to %(number)d guest", "up to %(number)d guests", kind.max_guests)
    asked = ngettext("%(number)d question", "%(number)d questions", questions)
    return [
        _("Name and e-mail"),
        phone.get(BookingType.AskPhone(kind.ask_phone), ""),
        guests % {"number": kind.max_guests} if kind.max_guests else "",
        asked % {"number": questions} if questions else "",
    ]


def _after(kind: BookingType, _questions: int) -> list[str]:
    spans = ", ".join(localtime.span(minutes) for minutes in kind.reminders)
    return [
        _("Reminders %(spans)s before") % {"spans": spans} if spans else _("No reminders"),
        _("completed by itself") if kind.auto_complete_hours is not None else _("somebody records who came"),
    ]


def _look(kind: BookingType, _questions: int) -> list[str]:
    return [
        f"/{kind.team.slug}/{kind.slug}/" if kind.slug else _("An address made from the name"),
        _("listed on the team’s page") if kind.is_listed else _("not listed"),
    ]


_WORDS: Mapping[str, Any] = {
    "when": _when,
    "rules": _rules,
    "price": _price,
    "asked": _asked,
    "after": _after,
    "look": _look,
}
