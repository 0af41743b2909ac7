"""The contact book of a team: correct a contact, forget a former address. Each verb is one transaction; who may call it is decided before."""

from collections.abc import Mapping
from datetime import datetime

from bookings import contacts
from bookings.lifecycle.step import in_transaction
from bookings.models import Contact, ContactAlias, User
from bookings.rules.refusals import Refused


def edit(contact: Contact, values: Mapping[str, str], *, by: User, version: int) -> Contact:
    """Write what is new of a contact, asked for from a page that showed `version`; what stands already is nothing done.

    Bookings keep the details they were made with. Raises Refused: address_taken, contact_stale, contact_gone, busy.
    """

    def work(now: datetime) -> Contact:
        stored = contacts.locked(contact.team).filter(pk=contact.pk).first()
        if stored is None:
            raise Refused("contact_gone")
        is_new = any(getattr(stored, field) != value for field, value in values.items())
        if is_new and stored.version != version:
            raise contacts.stale(stored.pk)
        contacts.change(stored, values, by=by, name=by.name, now=now)
        return stored

    return in_transaction(work)


def forget_alias(contact: Contact, value: str) -> None:
    """Let a former address lead to nobody: who books with it next is a contact of their own."""
    ContactAlias.objects.filter(contact=contact, value=value).delete()
