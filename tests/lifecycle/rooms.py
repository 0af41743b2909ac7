"""A service that makes rooms over a network, as far as a test needs one: it keeps what was made, and is slow, fails or dies on demand."""

from collections.abc import Callable
from datetime import datetime

from bookings.meetings import Gone, Meeting, Room
from bookings.rules.deliveries import TryLater


class Killed(BaseException):
    """The worker is gone from here on."""


class Rooms:
    """Rooms by the id the service gave them. It makes another one each time it is asked, as such services do.

    `trouble` is called before and after each call with its name ("make", "made", ...), and may raise.
    """

    label = "Test Meet"
    needs_network = True

    def __init__(self) -> None:
        self.rooms: dict[str, Meeting] = {}
        self.calls: list[str] = []
        self.ever = 0
        self.trouble: Callable[[str], None] = lambda moment: None

    def find(self, meeting: Meeting) -> Room | None:
        self._call("find")
        found = [one for one, made in self.rooms.items() if made.key == meeting.key]
        assert len(found) <= 1, "two rooms for one key"
        return self._room(found[0]) if found else None

    def make(self, meeting: Meeting) -> Room:
        self._call("make")
        self.ever += 1
        one = f"r{self.ever}"
        self.rooms[one] = meeting
        self.trouble("made")
        return self._room(one)

    def move(self, room: Room, meeting: Meeting) -> Room:
        self._call("move")
        if room.remote_id not in self.rooms:
            raise Gone
        self.rooms[room.remote_id] = meeting
        self.trouble("moved")
        return room

    def remove(self, room: Room) -> None:
        self._call("remove")
        self.rooms.pop(room.remote_id, None)
        self.trouble("removed")

    @property
    def times(self) -> list[datetime]:
        return [meeting.starts_at for meeting in self.rooms.values()]

    def _call(self, name: str) -> None:
        self.calls.append(name)
        self.trouble(name)

    @staticmethod
    def _room(one: str) -> Room:
        return Room(f"https://meet.test.example/{one}", one)


def fails(cause: str = "The meeting service does not answer.") -> Callable[[str], None]:
    def trouble(moment: str) -> None:
        raise TryLater(cause)

    return trouble


def dies_at(*moments: str) -> Callable[[str], None]:
    """Die at the first of these moments that comes."""

    def trouble(moment: str) -> None:
        if moment in moments:
            raise Killed

    return trouble
