"""What a mail catcher holds, seen as mailboxes and calendars: the entrance for tests about mails.

mails = catcher.mails()
assert_valid_invitation(mails[0])
calendars = replay(mails)
assert [event.status for event in calendars["ana@example.org"]] == ["CANCELLED"]
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.oracles.invitation import invitation_problems, mail_problems
from tests.oracles.mail import Mail, read_mail
from tests.oracles.node import run_script

__all__ = [
    "Anomaly",
    "Event",
    "Mail",
    "Replay",
    "assert_valid_invitation",
    "assert_valid_invitations",
    "assert_valid_mail",
    "differing_doubles",
    "doubles",
    "read_mail",
    "replay",
    "replay_all",
]


@dataclass(frozen=True)
class Event:
    """One event in a recipient's calendar. Times are aware and in UTC, None where the sender gave no instant."""

    uid: str
    recurrence_id: str
    sequence: int
    dtstamp: str
    status: str  # "CONFIRMED", "TENTATIVE" or "CANCELLED"
    start: str  # ISO, "2026-12-01T09:00:00Z"
    end: str
    summary: str
    description: str
    location: str
    url: str
    organizer: str
    attendees: tuple[str, ...]

    @property
    def starts_at(self) -> datetime | None:
        return _instant(self.start)

    @property
    def ends_at(self) -> datetime | None:
        return _instant(self.end)


@dataclass(frozen=True)
class Anomaly:
    """Something a careful client would stumble over; `index` counts the calendar mails from 0 in order of arrival."""

    code: str
    detail: str
    recipient: str
    uid: str
    index: int


@dataclass(frozen=True)
class Replay:
    """All mailboxes after the last mail; `outcomes` has one word for each calendar mail and recipient, in order."""

    calendars: Mapping[str, list[Event]]
    anomalies: tuple[Anomaly, ...]
    outcomes: tuple[str, ...]


def replay(mails: Iterable[Mail]) -> dict[str, list[Event]]:
    """Return each recipient's calendar after these mails, applied in this order as RFC 5546 §2.1.5 says.

    Raises AssertionError naming every anomaly; `replay_all` is for tests that expect some.
    """
    result = replay_all(mails)
    assert not result.anomalies, "\n".join(str(anomaly) for anomaly in result.anomalies)
    return dict(result.calendars)


def replay_all(mails: Iterable[Mail]) -> Replay:
    """Return calendars, anomalies and outcomes. Mails without a calendar part are passed over."""
    messages = [
        {
            "recipient": recipient,
            "method": mail.calendars[0].method,
            "ics": [_encoded(part.content) for part in mail.calendars],
        }
        for mail in mails
        if mail.calendars
        for recipient in mail.recipients
    ]
    answer = run_script("replay.mjs", messages)
    return Replay(
        calendars={who: [_event(found) for found in events] for who, events in answer["calendars"].items()},
        anomalies=tuple(Anomaly(**found) for found in answer["anomalies"]),
        outcomes=tuple(step["outcome"] for step in answer["steps"]),
    )


def assert_valid_mail(mail: Mail) -> None:
    """Fail with everything that is wrong with a mail of any kind."""
    problems = mail_problems(mail)
    assert not problems, "\n".join([f"{mail.subject!r} to {', '.join(mail.to)}:", *problems])


def assert_valid_invitation(mail: Mail) -> None:
    """Fail with everything that keeps this mail from being an invitation that calendar clients act on."""
    assert_valid_invitations([mail])


def assert_valid_invitations(mails: Sequence[Mail]) -> None:
    """The same for many, with one start of each judge."""
    lines = []
    for mail, problems in zip(mails, invitation_problems(mails), strict=True):
        if problems:
            lines.extend([f"{mail.subject!r} to {', '.join(mail.to)}:", *problems])
    assert not lines, "\n".join(lines)


def doubles(mails: Iterable[Mail]) -> dict[str, list[Mail]]:
    """Return the mails that came more than once, by Message-ID."""
    by_id: dict[str, list[Mail]] = {}
    for mail in mails:
        by_id.setdefault(mail.message_id, []).append(mail)
    return {message_id: found for message_id, found in by_id.items() if len(found) > 1}


def differing_doubles(mails: Iterable[Mail]) -> list[str]:
    """Return the Message-IDs that came more than once with different bytes or to different recipients."""
    return [
        message_id
        for message_id, found in doubles(mails).items()
        if len({(mail.raw, mail.recipients) for mail in found}) > 1
    ]


def _event(found: dict) -> Event:
    return Event(**{**found, "attendees": tuple(found["attendees"])})


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text.endswith("Z") else None
