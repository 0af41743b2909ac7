"""Links to meet at: the services that give them, and the outbox handler that brings a service to what is wanted.

A service that needs no network gives its link at once. What another one makes is a step of confirming (channel meeting):
a delivery is a wish, set on the chain's MeetingRoom, and the service is brought to what stands there. That a room may exist
is committed before the first request that can make it, so that after a kill it is looked for and never made twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Booking, BookingChain, Delivery, Location, MeetingRoom
from bookings.rules.deliveries import GiveUp, Outcome, TryLater

STATIC, GENERATED = "static", "generated"
#: All rooms of a chain are one line of the outbox.
RECIPIENT = "room"


@dataclass(frozen=True)
class Meeting:
    """What a room is made for. `key`: a room for one key is made once; `details`: what the place says beside its service;
    `host`: the address of who leads it. Instants are aware."""

    key: str
    title: str
    details: str
    host: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Room:
    """A room as it stands at a service; `remote_id` is what it is called there."""

    url: str
    remote_id: str = ""


class Gone(Exception):
    """The room is not there any more."""


class Service(Protocol):
    """What gives links to meet at. Every call may raise TryLater (also when nobody knows whether it was carried out) and
    GiveUp, with the cause in words that a host reads; none may take longer than half the lease of a delivery."""

    label: Promise | str
    #: Without it, `make` answers at once and the others are never called.
    needs_network: bool

    def find(self, meeting: Meeting) -> Room | None:
        """The room that was made for this key, whatever its time."""
        ...

    def make(self, meeting: Meeting) -> Room:
        """Make the room of a key that has none."""
        ...

    def move(self, room: Room, meeting: Meeting) -> Room:
        """Let a room be there at another time; its link should stay. Raises Gone."""
        ...

    def remove(self, room: Room) -> None:
        """Take a room away; that it is gone already is no failure."""
        ...


class _AtOnce:
    """A service that needs no network: there is nothing to be looked for, moved or taken away."""

    needs_network = False

    def find(self, meeting: Meeting) -> Room | None:
        return None

    def move(self, room: Room, meeting: Meeting) -> Room:
        return room

    def remove(self, room: Room) -> None:
        pass


class _Static(_AtOnce):
    """The one link of a place."""

    label = gettext_lazy("Video link")

    def make(self, meeting: Meeting) -> Room:
        link = meeting.details
        return Room(link if link.startswith(("https://", "http://")) else f"https://{link}")


class _Generated(_AtOnce):
    """A room of its own that nobody can guess, at a service where a room is there once somebody enters it (Jitsi Meet)."""

    label = gettext_lazy("Generated link")

    def make(self, meeting: Meeting) -> Room:
        base = (meeting.details or settings.HUB_MEETING_BASE_URL).rstrip("/")
        return Room(f"{base}/{meeting.key}")


_services: dict[str, Service] = {}


def register(name: str, service: Service) -> None:
    """Let places name a service. The last one registered under a name stands."""
    _services[name] = service


register(STATIC, _Static())
register(GENERATED, _Generated())


def service_of(place: Location | None) -> str:
    """The name of the service that gives the links of a place; "" where people meet without one."""
    if place is None or place.kind not in (Location.Kind.VIDEO, Location.Kind.MEETING):
        return ""
    return STATIC if place.kind == Location.Kind.VIDEO else place.service or GENERATED


def is_made_apart(place: Location | None) -> bool:
    """Whether the link of a place is made over the network, as a step of confirming. One that is not set up any more counts."""
    name = service_of(place)
    return bool(name) and (name not in _services or _services[name].needs_network)


def label_of(name: str) -> str:
    """What people call a service."""
    return str(_services[name].label) if name in _services else name


def link_at_once(booking: Booking) -> str:
    """The link to meet at, where it needs no network; else ""."""
    place = booking.location
    if place is None or not service_of(place) or is_made_apart(place):
        return ""
    meeting = Meeting(
        key=f"{booking.chain.reference}-{booking.chain.owner.hex}",
        title="",
        details=place.details,
        host="",
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
    )
    return _services[service_of(place)].make(meeting).url


def wish_of(booking: Booking, *, host: str) -> dict[str, Any]:
    """What a delivery has to say of the room of a booking, beside its snapshot."""
    place = booking.location
    assert place is not None
    return {
        "service": service_of(place),
        "location": place.pk,
        "details": place.details,
        "title": f"{booking.booking_type.name} - {booking.booker_name}",
        "host": host,
    }


# -- The handler -------------------------------------------------------------------------------------------------------


def deliver(delivery: Delivery) -> Outcome:
    """Bring the rooms of a chain to what a delivery wishes. Raises TryLater, GiveUp."""
    # A cause is kept for the hosts of the team and so is written in the team's language.
    with translation.override(delivery.team.language if delivery.team else settings.LANGUAGE_CODE):
        wanted = _set_wish(delivery)
        done = _bring(wanted, delivery) if wanted else None
        left = [room for room in _unwanted(delivery) if _take_away(room, delivery)]
        return done or Outcome("room_removed" if left else "no_room")


def _set_wish(delivery: Delivery) -> MeetingRoom | None:
    """Write the wish down: the one room that is wanted from now on, None for none."""
    with transaction.atomic():
        chain = BookingChain.objects.select_for_update().get(pk=delivery.chain_id)
        rooms = MeetingRoom.objects.filter(chain=chain)
        if delivery.kind == "remove":
            rooms.update(is_wanted=False)
            return None
        wish = delivery.payload["meeting"]
        current = rooms.filter(is_wanted=True).first()
        if current is not None:
            if current.service == wish["service"] and current.location_id in (None, wish["location"]):
                return current
            _drop(current)
        return _next(chain, service=wish["service"], location_id=wish["location"])


def _drop(room: MeetingRoom) -> None:
    room.is_wanted = False
    room.save(update_fields=["is_wanted"])


def _next(chain: BookingChain, *, service: str, location_id: int | None) -> MeetingRoom:
    """Another room for a chain, under a key that no other one ever had."""
    number = MeetingRoom.objects.filter(chain=chain).count() + 1
    return MeetingRoom.objects.create(
        chain=chain,
        location=Location.objects.filter(pk=location_id).first(),
        service=service,
        generation=number,
        key=chain.owner.hex if number == 1 else f"{chain.owner.hex}-{number}",
    )


def _bring(room: MeetingRoom, delivery: Delivery) -> Outcome:
    """Let the room be there at the time of a delivery."""
    meeting, service = _meeting(room, delivery), _service(room.service)
    if room.url and (room.starts_at, room.ends_at) == (meeting.starts_at, meeting.ends_at):
        return Outcome("room_made")
    try:
        made = _moved(service, room, meeting, delivery) or _made(service, room, meeting, delivery)
    except Gone:
        # Somebody took it away there. Its key is used up.
        with transaction.atomic():
            chain = BookingChain.objects.select_for_update().get(pk=room.chain_id)
            _drop(room)
            again = _next(chain, service=room.service, location_id=room.location_id)
        return _bring(again, delivery)
    was_there, had = bool(room.url), room.url
    room.url, room.remote_id = made.url, made.remote_id
    room.starts_at, room.ends_at = meeting.starts_at, meeting.ends_at
    room.is_told = room.is_told and had == made.url
    _require_ours(delivery)
    room.save(update_fields=["url", "remote_id", "starts_at", "ends_at", "is_told"])
    return Outcome("room_moved" if was_there else "room_made")


def _moved(service: Service, room: MeetingRoom, meeting: Meeting, delivery: Delivery) -> Room | None:
    """The room at its new time; None where none is known. Raises Gone."""
    known = Room(room.url, room.remote_id) if room.url else None
    if known is None and room.is_touched:
        # Whoever began to make it never told what came of it.
        known = service.find(meeting)
    if known is None:
        return None
    _require_ours(delivery)
    return service.move(known, meeting)


def _made(service: Service, room: MeetingRoom, meeting: Meeting, delivery: Delivery) -> Room:
    _require_ours(delivery)
    if not room.is_touched:
        room.is_touched = True
        room.save(update_fields=["is_touched"])
    return service.make(meeting)


def _unwanted(delivery: Delivery) -> list[MeetingRoom]:
    rooms = MeetingRoom.objects.filter(chain=delivery.chain_id, is_wanted=False, is_touched=True)
    return list(rooms.order_by("generation"))


def _take_away(room: MeetingRoom, delivery: Delivery) -> bool:
    """Take a room away that nobody wants any more, if there is one."""
    service = _service(room.service)
    known = Room(room.url, room.remote_id) if room.url else service.find(_meeting(room, delivery))
    if known is not None:
        _require_ours(delivery)
        service.remove(known)
    _require_ours(delivery)
    room.is_touched, room.url, room.remote_id = False, "", ""
    room.save(update_fields=["is_touched", "url", "remote_id"])
    return known is not None


def _service(name: str) -> Service:
    if name not in _services:
        raise GiveUp(_("%(service)s is not set up here any more.") % {"service": name})
    return _services[name]


def _meeting(room: MeetingRoom, delivery: Delivery) -> Meeting:
    facts, wish = delivery.payload, delivery.payload.get("meeting", {})
    return Meeting(
        key=room.key,
        title=wish.get("title", ""),
        details=wish.get("details", ""),
        host=wish.get("host", ""),
        starts_at=datetime.fromisoformat(facts["starts_at"]),
        ends_at=datetime.fromisoformat(facts["ends_at"]),
    )


def _require_ours(delivery: Delivery) -> None:
    """Leave it to whoever took the delivery over from a worker that was silent for too long."""
    if not Delivery.objects.filter(pk=delivery.pk, lease=delivery.lease, state=Delivery.State.OPEN).exists():
        raise TryLater(_("Another worker took this over."))
