"""Capability links: an HMAC over a row's nonce, so that a dump of the database yields no working link.

A token is `<row id in base 36>-<22 characters>`: 128 bits of HMAC-SHA256 under LINK_KEY over purpose, id and nonce.
A new nonce revokes the link; a token made for one purpose is worth nothing for another.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import F, Model, QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import base36_to_int, int_to_base36

from bookings.models import BookingChain, BookingHost, BookingType, Invitation, SingleUseLink
from bookings.rules.refusals import Refused

MANAGE = "manage"
INVITE = "invite"
ANSWER = "answer"
PRIVATE = "private"
ONCE = "once"
FEED = "feed"
REPLY = "reply"


def new_nonce() -> str:
    """256 random bits, as 43 characters."""
    return secrets.token_urlsafe(32)


def keyed_hash(purpose: str, value: str) -> str:
    """A keyed hash of something that must not be stored as it is (an address of a visitor); 43 characters."""
    digest = hmac.new(settings.LINK_KEY.encode(), f"{purpose}\0{value}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_for(purpose: str, *, pk: int, nonce: str) -> str:
    """The token of a row for a purpose."""
    digest = hmac.new(
        settings.LINK_KEY.encode(), f"{purpose}\0{pk}\0{nonce}".encode(), hashlib.sha256
    ).digest()
    return f"{int_to_base36(pk)}-{base64.urlsafe_b64encode(digest[:16]).rstrip(b'=').decode()}"


def chain_of(token: str) -> BookingChain:
    """The chain whose manage link this is. Raises Refused("bad_link")."""
    return row_of(MANAGE, token, BookingChain.objects.all(), "link_nonce")


def invitation_of(token: str) -> Invitation:
    """The invitation whose link this is. Raises Refused("bad_link")."""
    return row_of(INVITE, token, Invitation.objects.select_related("team"), "nonce")


def manage_token(chain: BookingChain) -> str:
    return token_for(MANAGE, pk=chain.pk, nonce=chain.link_nonce)


def manage_url(chain: BookingChain) -> str:
    """The booker's one link, absolute, from BASE_URL and never from a request's Host."""
    return absolute(reverse("bookings:manage", args=[manage_token(chain)]))


def fingerprint(chain: BookingChain) -> str:
    """Tells by which nonce a chain's links were made, and nothing else: a mail of an older one carries no link any more."""
    return keyed_hash("fingerprint", chain.link_nonce)[:12]


def answer_url(part: BookingHost) -> str:
    """The page on which a host answers a request from the mail; good while they are on the booking and its links are."""
    token = token_for(ANSWER, pk=part.pk, nonce=part.booking.chain.link_nonce)
    return absolute(reverse("bookings:answer", args=[token]))


def host_part_of(token: str) -> BookingHost:
    """The host of a booking whose answering link this is. Raises Refused("bad_link")."""
    rows = BookingHost.objects.select_related("booking__chain", "host__user").annotate(
        chain_nonce=F("booking__chain__link_nonce")
    )
    return row_of(ANSWER, token, rows, "chain_nonce")


def new_organizer() -> str:
    """The organizer of a chain's invitations, as it is kept: where answers are read, "*" stands for a token that the database does not hold."""
    if settings.HUB_INBOX is None:
        return settings.HUB_ORGANIZER
    name, _at, domain = settings.HUB_INBOX_ADDRESS.rpartition("@")
    return f"{name}+*@{domain}"


def organizer_address(kept: str, chain: BookingChain) -> str:
    """The organizer as it stands in invitations."""
    return kept.replace("*", reply_token(chain))


def reply_token(chain: BookingChain) -> str:
    """The token in the address that a chain's invitations are answered to: 128 bits of HMAC over its owner, which never changes.

    `<row id in base 36>-<26 characters>`, in lower case throughout, because mail servers may write addresses so.
    """
    value = f"{REPLY}\0{chain.pk}\0{chain.owner.hex}".encode()
    digest = hmac.new(settings.LINK_KEY.encode(), value, hashlib.sha256).digest()[:16]
    return f"{int_to_base36(chain.pk)}-{base64.b32encode(digest).rstrip(b'=').decode().lower()}"


def reply_token_in(address: str) -> str:
    """The token in an address that answers are read at; "" where there is none."""
    name, _at, domain = settings.HUB_INBOX_ADDRESS.lower().rpartition("@")
    local, _at, theirs = address.strip().lower().rpartition("@")
    beginning, plus, token = local.partition("+")
    return token if plus and beginning == name and theirs == domain else ""


def chain_of_reply(token: str) -> BookingChain:
    """The chain whose invitations are answered with this token. Raises Refused("bad_link")."""
    try:
        pk = base36_to_int(token.partition("-")[0])
    except ValueError:
        raise Refused("bad_link") from None
    # Numbers beyond what a database holds are nobody's.
    chain = BookingChain.objects.filter(pk=pk).first() if pk < 2**63 else None
    expected = reply_token(chain) if chain else "absent"
    if not constant_time_compare(expected, token) or chain is None:
        raise Refused("bad_link")
    return chain


def invite_url(invitation: Invitation) -> str:
    return absolute(
        reverse(
            "bookings:accept_invitation", args=[token_for(INVITE, pk=invitation.pk, nonce=invitation.nonce)]
        )
    )


def private_token(kind: BookingType) -> str:
    """The token of a type's private link; "" where none was made."""
    return token_for(PRIVATE, pk=kind.pk, nonce=kind.link_nonce) if kind.link_nonce else ""


def private_type_of(token: str) -> BookingType:
    """The type whose private link this is. Raises Refused("bad_link")."""
    rows = BookingType.objects.exclude(link_nonce="").select_related("team")
    return row_of(PRIVATE, token, rows, "link_nonce")


def once_token(link: SingleUseLink) -> str:
    return token_for(ONCE, pk=link.pk, nonce=link.nonce)


def single_use_link_of(token: str) -> SingleUseLink:
    """The single-use link that this is, whatever became of it. Raises Refused("bad_link")."""
    rows = SingleUseLink.objects.select_related("booking_type__team")
    return row_of(ONCE, token, rows, "nonce")


def absolute(path: str) -> str:
    """A path of this site as an absolute address."""
    return urljoin(settings.BASE_URL.rstrip("/") + "/", path.lstrip("/"))


def row_of(purpose: str, token: str, rows: QuerySet[Any], field: str) -> Any:
    """The row whose token for a purpose this is; `field` holds its nonce. Raises Refused("bad_link")."""
    try:
        pk = base36_to_int(token.partition("-")[0])
    except ValueError:
        raise Refused("bad_link") from None
    row: Model | None = rows.filter(pk=pk).first()
    nonce = getattr(row, field) if row else "absent"
    # The comparison is made for an absent row too, so that its time tells nothing.
    if not constant_time_compare(token_for(purpose, pk=pk, nonce=nonce), token) or row is None:
        raise Refused("bad_link")
    return row
