"""The faults that a catcher can be told to show, as plain state: what to answer, when, how often."""

from dataclasses import dataclass, field

EVERYBODY = "*"


@dataclass
class Refusal:
    """An SMTP reply instead of 250, for `left` times, or until healed where that is None."""

    reply: str
    left: int | None = None

    def take(self) -> str:
        """Return the reply and count it, "" when used up."""
        if self.left is None:
            return self.reply
        if self.left <= 0:
            return ""
        self.left -= 1
        return self.reply


@dataclass
class Faults:
    """All faults of one catcher; a new one has none."""

    recipients: dict[str, Refusal] = field(default_factory=dict)  # by address in lower case, or EVERYBODY
    data: Refusal | None = None
    keep_and_drop: int = 0  # how many more mails are kept while their sender never hears so
    lose_and_drop: int = 0
    answer_seconds: float = 0.0
    greeting_seconds: float = 0.0

    def refuse_recipient(self, address: str) -> str:
        """Return the reply that refuses this recipient now, "" to accept."""
        for name in (address.lower(), EVERYBODY):
            reply = self.recipients[name].take() if name in self.recipients else ""
            if reply:
                return reply
        return ""

    def refuse_data(self) -> str:
        """Return the reply that refuses this mail after its last line, "" to accept."""
        return self.data.take() if self.data else ""

    def take_keep_and_drop(self) -> bool:
        """Say whether this mail is kept and its connection dropped without an answer."""
        self.keep_and_drop -= 1
        return self.keep_and_drop >= 0

    def take_lose_and_drop(self) -> bool:
        """Say whether this mail is lost together with its connection."""
        self.lose_and_drop -= 1
        return self.lose_and_drop >= 0
