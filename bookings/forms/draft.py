"""A new booking as far as it is answered: read from an address or a form, with the step that comes next and its address.

What is answered of the first three steps travels in the address, so that each tab has its own and Back and Forward are
safe. What is typed about the booker never does: it goes along in the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings import availability, lifecycle
from bookings.bookable import Choice, choice_of
from bookings.forms.times import TimeForm
from bookings.models import BookingType, Location, User
from bookings.rules.refusals import REFUSALS
from bookings.slot_rows import Part

#: What an address or form may hold of the answers, and of what is looked at meanwhile.
ANSWERS = (
    "type",
    "location",
    "duration",
    "start",
    "other_day",
    "other_time",
    "host",
    "contact",
    "day",
    "month",
)


class Step(StrEnum):
    """A step, each with a page of its own."""

    TYPE = "type"
    TIME = "time"
    HOST = "host"
    BOOKER = "booker"

    @property
    def title(self) -> Promise:
        return _TITLES[self]

    @property
    def number(self) -> int:
        return list(Step).index(self) + 1

    @property
    def path(self) -> str:
        return reverse(f"bookings:new_booking_{self}")


_TITLES = {
    Step.TYPE: _("Type and place"),
    Step.TIME: _("Date and time"),
    Step.HOST: _("Host"),
    Step.BOOKER: _("Booker"),
}


@dataclass(frozen=True)
class Draft:
    """The answers so far.

    `is_chosen`: type and place are. `start`: an epoch minute; `host`: a number, "" for the next fair one; None while they
    are open. `gone`: what was chosen and is not on offer, or not any more. `has_typed`: something is typed about the
    booker, so that every way on is a form.
    """

    choice: Choice
    is_chosen: bool
    time_form: TimeForm
    start: int | None
    host: str | None
    gone: Mapping[str, str]
    has_typed: bool
    kept: Mapping[str, str] = field(default_factory=dict)

    # A wish of bookings.bookable.
    own: tuple[UUID, ...] = ()
    chain_id: int | None = None

    @property
    def offer(self) -> availability.Offer | None:
        return self.choice.offer

    @property
    def duration(self) -> int:
        return self.choice.duration

    @property
    def alone(self) -> int | None:
        return int(self.host) if self.host else None

    def address(self, **more: Any) -> str:
        """Where a day or month of the calendar leads to; where something is typed, the value of its button."""
        return str(next(iter(more.values()))) if self.has_typed else f"?{self.query(**{'day': None, **more})}"

    @property
    def open_step(self) -> Step:
        """The first step that is not answered yet."""
        if not self.is_chosen:
            return Step.TYPE
        if self.start is None:
            return Step.TIME
        return Step.HOST if self.host is None else Step.BOOKER

    @property
    def answers(self) -> dict[str, str]:
        """What is answered, as an address has it."""
        choice = self.choice
        found = dict(self.kept)
        if self.is_chosen:
            found |= {"type": str(choice.booking_type.pk), "duration": str(choice.duration)}
            found |= {"location": str(choice.location.pk)} if choice.location else {}
        found |= {"start": str(self.start)} if self.start is not None else {}
        return found | ({"host": self.host} if self.host is not None else {})

    def query(self, **more: Any) -> str:
        """The answers as a query, with others in their stead; None leaves one out."""
        found = {**self.answers, **more}
        return urlencode({name: found[name] for name in ANSWERS if found.get(name) is not None})

    def url(self, step: Step, **more: Any) -> str:
        return f"{step.path}?{self.query(**more)}"

    def url_of(self, kind: BookingType, place: Location | None = None) -> str:
        """Where choosing a type and place leads to: all other answers stay, but for a length that may be none of its."""
        length = self.duration if self.is_chosen and kind == self.choice.booking_type else None
        chosen = {"type": kind.pk, "location": place.pk if place else None, "duration": length}
        return f"{reverse('bookings:new_booking')}?{self.query(**chosen)}"

    @property
    def wrong(self) -> dict[str, str]:
        """What was named and is no answer, to be said at its step."""
        form = self.time_form
        typed = {name: form.data.get(name) for name in form.fields} if form.errors else {}
        return {name: value for name, value in {**typed, **self.gone}.items() if value}

    @property
    def given_hosts(self) -> list[Part]:
        """Who hosts it whoever is picked: everybody, unless it is a round-robin."""
        if self.offer is None:
            return []
        pickable = {part.host_id for part in self.choice.hosts}
        return [part for part in self.offer.pool if part.host_id not in pickable]

    @property
    def named_host(self) -> Part | None:
        pool = self.offer.pool if self.offer else ()
        return next((part for part in pool if str(part.host_id) == self.host), None)

    @property
    def time(self) -> lifecycle.Time:
        """The wish for a time, of a draft whose steps are answered."""
        choice = self.choice
        return lifecycle.Time(
            choice.booking_type,
            choice.location,
            availability.instant(self.start or 0),
            choice.duration,
            self.alone,
        )


def draft_of(
    address: Mapping[str, str], form: Mapping[str, str], *, user: User, now: datetime
) -> Draft | None:
    """Read what is answered: an address goes before a form, which may hold what was chosen before. None without any type."""
    asked = {name: source[name] for source in (form, address) for name in ANSWERS if name in source}
    choice = choice_of(asked, user=user, now=now)
    if choice is None:
        return None
    is_chosen, gone = _is_chosen(choice, asked), _gone(choice, asked)
    time_form, start = _time(asked, is_sent="deed" in form, user=user, now=now)
    if is_chosen and (choice.offer is None or gone):
        start = None
    host = _host(choice, asked.get("host")) if is_chosen else asked.get("host")
    return Draft(
        choice,
        is_chosen=is_chosen,
        time_form=time_form,
        start=start,
        host=host,
        gone=gone or ({"host": asked["host"]} if host is None and asked.get("host") else {}),
        has_typed=bool(form),
        kept=_kept(choice, asked, form, start=start),
    )


def _is_chosen(choice: Choice, asked: Mapping[str, str]) -> bool:
    """Whether type and place are chosen: named and on offer, or the only ones there are."""
    kind, place, places = choice.booking_type, choice.location, choice.locations
    is_kind = asked.get("type") == str(kind.pk) or (not asked.get("type") and len(choice.types) == 1)
    named = asked.get("location", "")
    is_place = named == str(place.pk if place else "") or (not named and len(places) <= 1)
    return is_kind and is_place


def _gone(choice: Choice, asked: Mapping[str, str]) -> dict[str, str]:
    """The type, place or length that is named and not on offer, or not any more."""
    kind, named = choice.booking_type, asked.get("type", "")
    if named != str(kind.pk):
        return {"type": named} if named else {}
    offered = {"location": [place.pk for place in choice.locations], "duration": kind.durations}
    return {
        name: asked[name]
        for name, values in offered.items()
        if asked.get(name) and asked[name] not in map(str, values)
    }


def _kept(
    choice: Choice, asked: Mapping[str, str], form: Mapping[str, str], *, start: int | None
) -> dict[str, str]:
    """What goes along until it is of use: a contact, a day, and what is named of a type and place still to be chosen."""
    names = {"location"} | (set() if form else {"contact"}) | ({"day"} if start is None else set())
    kept = {name: asked[name] for name in sorted(names) if asked.get(name)}
    is_on_offer = asked.get("type") == str(choice.booking_type.pk)
    return kept | ({"type": asked["type"]} if is_on_offer else {})


def _time(
    asked: Mapping[str, str], *, is_sent: bool, user: User, now: datetime
) -> tuple[TimeForm, int | None]:
    """The form of the time, bound where one is named or has to be, and the start in epoch minutes where it is one to come."""
    names = ("start", "other_day", "other_time")
    form = TimeForm(dict(asked) if is_sent or any(asked.get(n) for n in names) else None, user=user)
    if not form.is_valid():
        return form, None
    if form.starts_at <= now:
        form.add_error("start", str(REFUSALS["past"].sentence))
        return form, None
    return form, form.cleaned_data["minute"]


def _host(choice: Choice, named: str | None) -> str | None:
    """Who hosts it: the host who is named and on offer; "" where nobody is to be named, or that was said."""
    pool = choice.hosts or (choice.offer.pool if choice.offer else ())
    if named and any(str(part.host_id) == named for part in pool):
        return named
    if named:
        return None
    return "" if named == "" or len(choice.hosts) < 2 else None
