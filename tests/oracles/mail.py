"""Raw mail bytes read into plain facts with the standard library. Judges nothing."""

import email
import email.policy
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses


@dataclass(frozen=True)
class Part:
    """One leaf of a mail: its type ("text/calendar"), decoded content, and the headers that matter to clients."""

    kind: str
    content: bytes
    content_type: str  # the header as written, unfolded
    encoding: str
    disposition: str  # "", "inline" or "attachment"
    filename: str
    method: str  # the method parameter as written, "" without one
    charset: str

    @property
    def text(self) -> str:
        return self.content.decode(self.charset or "utf-8", errors="replace").replace("\r\n", "\n")


@dataclass(frozen=True)
class Mail:
    """One mail as it went over the wire. Addresses are in lower case, without names; ids keep their brackets."""

    raw: bytes = field(repr=False)
    recipients: tuple[str, ...]  # of the envelope; of the To header where no envelope is known
    message_id: str
    subject: str
    sender: str
    sender_name: str
    to: tuple[str, ...]
    reply_to: tuple[str, ...]
    in_reply_to: str
    structure: str  # such as "mixed(alternative(plain,html,calendar),ics)"
    parts: tuple[Part, ...] = field(repr=False)  # the leaves, in order
    defects: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.raw)

    @property
    def text(self) -> str:
        return self._first_text("text/plain")

    @property
    def html(self) -> str:
        return self._first_text("text/html")

    @property
    def calendars(self) -> tuple[Part, ...]:
        """All text/calendar parts, wherever they stand."""
        return tuple(part for part in self.parts if part.kind == "text/calendar")

    @property
    def attachments(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.disposition == "attachment")

    @property
    def calendar(self) -> bytes:
        """The bytes of the only text/calendar part, b"" without one. Raises ValueError on several."""
        if len(self.calendars) > 1:
            raise ValueError(f"{len(self.calendars)} text/calendar parts in {self.message_id}")
        return self.calendars[0].content if self.calendars else b""

    @property
    def method(self) -> str:
        """The method parameter of the first text/calendar part in capitals, "" without one."""
        return self.calendars[0].method.upper() if self.calendars else ""

    def header(self, name: str) -> str:
        """The first header of this name, decoded; "" when absent."""
        return _value(_message(self.raw), name)

    def _first_text(self, kind: str) -> str:
        found = [part for part in self.parts if part.kind == kind and part.disposition != "attachment"]
        return found[0].text if found else ""


def read_mail(raw: bytes, *, recipients: Sequence[str] = ()) -> Mail:
    """Return the mail in `raw`; `recipients` are those of the envelope, the To header stands in for them."""
    message = _message(raw)
    to = _addresses(message, "To")
    sender_name, sender = (getaddresses([_value(message, "From")]) or [("", "")])[0]
    return Mail(
        raw=raw,
        recipients=tuple(recipient.lower() for recipient in recipients) or to,
        message_id=_value(message, "Message-ID"),
        subject=_value(message, "Subject"),
        sender=sender.lower(),
        sender_name=sender_name,
        to=to,
        reply_to=_addresses(message, "Reply-To"),
        in_reply_to=_value(message, "In-Reply-To"),
        structure=_structure(message),
        parts=tuple(_part(leaf) for leaf in message.walk() if not leaf.is_multipart()),
        defects=tuple(type(defect).__name__ for part in message.walk() for defect in part.defects),
    )


def _message(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def _value(message: EmailMessage, name: str) -> str:
    return str(message.get(name, "")).strip()


def _addresses(message: EmailMessage, name: str) -> tuple[str, ...]:
    values = [str(value) for value in message.get_all(name, [])]
    return tuple(address.lower() for _, address in getaddresses(values) if address)


def _structure(part: EmailMessage) -> str:
    subtype = part.get_content_subtype()
    if not part.is_multipart():
        return subtype
    return f"{subtype}({','.join(_structure(child) for child in part.iter_parts())})"


def _part(leaf: EmailMessage) -> Part:
    return Part(
        kind=leaf.get_content_type(),
        content=leaf.get_payload(decode=True) or b"",
        content_type=_raw_header(leaf, "content-type"),
        encoding=_value(leaf, "Content-Transfer-Encoding").lower(),
        disposition=leaf.get_content_disposition() or "",
        filename=leaf.get_filename() or "",
        method=str(leaf.get_param("method") or ""),
        charset=str(leaf.get_param("charset") or "").lower(),
    )


def _raw_header(leaf: EmailMessage, name: str) -> str:
    """The header as the sender wrote it: the parsed one hides a stray semicolon."""
    found = [value for key, value in leaf.raw_items() if key.lower() == name]
    return " ".join(str(found[0]).split()) if found else ""
