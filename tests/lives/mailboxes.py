"""What stands in everybody's calendar after the invitations they got: RFC 5546 §2.1.5 anew, sharing nothing with the hub."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tests.lives.far_ends import Arrival


@dataclass
class Event:
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    #: The deliveries whose words it has taken in, to tell a mail that came twice.
    deliveries: set[int]


def replay(mails: Iterable[Arrival]) -> tuple[dict[tuple[str, str], Event], list[str]]:
    """The events by recipient and UID, and everything that a careful client would stumble over."""
    events: dict[tuple[str, str], Event] = {}
    stumbles: list[str] = []
    for mail in mails:
        if mail.method:
            _receive(mail, events, stumbles)
    return events, stumbles


def _receive(mail: Arrival, events: dict[tuple[str, str], Event], stumbles: list[str]) -> None:
    key = (mail.recipient, mail.uid)
    standing = events.get(key)
    if mail.recipient != mail.recipient.strip().lower():
        stumbles.append(f"{mail.recipient} is not written in the one way")
    if mail.sequence is None:
        stumbles.append(f"{mail.kind} to {mail.recipient} has no SEQUENCE")
        return
    if standing is None:
        if mail.method == "REQUEST":
            events[key] = _event(mail)
        return
    if mail.delivery in standing.deliveries:
        return  # the same mail again
    came, stands = (mail.sequence, mail.stamped_at), (standing.sequence, standing.stamped_at)
    if came <= stands:
        stumbles.append(f"{mail.kind} {mail.method} to {mail.recipient} came with {came}, {stands} stands")
        return
    if mail.stamped_at <= standing.stamped_at or mail.sequence == standing.sequence:
        stumbles.append(f"{mail.kind} to {mail.recipient}: {came} does not rise over {stands} in both")
    if mail.method == "REQUEST":
        events[key] = _event(mail, standing)
    else:
        standing.sequence, standing.stamped_at, standing.is_cancelled = *came, True
        standing.deliveries.add(mail.delivery)


def _event(mail: Arrival, before: Event | None = None) -> Event:
    known = before.deliveries if before else set()
    return Event(
        mail.sequence or 0, mail.stamped_at, mail.starts_at, mail.ends_at, False, known | {mail.delivery}
    )
