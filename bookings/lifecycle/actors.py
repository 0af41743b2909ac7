"""Who acts: a person of the hub, the booker, or the system. Always an argument, never looked up."""

from dataclasses import dataclass

from bookings.models import BookingChange, User


@dataclass(frozen=True)
class Actor:
    """Somebody or something that changes a booking; `name` is what the history shows."""

    kind: str
    name: str
    user: User | None = None

    @property
    def is_host_side(self) -> bool:
        """Whether the rules for hosts hold: a person of the hub, or a machine that acts for one."""
        return self.user is not None

    def is_same(self, change: BookingChange) -> bool:
        """Whether this one made a change before."""
        return change.actor_kind == self.kind and change.actor_id == (self.user.pk if self.user else None)


def person(user: User) -> Actor:
    return Actor(BookingChange.ActorKind.PERSON, user.name, user)


def booker(name: str) -> Actor:
    return Actor(BookingChange.ActorKind.BOOKER, name)


SYSTEM = Actor(BookingChange.ActorKind.SYSTEM, "System")
