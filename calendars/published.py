"""What a feed says of a host's bookings: which ones, how each reads, and the octets of it all (RFC 5545, no METHOD).

The facts are read in one query and name the octets: while they are the same, so is every octet, and nothing is written
for a reader who has them.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, override
from icalendar import Calendar

from bookings import invites, links
from bookings.localtime import in_zone
from bookings.models import Booking, User
from bookings.rules.notices import Audience
from bookings.rules.statuses import Status
from calendars import reading
from calendars.models import Feed

DAYS_BACK, DAYS_AHEAD = 30, 365
#: How often a subscriber may look again; an ISO 8601 duration.
REFRESH = "PT15M"
#: Raised with every change of how a feed is written: what subscribers keep is then written anew.
EDITION = 1

STANDS = (Status.CONFIRMING, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)
REQUESTED = (Status.WAITING, Status.PENDING)

_WHEN = (
    "chain__uid",
    "chain__sequence",
    "chain__stamped_at",
    "created_at",
    "starts_at",
    "ends_at",
    "status",
)
#: What a row is read for; of a busy-only feed nothing but times ever leaves the database.
_FIELDS: dict[str, tuple[str, ...]] = {
    Feed.Shows.BUSY: _WHEN,
    Feed.Shows.DETAILS: (
        *_WHEN,
        "pk",
        "booking_type__name",
        "booker_name",
        "booker_email",
        "booker_phone",
        "notes",
        "meeting_url",
        "location__kind",
        "location__name",
        "location__details",
        "location__instructions",
    ),
}


@dataclass(frozen=True)
class Published:
    """A feed at one moment: its facts, in the language of its host."""

    feed: Feed
    rows: tuple[dict[str, Any], ...]

    @property
    def reader(self) -> User:
        return self.feed.host.user

    @cached_property
    def etag(self) -> str:
        """Names the octets, quoted as it stands in the header."""
        facts = [
            EDITION,
            settings.BASE_URL,
            self.feed.shows,
            self.reader.name,
            self.reader.language,
            [list(row.values()) for row in self.rows],
        ]
        text = json.dumps(facts, cls=DjangoJSONEncoder)
        return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'

    @property
    def revised_at(self) -> datetime:
        """When the last of what stands in it was written; what was called off since is not told by it."""
        return max((_stamp(row) for row in self.rows), default=self.feed.made_at)

    def octets(self) -> bytes:
        """Write the feed."""
        with override(self.reader.language):
            written = Calendar()
            written.add("prodid", invites.PRODUCT)
            written.add("version", "2.0")
            written.add("calscale", "GREGORIAN")
            written.add("x-wr-calname", gettext("Booking Hub: %(host)s") % {"host": self.reader.name})
            written.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"}, encode=False)
            written.add("x-published-ttl", REFRESH)
            for event in self._events():
                written.add_component(invites.component(event))
            return written.to_ical()

    def _events(self) -> Iterator[invites.Event]:
        say = _details if self.feed.shows == Feed.Shows.DETAILS else _busy
        return (say(row) for row in self.rows)


def published(feed: Feed, *, now: datetime) -> Published:
    """Read what a feed says now. One query."""
    today = in_zone(now, feed.host).date()
    starts, ends = reading.bounds_of(
        today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD), in_zone(now, feed.host).tzinfo
    )
    statuses = STANDS + (REQUESTED if feed.has_pending else ())
    found = (
        Booking.objects.visible_to(feed.host.user)
        .filter(booking_hosts__host=feed.host, starts_at__lt=ends, ends_at__gt=starts)
        # A wish for another time is none yet: the old one stands in its place.
        .filter(status__in=statuses, is_proposal=False)
        .order_by("starts_at", "pk")
    )
    return Published(feed, tuple(found.values(*_FIELDS[feed.shows])))


def _stamp(row: dict[str, Any]) -> datetime:
    return row["chain__stamped_at"] or row["created_at"]


def _when(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "uid": row["chain__uid"],
        "sequence": max(row["chain__sequence"], 0),
        "stamped_at": _stamp(row),
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "status": "TENTATIVE" if row["status"] in REQUESTED else "CONFIRMED",
    }


def _busy(row: dict[str, Any]) -> invites.Event:
    """That the time is taken, and nothing else."""
    return invites.Event(**_when(row), summary=gettext("Busy"), description="", location="", url="")


def _details(row: dict[str, Any]) -> invites.Event:
    """A booking as the invitation of its host says it, with what the booker wrote."""
    place = {
        **{name: row[f"location__{name}"] or "" for name in ("kind", "name", "details", "instructions")},
        "url": row["meeting_url"],
    }
    booker = {name: row[f"booker_{name}"] for name in ("name", "email", "phone")}
    facts = {"type": {"name": row["booking_type__name"]}, "booker": booker, "place": place}
    link = links.absolute(reverse("bookings:booking", args=[row["pk"]]))
    said = invites.description(facts, audience=Audience.HOST, link=link)
    return invites.Event(
        **_when(row),
        summary=invites.summary(facts, audience=Audience.HOST),
        description="\n\n".join(filter(None, (row["notes"], said))),
        location=invites.where(place),
        url=invites.web_address(place["url"]),
    )
