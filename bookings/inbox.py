"""The mailbox that answers to invitations come to: read over IMAP by one worker at a time, each mail acted upon once.

A mail is matched by the token in an address it was sent to and by the UID of what it answers; whatever else comes is left
alone and counted. What a mail causes is committed together with the note that it was read, then it is flagged, then the
place up to which the mailbox was read moves on: a worker that dies anywhere between causes nothing twice.
"""

import hashlib
import imaplib
import logging
import re
import ssl
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from bookings import lifecycle, links
from bookings.lifecycle.replies import FOREIGN
from bookings.models import BookingChain, Inbox, ReadMail
from bookings.rules.refusals import Refused
from bookings.rules.replies import MOST_BYTES, Mail, read_mail

logger = logging.getLogger(__name__)

#: One answer of the server, one run, and the lease that outlives it.
ANSWER_SECONDS, RUN_SECONDS, LEASE = 20, 60, timedelta(seconds=180)
#: So many mails in one run; the rest waits for the next.
MOST_MAILS = 100
#: How long it is known that a mail was read.
REMEMBERED = timedelta(days=90)
#: Where the mailbox has more than a line of these, it is no mailbox.
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Trouble(Exception):
    """The mailbox could not be read."""


def read_inbox() -> int | None:
    """Read what is new. Returns how many mails were looked at; None where no mailbox is set or another worker reads it."""
    if settings.HUB_INBOX is None:
        return None
    inbox = _take_lease()
    if inbox is None:
        return None
    error = ""
    count = 0
    try:
        with _signed_in() as mailbox:
            count = _read_new(mailbox, inbox)
    except Trouble as trouble:
        error = str(trouble)
    except (imaplib.IMAP4.error, ssl.SSLError, OSError) as failure:
        error = type(failure).__name__
    if error:
        logger.warning("The inbox could not be read: %s", error)
    Inbox.objects.filter(pk=inbox.pk, lease=inbox.lease).update(
        lease=None, lease_until=None, error=error, **({} if error else {"read_at": timezone.now()})
    )
    return count


def forget_mails() -> None:
    """Forget which mails were read so long ago that nobody sends them again."""
    ReadMail.objects.filter(at__lt=timezone.now() - REMEMBERED).delete()


def _take_lease() -> Inbox | None:
    now = timezone.now()
    inbox, _made = Inbox.objects.get_or_create(pk=1)
    inbox.lease = uuid.uuid4()
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    taken = Inbox.objects.filter(free, pk=1).update(lease=inbox.lease, lease_until=now + LEASE)
    return inbox if taken else None


@contextmanager
def _signed_in() -> Iterator[imaplib.IMAP4]:
    """A connection to the mailbox, with its folder open."""
    box = settings.HUB_INBOX
    mailbox: imaplib.IMAP4
    if box.security == "ssl":
        mailbox = imaplib.IMAP4_SSL(
            box.host, box.port, ssl_context=ssl.create_default_context(), timeout=ANSWER_SECONDS
        )
    else:
        mailbox = imaplib.IMAP4(box.host, box.port, timeout=ANSWER_SECONDS)
    try:
        if box.security == "tls":
            mailbox.starttls(ssl.create_default_context())
        mailbox.login(box.user, box.password)
        folder = box.folder.replace("\\", "\\\\").replace('"', '\\"')
        if mailbox.select(f'"{folder}"')[0] != "OK":
            raise Trouble(f"there is no folder {box.folder}")
        yield mailbox
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            mailbox.logout()


def _read_new(mailbox: imaplib.IMAP4, inbox: Inbox) -> int:
    until = time.monotonic() + RUN_SECONDS
    count = 0
    for uid in _new(mailbox, inbox):
        if count >= MOST_MAILS or time.monotonic() > until:
            break
        try:
            outcome = _read_one(mailbox, uid)
        except Refused as refused:
            logger.info("Mail %s waits for the next run: %s", uid, refused.code)
            break
        except (imaplib.IMAP4.error, OSError):
            raise
        except Exception:
            # One that the hub stumbles over must not stop those behind it; it stays unseen where people look.
            logger.exception("Mail %s could not be read", uid)
            outcome = FOREIGN
        counted = "foreign" if outcome == FOREIGN else "matched"
        is_ours = Inbox.objects.filter(pk=inbox.pk, lease=inbox.lease).update(
            last_uid=uid, lease_until=timezone.now() + LEASE, **{counted: F(counted) + 1}
        )
        count += 1
        if not is_ours:
            break  # another worker took over
    return count


def _new(mailbox: imaplib.IMAP4, inbox: Inbox) -> list[int]:
    """Numbers of unseen mails beyond the place that was read up to. In a mailbox that was made anew that is its beginning."""
    validity = int((mailbox.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
    if validity != inbox.uid_validity:
        inbox.uid_validity, inbox.last_uid = validity, 0
        Inbox.objects.filter(pk=inbox.pk, lease=inbox.lease).update(uid_validity=validity, last_uid=0)
    status, found = mailbox.uid("SEARCH", "UNSEEN", "UID", f"{inbox.last_uid + 1}:*")
    if status != "OK":
        raise Trouble("it can't be searched")
    # "n:*" names the last mail even where it lies before n.
    numbers = {int(word) for word in (found[0] or b"").split() if word.isdigit()}
    return sorted(number for number in numbers if number > inbox.last_uid)


def _read_one(mailbox: imaplib.IMAP4, uid: int) -> str:
    """Act upon one mail, and flag it if it was for us."""
    octets = _fetch(mailbox, uid)
    mail = read_mail(octets)
    chain = _chain_of(mail)
    if chain is None or mail.reply is None:
        return FOREIGN
    outcome = lifecycle.take_reply(chain.pk, mail.reply, key=_key(mail))
    if outcome != FOREIGN:
        mailbox.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
    return outcome


def _fetch(mailbox: imaplib.IMAP4, uid: int) -> bytes:
    """A mail without flagging it; nothing where it is longer than any answer, or gone meanwhile."""
    status, parts = mailbox.uid("FETCH", str(uid), f"(RFC822.SIZE BODY.PEEK[]<0.{MOST_BYTES}>)")
    pieces: list[Any] = [part for part in parts or [] if isinstance(part, tuple)]
    if status != "OK" or not pieces:
        return b""
    size = _SIZE.search(pieces[0][0])
    is_whole = size is not None and int(size.group(1)) <= MOST_BYTES
    return bytes(pieces[0][1]) if is_whole else b""


def _chain_of(mail: Mail) -> BookingChain | None:
    """The chain whose token stands in an address of the mail, where what is answered has its UID."""
    if mail.reply is None:
        return None
    # Exchange leaves the ORGANIZER out, a forwarding server may rewrite the address: either will do.
    for address in (*mail.addresses, mail.reply.organizer):
        token = links.reply_token_in(address)
        if not token:
            continue
        try:
            chain = links.chain_of_reply(token)
        except Refused:
            continue
        if chain.uid == mail.reply.uid:
            return chain
    return None


def _key(mail: Mail) -> str:
    """Names a mail by its Message-ID and what it says, so that nobody can spend the name of a mail that is yet to come."""
    return hashlib.sha256(f"{mail.message_id}\0{mail.reply!r}".encode()).hexdigest()
