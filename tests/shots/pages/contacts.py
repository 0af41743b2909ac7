"""Contacts, merging two of them, and their conversations."""

from tests.shots.cast import ADA, BEN, EVE, LOU, ROOT, WANDA
from tests.shots.shot import Shot
from tests.shots.steps.contacts import (
    edit_in_disorder,
    edit_in_place,
    edit_too_late,
    of_talk,
    of_zoe,
    send_empty_conversation,
)
from tests.shots.steps.pressing import opens

CONTACTS = [
    Shot("contacts", "contacts", ADA),
    Shot("contacts-found", "contacts", BEN, query="?q=an"),
    Shot("contacts-teams", "contacts", ROOT),
    Shot("contacts-long", "contacts", LOU),
    Shot("contacts-none", "contacts", EVE),
    Shot("contacts-nobody", "contacts", ADA, query="?q=xyzzy"),
    Shot("contact", "contact", ADA, args=lambda stage: [stage.a_contact.pk]),
    Shot("contact-host", "contact", BEN, args=lambda stage: [stage.a_contact.pk]),
    Shot("contact-long", "contact", LOU, args=lambda stage: [stage.long_pending.chain.contact_id]),
    Shot("contact-edit", "contact", ADA, args=lambda stage: [stage.a_contact.pk], steps=edit_in_place),
    Shot("contact-edit-wrong", "contact", WANDA, args=of_zoe, steps=edit_in_disorder, reaches="edit_contact"),
    Shot("contact-edit-page", "edit_contact", ADA, args=lambda stage: [stage.a_contact.pk], has_script=False),
    Shot("merge-choose", "merge_contact", ADA, args=lambda stage: [stage.a_contact.pk], query="?q=an"),
    Shot(
        "merge",
        "merge_contact",
        LOU,
        args=lambda stage: [stage.long_pending.chain.contact_id],
        query=lambda stage: f"?with={stage.long_cancelled.chain.contact_id}",
    ),
    Shot(
        "conversation-new",
        "contact",
        ADA,
        args=lambda stage: [stage.a_contact.pk],
        steps=opens("#new-conversation"),
        reaches="new_conversation",
    ),
    Shot("conversation-wrong", "contact", WANDA, args=of_zoe, steps=send_empty_conversation),
    Shot(
        "conversation-edit",
        "contact",
        ADA,
        args=lambda stage: [stage.a_contact.pk],
        steps=opens("[id^=edit-conversation]"),
    ),
    Shot("conversation-page", "edit_conversation", ADA, args=of_talk, has_script=False),
    Shot("conversation-remove", "remove_conversation", ADA, args=of_talk, has_script=False),
    Shot("contact-edit-stale", "contact", WANDA, args=of_zoe, steps=edit_too_late),
]
