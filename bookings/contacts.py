"""Contacts: find the one who books, or make them; and change what is known of one, with a row of its history.

Matched in the team by normalised mail, else by phone; by what a contact was merged with too.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from bookings import localtime
from bookings.models import Contact, ContactAlias, ContactChange, Team, User
from bookings.querysets import ContactQuerySet
from bookings.rules.refusals import Refused
from bookings.rules.words import search_text


def find_or_create(team: Team, *, name: str, email: str, phone: str) -> Contact | None:
    """The team's contact for a booker; None where neither mail nor phone is known.

    In a transaction: the contact is locked, so that it can't be merged away before the booking is written.
    """
    email, digits = normal_email(email), normal_phone(phone)
    if not email and not digits:
        return None
    found = _first(locked(team), team, email=email, digits=digits)
    if found is not None:
        return found
    fields = {"name": name, "phone": digits, "search_text": search_text(name=name, email=email, phone=digits)}
    if not email:
        return Contact.objects.create(team=team, **fields)
    return Contact.objects.get_or_create(team=team, email=email, defaults=fields)[0]


def matching(team: Team, *, email: str, phone: str) -> Contact | None:
    """Whom `find_or_create` would find, as things stand."""
    email, digits = normal_email(email), normal_phone(phone)
    return _first(Contact.objects.filter(team=team), team, email=email, digits=digits)


def _first(rows: ContactQuerySet, team: Team, *, email: str, digits: str) -> Contact | None:
    """One after the other, not in one query: who was merged away while this waited is found by the second."""
    value = email or digits
    if not value:
        return None
    own = rows.filter(email=email) if email else rows.filter(phone=digits)
    former = ContactAlias.objects.filter(team=team, value=value).values("contact")
    return own.order_by("pk").first() or rows.filter(pk__in=former).first()


def locked(team: Team) -> ContactQuerySet:
    """The team's contacts, to be kept from being merged away until the transaction ends."""
    return Contact.objects.select_for_update(no_key=True).filter(team=team)


def change(
    contact: Contact, values: Mapping[str, str], *, by: User | None, name: str, now: datetime
) -> ContactChange | None:
    """Write what is new of a contact, and who (`name`) changed it; None where nothing is. In a transaction.

    Raises Refused: contact_stale, and address_taken where another contact of the team has the mail address.
    """
    changed = {
        field: [getattr(contact, field), value]
        for field, value in values.items()
        if getattr(contact, field) != value
    }
    if not changed:
        return None
    for field, (_was, value) in changed.items():
        setattr(contact, field, value)
    contact.search_text = search_text(name=contact.name, email=contact.email, phone=contact.phone)
    new = {field: getattr(contact, field) for field in (*changed, "search_text")}
    if not _write(contact, new):
        raise stale(contact.pk)
    contact.version += 1
    ContactAlias.objects.filter(contact=contact, value__in=(contact.email, contact.phone)).delete()
    return ContactChange.objects.create(
        contact=contact,
        at=now,
        actor=by,
        actor_name=name[:120],
        action=ContactChange.Action.EDIT,
        changed=changed,
    )


def _write(contact: Contact, new: dict[str, str]) -> int:
    """Compare the version and set; how many rows that was."""
    rows = Contact.objects.filter(pk=contact.pk, version=contact.version)
    try:
        with transaction.atomic():
            return rows.update(version=contact.version + 1, **new)
    except IntegrityError as error:
        raise Refused("address_taken", field="email", email=new.get("email", "")) from error


def stale(pk: int) -> Refused:
    """The refusal that names who changed a contact last, and when; or that it is gone."""
    last = ContactChange.objects.filter(contact=pk).last()
    if last is None:
        return Refused("contact_gone")
    return Refused("contact_stale", who=last.actor_name, when=localtime.clock(last.at))


def normal_email(email: str) -> str:
    return email.strip().lower()


def normal_phone(phone: str) -> str:
    """A phone number as digits, with the leading + where it has one."""
    digits = re.sub(r"\D", "", phone)
    return ("+" if phone.strip().startswith("+") else "") + digits if digits else ""
