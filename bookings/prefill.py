"""What the address of a booking page may fill in beforehand, named for whoever makes such links; forms.wishes reads it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from bookings import localtime
from bookings.models import BookingType, Question


@dataclass(frozen=True)
class Parameter:
    """One word of an address: its name, what it fills in or chooses, and the values it takes (with what they mean), if only some."""

    name: str
    text: str
    values: tuple[tuple[str, str], ...] = ()


def parameters_of(kind: BookingType) -> list[Parameter]:
    """All that an address may hold for a type. A question keeps its name when it is reworded."""
    places = [(str(place.pk), place.name) for place in kind.locations.filter(archived_at__isnull=True)]
    hosts = [(str(part.host_id), part.host.name) for part in kind.type_hosts.select_related("host__user")]
    lengths = [(str(length), localtime.span(length)) for length in kind.durations]
    questions = kind.questions.filter(archived_at__isnull=True)
    is_choice = kind.assignment == BookingType.Assignment.ROUND_ROBIN
    return [
        Parameter("name", _("Name of the booker")),
        Parameter("email", _("Their e-mail")),
        *([Parameter("phone", _("Phone"))] if kind.ask_phone != BookingType.AskPhone.NO else []),
        *([Parameter("guests", _("Addresses of guests, separated by commas"))] if kind.max_guests else []),
        Parameter("notes", _("Anything we should know")),
        *(Parameter(f"q_{question.pk}", question.label, _answers(question)) for question in questions),
        Parameter("month", _("The month on show, such as 2027-03")),
        Parameter("day", _("The day on show, such as 2027-03-11")),
        *([Parameter("duration", _("Length"), tuple(lengths))] if len(lengths) > 1 else []),
        *([Parameter("location", _("Place"), tuple(places))] if len(places) > 1 else []),
        *([Parameter("host", _("One host's times alone"), tuple(hosts))] if is_choice else []),
    ]


def example(link: str) -> str:
    """A link with some of it filled in."""
    return f"{link}?{urlencode({'name': 'Zoë Lefèvre', 'email': 'zoe@example.org'})}"


def _answers(question: Question) -> tuple[tuple[str, str], ...]:
    if question.kind == Question.Kind.YES:
        return ("yes", _("Yes")), ("no", _("No"))
    return tuple((str(option), "") for option in question.options)
