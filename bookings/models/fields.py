"""Small field factories shared by the models: hues, zones, languages and text that no mail or file can choke on."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings import public_holidays
from bookings.rules.zones import is_zone

#: Bidirectional overrides and isolates that reorder what a person reads (Unicode UAX 9).
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LANGUAGES = (("en", gettext_lazy("English")), ("de", gettext_lazy("German")))
HUES = 12


class HourCycle(models.TextChoices):
    """How somebody reads the time of day."""

    LANGUAGE = "language", gettext_lazy("As usual in the language")
    H24 = "24", gettext_lazy("24 hours")
    H12 = "12", gettext_lazy("12 hours")


def validate_zone(value: str) -> None:
    """Refuse names the time zone database does not know, before they reach ZoneInfo."""
    if not is_zone(value):
        raise ValidationError(
            _("There is no time zone of that name. Choose one from the list."), code="unknown_zone"
        )


def validate_holidays(value: str) -> None:
    """Refuse what is no country, nor a part of one."""
    if not public_holidays.is_code(value):
        raise ValidationError(
            _("There is no country or part of one of that name. Choose one from the list."),
            code="unknown_country",
        )


#: Letters that carry more accents than any script needs are drawn over their neighbours.
MOST_ACCENTS = 8


def is_clean_text(value: str, *, multiline: bool = False) -> bool:
    """Say whether the text holds no control characters, lone surrogates, noncharacters or bidi overrides."""
    allowed = "\n\r\t" if multiline else ""
    return not any(char not in allowed and _is_refused(char) for char in value) and not _OVERLOADED.search(
        unicodedata.normalize("NFD", value)
    )


def _is_refused(char: str) -> bool:
    # U+FFFD is what invalid UTF-8 has become; the last two of each plane are no characters (Unicode 23.7).
    return (
        unicodedata.category(char) in {"Cc", "Cs"}
        or char in BIDI_CONTROLS
        or char in "\u2028\u2029\ufffd"
        or ord(char) & 0xFFFE == 0xFFFE
    )


_OVERLOADED = re.compile(
    f"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{{{MOST_ACCENTS + 1},}}"
)


def is_visible(value: str) -> bool:
    """Say whether a person would see anything: a letter, figure, mark of punctuation or symbol."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in value)


def validate_line(value: str) -> None:
    """Refuse what would break a mail header, an iCalendar line or a table, and what nobody would see."""
    if not is_clean_text(value) or not is_visible(value):
        raise ValidationError(
            _("This text holds characters that can't be shown. Type it again."), code="control_characters"
        )


def validate_name(value: str) -> None:
    """Refuse an address of the web in a stranger's name: it stands in mails that the hub sends to others."""
    validate_line(value)
    if _WEB_ADDRESS.search(value):
        raise ValidationError(_("A name holds no web address. Type the name alone."), code="web_address")


_WEB_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)


def validate_text(value: str) -> None:
    """The same for text of several lines."""
    if not is_clean_text(value, multiline=True):
        raise ValidationError(
            _("This text holds characters that can't be shown. Type it again."), code="control_characters"
        )


def validate_https(value: str) -> None:
    """Refuse an address that a page must not lead to: anything but https."""
    if not value.startswith("https://"):
        raise ValidationError(_("A link begins with https://."), code="not_https")


def line(max_length: int, **options: Any) -> models.CharField:
    """One line of text."""
    return models.CharField(max_length=max_length, validators=[validate_line], **options)


def text(**options: Any) -> models.TextField:
    """Several lines of text, 5,000 characters at most."""
    return models.TextField(max_length=5000, validators=[validate_text], **options)


def zone(**options: Any) -> models.CharField:
    """The name of an IANA time zone."""
    return models.CharField(max_length=64, validators=[validate_zone], **options)


def holidays(**options: Any) -> models.CharField:
    """Whose public holidays are kept: the code of a country, alone or with that of a part."""
    return models.CharField(max_length=32, validators=[validate_holidays], **options)


def hue(**options: Any) -> models.PositiveSmallIntegerField:
    """One of twelve named hues; the style sheet knows the colour."""
    return models.PositiveSmallIntegerField(
        default=options.pop("default", 1),
        validators=[MinValueValidator(1), MaxValueValidator(HUES)],
        **options,
    )


def language(**options: Any) -> models.CharField:
    """The language somebody reads; one that the site speaks."""
    return models.CharField(max_length=8, choices=LANGUAGES, default="en", **options)


def hour_cycle(**options: Any) -> models.CharField:
    """The clock somebody reads; as usual in their language, where they chose none."""
    return models.CharField(max_length=8, choices=HourCycle.choices, default=HourCycle.LANGUAGE, **options)
