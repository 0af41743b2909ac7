"""The vocabulary of every template: icons, faces, status tags, times and fields. Wording of times lives in bookings.localtime."""

import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.formsets import BaseFormSet
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bookings import localtime, rows
from bookings.models import Contact
from bookings.rules.statuses import Status

register = template.Library()

#: How many tints the style sheet has for faces and dots.
HUES = 12

for _filter in (
    localtime.in_zone,
    localtime.clock,
    localtime.clock_range,
    localtime.day,
    localtime.day_long,
    localtime.day_full,
    localtime.day_short,
    localtime.day_near,
    localtime.month,
    localtime.when,
    localtime.city,
    localtime.offset,
    localtime.zone_name,
    localtime.until,
    localtime.span,
    localtime.day_part,
    localtime.money,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def iso(value: datetime | date) -> str:
    """Write an instant or day for a `datetime` attribute or a form value."""
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


@register.filter
def headline(sentence: object) -> str:
    """Write a sentence as a heading: without its full stop."""
    return str(sentence).removesuffix(".")


@register.filter
def capped(count: int) -> str:
    """Write a count for a badge: 99+ from a hundred."""
    return "99+" if count > 99 else str(count)


@register.filter
def visits(contact: Contact) -> str:
    """Say how often a contact came, where it was read with its record."""
    return rows.visits(contact.record_total or 0, missed=contact.record_no_shows or 0)


@register.simple_tag
def icon(name: str, *, label: str = "", size: str = "") -> SafeString:
    """Draw an icon of the sheet. Without a label it is decoration beside a word; `size` is "" or "large"."""
    if not label:
        return _decoration(name, size)
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>',
        f"icon {size}".strip(),
        label,
        f"{static('icons.svg')}#i-{name}",
    )


@cache
def _decoration(name: str, size: str) -> SafeString:
    """The same for everybody, and some thousand times on a page."""
    kind, href = f"icon {size}".strip(), f"{static('icons.svg')}#i-{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', kind, href)


@register.simple_tag
def face(person: Any, *, size: str = "") -> SafeString:
    """Draw somebody's initials on their tint. Takes anything with a name (and a hue), or a plain name; always beside the name."""
    name = person if isinstance(person, str) else getattr(person, "name", None) or str(person)
    hue = getattr(person, "hue", None) or hue_of(name)
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">{}</span>',
        f"face {size}".strip(),
        hue,
        initials(name),
    )


@register.simple_tag
def status_tag(status: str) -> SafeString:
    """Show one of the nine statuses: colour, icon and word together."""
    known = Status(status)
    return format_html(
        '<span class="tag" data-status="{}">{}{}</span>', known.value, icon(known.value), known.label
    )


@register.filter
def status_label(status: str) -> str:
    """Give the word for a status."""
    return str(Status(status).label)


@register.simple_tag
def now_for(reader: str | localtime.Reader) -> localtime.LocalTime:
    """Give this moment on a person's clock."""
    return localtime.in_zone(timezone.now(), reader)


@register.simple_tag
def weekday_heads(first: int = 0) -> list[dict[str, str]]:
    """List the week's days as `short` and `name`, from the first day of the week (0 is Monday)."""
    days = [(first + step) % 7 for step in range(7)]
    return [{"short": str(WEEKDAYS_ABBR[day])[:2], "name": str(WEEKDAYS[day])} for day in days]


@register.inclusion_tag("_field.html")
def field(bound: BoundField, **options: Any) -> dict[str, Any]:
    """Render a form field: label, mark, hint, control and errors, tied together for who cannot see them.

    Options: `label`, `hint` and `mark` (words beside the label; by default "optional" where that is so, "" for none),
    `unit` (a word behind the control), `cards` (choices as cards), `as_switch` (a checkbox as a switch); anything else becomes an attribute
    of the control, with underscores for hyphens.
    """
    # Django ties the ids of help and errors to the control from the bound field, so words of the page are put there.
    bound.label = options.pop("label", bound.label)
    bound.help_text = options.pop("hint", bound.help_text)
    shape = _shape(
        bound.field.widget, cards=options.pop("cards", False), as_switch=options.pop("as_switch", False)
    )
    context = {
        "field": bound,
        "shape": shape,
        "mark": options.pop("mark", None),
        "unit": options.pop("unit", ""),
    }
    attributes = {name.replace("_", "-"): value for name, value in options.items()}
    if shape == "switch":
        attributes["class"] = "switch"
    return context | {"control": bound.as_widget(attrs=attributes)}


@register.inclusion_tag("_errors.html")
def errors(*forms: BaseForm | BaseFormSet | None, brief: bool = False, focus: bool = False) -> dict[str, Any]:
    """Sum up what is wrong with the forms: their own sentences, then a link to each field in question.

    On a form that fits one glance (`brief`) the links are left out: each field says it itself. `focus`: it has the
    focus where no script gives it to the one field in question.
    """
    singles = [single for form in forms if form is not None for single in _singles(form)]
    return {
        "sentences": [sentence for form in forms if form is not None for sentence in _own_sentences(form)],
        "fields": []
        if brief
        else [bound for single in singles for bound in single.visible_fields() if bound.errors],
        "focus": focus,
        "hidden": [
            sentence for single in singles for bound in single.hidden_fields() for sentence in bound.errors
        ],
    }


@register.simple_tag(takes_context=True)
def current(context: Context, *names: str) -> SafeString | str:
    """Mark a link as the present place when the page's URL name is one of `names` (prefixes end in an asterisk)."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = getattr(match, "url_name", "") or ""
    here = any(name == wanted or (wanted.endswith("*") and name.startswith(wanted[:-1])) for wanted in names)
    return SafeString('aria-current="page"') if here else ""


def initials(name: str) -> str:
    """Give the first letters of the first and the last word of a name."""
    words = [word for word in name.split() if unicodedata.category(word[0])[0] in "LN"]
    letters = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in letters).upper() or "?"


def hue_of(name: str) -> int:
    """Choose a tint for a name, the same one on every day and machine."""
    return zlib.crc32(name.encode()) % HUES + 1


def _shape(widget: Any, *, cards: bool, as_switch: bool) -> str:
    if isinstance(widget, CheckboxInput):
        return "switch" if as_switch else "check"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "cards" if cards else "choices"
    return "line"


def _singles(form: BaseForm | BaseFormSet) -> Sequence[BaseForm]:
    return form.forms if isinstance(form, BaseFormSet) else [form]


def _own_sentences(form: BaseForm | BaseFormSet) -> Iterable[str]:
    if isinstance(form, BaseFormSet):
        yield from form.non_form_errors()
    for single in _singles(form):
        if single.is_bound:
            yield from single.non_field_errors()
