"""The contact book of a team: correct a contact, forget a former address, keep conversations.

Each verb is one transaction; who may call it is decided before.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bookings import contacts
from bookings.lifecycle import key_for
from bookings.lifecycle.step import in_transaction
from bookings.models import Contact, ContactAlias, Conversation, SubmittedForm, User
from bookings.rules.refusals import Refused


def edit(contact: Contact, values: Mapping[str, str], *, by: User, version: int) -> Contact:
    """Write what is new of a contact, asked for from a page that showed `version`; what stands already is nothing done.

    Bookings keep the details they were made with. Raises Refused: address_taken, contact_stale, contact_gone, busy.
    """

    def work(now: datetime) -> Contact:
        stored = _stored(contact)
        is_new = any(getattr(stored, field) != value for field, value in values.items())
        if is_new and stored.version != version:
            raise contacts.stale(stored.pk)
        contacts.change(stored, values, by=by, name=by.name, now=now)
        return stored

    return in_transaction(work)


def forget_alias(contact: Contact, value: str) -> None:
    """Let a former address lead to nobody: who books with it next is a contact of their own."""
    ContactAlias.objects.filter(contact=contact, value=value).delete()


def _stored(contact: Contact) -> Contact:
    """The contact as it stands, kept from being merged away. Raises Refused: contact_gone."""
    stored = contacts.locked(contact.team).filter(pk=contact.pk).first()
    if stored is None:
        raise Refused("contact_gone")
    return stored


# -- Conversations ------------------------------------------------------------------------------------------------------


def add_conversation(contact: Contact, values: Mapping[str, Any], *, by: User, nonce: str) -> None:
    """Keep a conversation with a contact; the same form sent twice keeps it once. Raises Refused: contact_gone, busy."""
    key = key_for(f"conversation:{by.pk}", nonce, {"contact": contact.pk, **values})

    def work(now: datetime) -> None:
        stored = _stored(contact)
        _row, is_new = SubmittedForm.objects.get_or_create(
            scope=key.scope, key=f"{key.key}:{key.body_hash}", defaults={"body_hash": key.body_hash}
        )
        if is_new:
            Conversation.objects.create(contact=stored, **values)

    in_transaction(work)


def edit_conversation(conversation: Conversation, values: Mapping[str, Any], *, version: int) -> None:
    """Write what is new of a conversation, asked for from a page that showed `version`.

    Raises Refused: conversation_stale where somebody else changed it or took it away.
    """
    now = Conversation.objects.filter(pk=conversation.pk)
    if now.filter(version=version).update(version=version + 1, **values):
        return
    # The same form again finds what it wrote.
    if not now.filter(**values).exists():
        raise Refused("conversation_stale")


def remove_conversation(conversation: Conversation) -> None:
    """Take a conversation away. Its bookings stand, and no longer name it."""
    conversation.delete()
