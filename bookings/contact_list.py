"""The contacts of somebody's teams as lists: searched, by name, page after page without counting; and the few that a field offers."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When

from bookings.models import Contact, Team, User
from bookings.querysets import ContactQuerySet
from bookings.rules.words import fold

PAGE = 50
#: So many are offered while somebody types.
OFFERED = 8


@dataclass(frozen=True)
class Page:
    """Some contacts, and the cursor behind which the next ones begin; "" at the end."""

    contacts: list[Contact]
    next_cursor: str


def page_of(user: User, *, words: str = "", team: Team | None = None, after: str = "") -> Page:
    """Read one page by name, of one team or all of somebody's. One query, and one for a cursor."""
    found = Contact.objects.visible_to(user)
    if team is not None:
        found = found.filter(team=team)
    rows = _behind(found, after).search(words).with_record().select_related("team")
    rows = list(rows.order_by("search_text", "pk")[: PAGE + 1])
    return Page(rows[:PAGE], str(rows[PAGE - 1].pk) if len(rows) > PAGE else "")


def _behind(contacts: ContactQuerySet, cursor: str) -> ContactQuerySet:
    """Those behind the contact that the cursor names; behind one that is not there begins the list.

    A cursor is a number and not what is sorted by: names and addresses belong into no log of addresses.
    """
    last = None
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        last = contacts.filter(pk=cursor).values_list("search_text", "pk").first()
    if last is None:
        return contacts
    text, pk = last
    return contacts.filter(Q(search_text__gt=text) | Q(search_text=text, pk__gt=pk))


def offered(contacts: ContactQuerySet, words: str) -> list[Contact]:
    """The contacts that somebody most likely means: whose name begins with what was typed, then a later word, then the rest."""
    typed = fold(words).strip()
    if not typed:
        return []
    nearness = Case(
        When(search_text__startswith=typed, then=Value(0)),
        When(search_text__contains=f" {typed}", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = contacts.search(words).with_record().select_related("team").annotate(nearness=nearness)
    return list(found.order_by("nearness", "search_text", "pk")[:OFFERED])


def picked(team: Team, number: str) -> Contact | None:
    """The team's contact of that number, or the one it was merged into; None for what names nobody."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    found = Contact.objects.filter(team=team).with_record()
    return found.filter(pk=number).first() or found.filter(changes__absorbed_pk=number).first()
