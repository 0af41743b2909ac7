"""Change what is known of a booker: name, mail, phone, notes. Time and host are moved by other verbs."""

from collections.abc import Callable
from dataclasses import dataclass

from bookings import contacts, outbox
from bookings.lifecycle import effects, readers
from bookings.lifecycle.actors import Actor
from bookings.lifecycle.step import Move, Turn, make
from bookings.links import new_nonce
from bookings.models import Booking, BookingChain, BookingChange
from bookings.rules import notices
from bookings.rules.notices import Audience, Kind, Reader
from bookings.rules.refusals import Refused
from bookings.rules.statuses import HOLDING, Action, Status
from bookings.rules.words import search_text


@dataclass(frozen=True)
class Details:
    """What a host may change of a booker, as typed and checked by a form."""

    name: str
    email: str
    phone: str
    notes: str


def edit_details(booking_id: int, details: Details, *, actor: Actor, version: int) -> Booking:
    """Change the booker's details, in any status. Nothing changed is nothing done.

    Who has the new mail address or phone is the booking's contact from then on. A new mail address of a booking that stands or waits: the old address gets its invitation taken back, the new one
    gets it, and the manage link is a new one. An open wish of the chain changes along. Raises what every move may.
    """
    return _edit(booking_id, details, actor=actor, version=version, follow_contact=_find_contact)


def edit_details_and_contact(booking_id: int, details: Details, *, actor: Actor, version: int) -> Booking:
    """Change the booker's details as `edit_details` does, and what is new in those of the contact too.

    A mail address that another contact has is theirs: the booking goes to that one, and no contact is changed.
    """
    return _edit(booking_id, details, actor=actor, version=version, follow_contact=_change_contact)


def _edit(
    booking_id: int,
    details: Details,
    *,
    actor: Actor,
    version: int,
    follow_contact: Callable[[Turn, BookingChange], None],
) -> Booking:
    new = {
        "booker_name": details.name,
        "booker_email": details.email,
        "booker_phone": details.phone,
        "notes": details.notes,
    }

    def judge(turn: Turn) -> None:
        booking = turn.booking
        if booking.is_proposal:
            raise Refused("open_wish")
        turn.changed = {
            name: [getattr(booking, name), value]
            for name, value in new.items()
            if getattr(booking, name) != value
        }
        if not turn.changed:
            raise _Unchanged
        turn.fields |= {name: values[1] for name, values in turn.changed.items()}
        turn.fields["search_text"] = search_text(
            name=details.name, email=details.email, phone=details.phone, reference=turn.chain.reference
        )

    def follow(turn: Turn, change: BookingChange) -> None:
        _share(turn)
        was = {name: values[0] for name, values in change.changed.items()}
        follow_contact(turn, change)
        if turn.booking.state not in HOLDING:
            return
        if "booker_name" in was and turn.booking.state in (Status.CONFIRMING, Status.CONFIRMED):
            # The title of the event names the booker.
            effects.move_calendars(turn, change)
        if "booker_email" in was:
            _change_address(turn, change, was["booker_email"], name=was.get("booker_name", details.name))

    try:
        return make(
            Move(booking_id, Action.EDIT, None, actor, version),
            judge=judge,
            follow=follow,
            is_same=lambda turn: all(getattr(turn.booking, name) == value for name, value in new.items()),
        )
    except _Unchanged:
        return Booking.objects.get(pk=booking_id)


class _Unchanged(Exception):
    """There is nothing to write."""


def _share(turn: Turn) -> None:
    """Other rows of the chain that hold time (an open wish, or what it would move) are the same booker's."""
    rows = Booking.objects.filter(chain=turn.chain, status__in=HOLDING).exclude(pk=turn.booking.pk)
    if turn.booking.state in HOLDING:
        rows.update(**turn.fields)


def _find_contact(turn: Turn, change: BookingChange) -> None:
    """Let the chain belong to who has the new address; a conversation is one of the contact who had it."""
    if not change.changed.keys() & {"booker_email", "booker_phone"}:
        return
    booking, before = turn.booking, turn.chain.contact_id
    turn.chain.contact = contacts.find_or_create(
        booking.team, name=booking.booker_name, email=booking.booker_email, phone=booking.booker_phone
    )
    if turn.chain.contact_id != before:
        turn.chain.conversation = None
    turn.chain.save(update_fields=["contact", "conversation"])


#: The fields of a contact, by those of a booking.
_OF_CONTACT = {"booker_name": "name", "booker_email": "email", "booker_phone": "phone"}


def _change_contact(turn: Turn, change: BookingChange) -> None:
    booking = turn.booking
    stored = contacts.locked(booking.team).filter(pk=turn.chain.contact_id).first()
    owner = contacts.matching(booking.team, email=booking.booker_email, phone="") if stored else None
    if stored is None or (owner is not None and owner.pk != stored.pk):
        _find_contact(turn, change)
        return
    values = {
        _OF_CONTACT[name]: value for name, (_was, value) in change.changed.items() if name in _OF_CONTACT
    }
    if "email" in values:
        values["email"] = contacts.normal_email(values["email"])
    if "phone" in values:
        values["phone"] = contacts.normal_phone(values["phone"])
    contacts.change(stored, values, by=turn.actor.user, name=turn.actor.name, now=turn.now)


def _change_address(turn: Turn, change: BookingChange, old: str, *, name: str) -> None:
    """Take back what the old address had, by its last link; then the new one gets all of it, with a link of its own."""
    booking, chain = turn.booking, turn.chain
    # Who takes part all the same, as host or guest, keeps what waits for them.
    if not readers.holds(old, {reader.mailbox for reader in readers.of_turn(turn)}):
        outbox.supersede_to(chain.pk, old, by=change)
    chain.link_nonce = new_nonce()
    BookingChain.objects.filter(pk=chain.pk).update(link_nonce=chain.link_nonce)
    held = readers.holds(old, readers.invited(chain.pk))
    former = former_booker(booking, email=old, name=name, has_invitation=held)
    effects.notify(
        turn,
        change,
        lambda people: notices.address_changed(people, kind=MAIL_OF_NEW_ADDRESS.get(booking.state)),
        more=[former] if old else [],
    )


#: What a new address gets at once; while it is being confirmed everybody is told once it is.
MAIL_OF_NEW_ADDRESS = {
    Status.WAITING: Kind.AWAITING_PAYMENT,
    Status.PENDING: Kind.REQUESTED,
    Status.CONFIRMED: Kind.CONFIRMED,
}


def former_booker(booking: Booking, *, email: str, name: str, has_invitation: bool) -> Reader:
    """The reader at an address that was the booker's; `has_invitation`: one may have reached it."""
    return Reader(
        Audience.FORMER_BOOKER,
        email,
        name,
        booking.booker_language,
        booking.booker_zone,
        booking.booker_hour_cycle,
        has_invitation=has_invitation,
    )
