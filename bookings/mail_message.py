"""The form of our mails: text, HTML and an invitation, put together so that the same facts give the same octets."""

import hashlib
from email import encoders
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.nonmultipart import MIMENonMultipart
from typing import Any

from django.core.mail import EmailMultiAlternatives

CALENDAR = "text/calendar"


class Letter(EmailMultiAlternatives):
    """A mail whose MIME form is fixed by what it says: no clock and no chance in it, so that sending it again repeats it.

    multipart/mixed (multipart/alternative (plain, html, calendar), application/ics), or the alternative alone
    without an invitation. Give it Message-ID and Date as headers.
    """

    method: str = ""
    calendar: bytes = b""

    def invite(self, calendar: bytes, *, method: str) -> None:
        """Carry an iTIP message: as the last alternative, which makes it an invitation, and once more as a file (RFC 6047 §2.4)."""
        self.calendar, self.method = calendar, method
        self.attach_alternative(calendar.decode(), f"{CALENDAR}; method={method}")
        self.attach(_file(calendar))

    def carry_as_file(self) -> None:
        """Leave the invitation in one place only, as an attached text/calendar, for providers that take no third alternative."""
        self.alternatives[:] = [part for part in self.alternatives if not part.mimetype.startswith(CALENDAR)]
        self.attachments.clear()
        # In lower case: anymail keeps the type as it is, method included, only where the charset stands in it so.
        part = MIMEBase("text", "calendar", charset="utf-8", method=self.method, name="invite.ics")
        self.attach(_filled(part, self.calendar))

    def message(self) -> Message:
        """Return the MIME message; its boundaries follow from its Message-ID."""
        message = super().message()
        seed = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:24]
        multiparts = [part for part in message.walk() if part.is_multipart()]
        for number, part in enumerate(multiparts):
            # "=_" occurs in no quoted-printable or base64 text (RFC 2045 §6.7).
            part.set_boundary(f"=_{seed}_{number}")
        return message

    def _create_mime_attachment(self, content: Any, mimetype: str) -> Any:
        """Encode the invitation with base64, so that no server on the way touches its line breaks (Django would write 8bit)."""
        if not mimetype.startswith(CALENDAR):
            return super()._create_mime_attachment(content, mimetype)
        part = MIMENonMultipart("text", "calendar", charset="UTF-8", method=self.method)
        part.set_payload(self.calendar)
        encoders.encode_base64(part)
        return part


def _file(calendar: bytes) -> MIMEBase:
    return _filled(MIMEBase("application", "ics", name="invite.ics"), calendar)


def _filled(part: MIMEBase, calendar: bytes) -> MIMEBase:
    part.set_payload(calendar)
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="invite.ics")
    return part
