"""Several short texts typed one a line: of any kind, and origins of websites."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bookings.models.fields import validate_text
from bookings.rules.origins import NotAnOrigin, read_origin


class LinesField(forms.CharField):
    """Several short texts, one a line; a list of strings, empty lines and doubles left out."""

    widget = forms.Textarea

    def __init__(self, *, most: int, longest: int, **options: Any) -> None:
        self.most, self.longest = most, longest
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=most * (longest + 2), validators=[validate_text], **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = list(
            dict.fromkeys(line.strip() for line in super().clean(value).splitlines() if line.strip())
        )
        if len(lines) > self.most:
            raise ValidationError(_("At most %(most)d lines.") % {"most": self.most})
        if any(len(line) > self.longest for line in lines):
            raise ValidationError(_("At most %(longest)d characters a line.") % {"longest": self.longest})
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class OriginsField(LinesField):
    """Websites by their origin, one a line; "*" for all of them, where the operator allows that."""

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(_origin(line) for line in super().clean(value)))


def _origin(line: str) -> str:
    if line == "*":
        if settings.HUB_EMBED_ANYWHERE:
            return line
        raise ValidationError(
            _(
                "“*” would let every website show these pages, which this hub does not allow. Name them one by one."
            ),
            code="anywhere",
        )
    try:
        return read_origin(line)
    except NotAnOrigin as problem:
        shown = line if len(line) <= 60 else f"{line[:60]}…"
        if problem.instead:
            sentence = _("“%(line)s” is more than a website’s origin. Type %(instead)s.")
            raise ValidationError(
                sentence % {"line": shown, "instead": problem.instead}, code="origin"
            ) from None
        sentence = _("“%(line)s” is no website’s origin. Type it like https://www.example.org.")
        raise ValidationError(sentence % {"line": shown}, code="origin") from None
