"""Merge two contacts of one team: what the one that goes brings along, and the merging itself, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bookings import contacts
from bookings.lifecycle.step import in_transaction
from bookings.models import BookingChain, Contact, ContactAlias, ContactChange, User
from bookings.rules.refusals import Refused
from bookings.rules.words import search_text


def brings(contact: Contact) -> dict[str, int]:
    """How many bookings and conversations move with a contact. Two queries."""
    return {"bookings": contact.chains.count(), "conversations": contact.conversations.count()}


def is_merged(contact: Contact, other_pk: int) -> bool:
    """Whether another one was merged into a contact before."""
    return ContactChange.objects.filter(contact=contact, absorbed_pk=other_pk).exists()


def merge(
    contact: Contact, other_pk: int, *, kept: Mapping[str, str], versions: tuple[int, int], by: User
) -> Contact:
    """Let `contact` keep the values in `kept`, and have all that belonged to the other one, who is gone then.

    What either booked with until now still leads here. Asked twice it is done once. `versions` are those of the page, of
    the one that stays and the one that goes. Raises Refused: contact_stale, contact_gone, busy.
    """

    def work(now: datetime) -> Contact:
        rows = Contact.objects.select_for_update().filter(team=contact.team_id, pk__in=(contact.pk, other_pk))
        found = {row.pk: row for row in rows.order_by("pk")}
        stays, goes = found.get(contact.pk), found.get(other_pk)
        if stays is not None and goes is None and is_merged(stays, other_pk):
            return stays
        if stays is None or goes is None or stays.pk == goes.pk:
            raise Refused("contact_gone")
        for row, version in zip((stays, goes), versions, strict=True):
            if row.version != version:
                raise contacts.stale(row.pk)
        _write(stays, goes, kept, by=by, now=now)
        return stays

    return in_transaction(work)


def _write(stays: Contact, goes: Contact, kept: Mapping[str, str], *, by: User, now: datetime) -> None:
    absorbed: dict[str, Any] = {
        **{name: getattr(goes, name) for name in ("name", "email", "phone", "notes")},
        **brings(goes),
    }
    changed = {
        name: [getattr(stays, name), value] for name, value in kept.items() if getattr(stays, name) != value
    }
    former = {stays.email, stays.phone, goes.email, goes.phone} - {"", kept["email"], kept["phone"]}
    goes_pk = goes.pk
    BookingChain.objects.filter(contact=goes).update(contact=stays)
    for rows in (goes.conversations, goes.aliases, goes.changes):
        rows.update(contact=stays)
    # Gone before the other takes its address: a team has each address once.
    goes.delete()
    for name, value in kept.items():
        setattr(stays, name, value)
    stays.search_text = search_text(name=stays.name, email=stays.email, phone=stays.phone)
    stays.version += 1
    stays.save(update_fields=[*kept, "search_text", "version"])
    ContactAlias.objects.filter(contact=stays, value__in=(stays.email, stays.phone)).delete()
    for value in sorted(former):
        ContactAlias.objects.update_or_create(team_id=stays.team_id, value=value, defaults={"contact": stays})
    ContactChange.objects.create(
        contact=stays,
        at=now,
        actor=by,
        actor_name=by.name[:120],
        action=ContactChange.Action.MERGE,
        changed=changed,
        absorbed_pk=goes_pk,
        absorbed=absorbed,
    )
