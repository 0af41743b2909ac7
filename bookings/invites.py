"""iTIP messages (RFC 5546) for one meeting: the invitation that a mail carries, and the file a booker downloads.

No mail and no calendar server here: facts in, octets of a VCALENDAR out. The same facts give the same octets.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.encoding import punycode
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from icalendar import Calendar, vCalAddress, vUri
from icalendar import Event as Component

from bookings import links, mail_kinds
from bookings.models import Booking, Delivery
from bookings.rules.notices import HOSTS, Audience, Method
from bookings.rules.statuses import Status

PRODUCT = "-//Booking Hub//Booking Hub//EN"
#: More names than this make a title that no calendar shows whole; the team stands for them.
NAMES_IN_TITLE = 2
_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"\\^`{|}]+")


@dataclass(frozen=True)
class Event:
    """One meeting as one reader's calendar shows it. Instants are aware; `attendee` is "" where nobody is invited, `organizer` where nobody invites."""

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    status: str
    summary: str
    description: str
    location: str
    url: str
    organizer: str = ""
    organizer_name: str = ""
    attendee: str = ""
    attendee_name: str = ""
    #: Whether the attendee is asked to answer; else they count as having accepted. `answer`: what they answered before.
    asks: bool = False
    answer: str = ""


def calendar(delivery: Delivery, *, link: str) -> bytes:
    """Write the iTIP message that a delivery carries: REQUEST or CANCEL to its one recipient (RFC 5546 §3.2.2, §3.2.5).

    `link` is the page where this reader finds the booking, "" where they have none; it goes into the description.
    """
    facts = delivery.payload
    times, _beside = mail_kinds.times_of(delivery)
    # The address that was the booker's is told nothing it could still act on.
    place = {"url": ""} if delivery.audience == Audience.FORMER_BOOKER else facts["place"]
    if delivery.stamped_at is None or delivery.sequence is None:
        raise ValueError("an invitation without DTSTAMP and SEQUENCE")
    event = Event(
        uid=facts["uid"],
        sequence=delivery.sequence,
        stamped_at=delivery.stamped_at,
        starts_at=datetime.fromisoformat(times["starts_at"]),
        ends_at=datetime.fromisoformat(times["ends_at"]),
        status="CANCELLED" if delivery.method == Method.CANCEL else "CONFIRMED",
        summary=summary(facts, audience=delivery.audience),
        description=description({**facts, "place": place}, audience=delivery.audience, link=link),
        location=where(place),
        url=web_address(place["url"]),
        organizer=organizer(delivery),
        asks=asks(delivery) and delivery.method == Method.REQUEST,
        answer=facts["reader"].get("answer", ""),
        organizer_name=facts["team"]["name"],
        attendee=mailbox(delivery.recipient),
        attendee_name=delivery.recipient_name,
    )
    return octets(event, method=delivery.method)


def event_file(booking: Booking, *, link: str = "") -> bytes:
    """Write the file that adds a booking to any calendar by hand (METHOD:PUBLISH), with the UID and SEQUENCE of the mails.

    Its description carries `link`, the booker's page. Asks the database for the hosts unless they were prefetched.
    """
    chain = booking.chain
    place = _place_facts(booking)
    hosts = [row.host.name for row in booking.booking_hosts.all()]
    facts = {
        "type": {"name": booking.booking_type.name},
        "team": {"name": booking.team.name},
        "hosts": hosts,
        "place": place,
    }
    statuses = {
        Status.CONFIRMED: "CONFIRMED",
        Status.COMPLETED: "CONFIRMED",
        Status.CONFIRMING: "CONFIRMED",
        Status.PENDING: "TENTATIVE",
    }
    event = Event(
        uid=chain.uid,
        sequence=max(chain.sequence, 0),
        stamped_at=chain.stamped_at or booking.created_at,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        status=statuses.get(booking.state, "CANCELLED"),
        summary=summary(facts, audience=Audience.BOOKER),
        description=description(facts, audience=Audience.BOOKER, link=link),
        location=where(place),
        url=web_address(place["url"]),
        organizer=links.organizer_address(chain.organizer or links.new_organizer(), chain),
        organizer_name=booking.team.name,
    )
    return octets(event, method="PUBLISH")


def asks(delivery: Delivery) -> bool:
    """Whether answers to its invitation are read."""
    return "*" in delivery.payload["organizer"]


def organizer(delivery: Delivery) -> str:
    """The organizer of a delivery's invitation, with the chain's token where answers are read."""
    kept: str = delivery.payload["organizer"]
    return links.organizer_address(kept, delivery.chain) if asks(delivery) and delivery.chain else kept


def octets(event: Event, *, method: str) -> bytes:
    """Write one event as a VCALENDAR. Times are in UTC and there is no VTIMEZONE: Outlook refuses a CANCEL with TZID."""
    written = Calendar()
    written.add("prodid", PRODUCT)
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", method)
    written.add_component(component(event))
    return written.to_ical()


def where(place: dict[str, str]) -> str:
    """Say in one line where a booking takes place: the link to meet at, else the place's name with its address or number."""
    if url := web_address(place.get("url", "")):
        return url
    name, details = place.get("name", ""), place.get("details", "")
    if place.get("kind") not in ("address", "phone"):
        return name
    return details if not name or name in details else ", ".join(filter(None, (name, details)))


def web_address(text: str) -> str:
    """Give back an http or https address that can stand in a URL property, and "" for anything else."""
    return text if _WEB_ADDRESS.fullmatch(text) else ""


def mailbox(address: str) -> str:
    """An address as it stands in headers and calendars: a domain with umlauts in its ASCII form."""
    name, at, domain = address.rpartition("@")
    return f"{name}{at}{punycode(domain)}"


def component(event: Event) -> Component:
    """The VEVENT of one meeting."""
    part = Component()
    part.add("uid", event.uid)
    part.add("sequence", event.sequence)
    part.add("dtstamp", _utc(event.stamped_at))
    part.add("dtstart", _utc(event.starts_at))
    part.add("dtend", _utc(event.ends_at))
    part.add("summary", _plain(event.summary))
    part.add("status", event.status)
    part.add("transp", "OPAQUE")
    if event.organizer:
        part.add("organizer", _person(event.organizer, event.organizer_name), encode=False)
    if event.attendee:
        part.add("attendee", _attendee(event), encode=False)
    for name, text in (("location", event.location), ("description", event.description)):
        if text:
            part.add(name, _plain(text))
    if event.url:
        part.add("url", vUri(event.url))
    return part


def _attendee(event: Event) -> vCalAddress:
    """The one attendee. Where no inbox reads answers they have accepted already: they chose the time themselves."""
    person = _person(event.attendee, event.attendee_name)
    person.params.update(
        {
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": (event.answer.upper() or "NEEDS-ACTION") if event.asks else "ACCEPTED",
            "RSVP": "TRUE" if event.asks else "FALSE",
        }
    )
    return person


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{_plain(address)}")
    # The escapes of RFC 6868 (^' for a quote) are shown raw by some clients, so the name goes without such characters.
    clean = " ".join(_plain(name).replace('"', " ").replace("^", " ").split())
    if clean:
        person.params["CN"] = clean
    return person


def summary(facts: dict[str, Any], *, audience: str) -> str:
    """[Booking type] - [the other party], seen from the reader."""
    if audience in HOSTS:
        return f"{facts['type']['name']} - {facts['booker']['name']}"
    hosts = facts["hosts"]
    party = get_text_list(hosts, _("and")) if 0 < len(hosts) <= NAMES_IN_TITLE else facts["team"]["name"]
    return f"{facts['type']['name']} - {party}"


def description(facts: dict[str, Any], *, audience: str, link: str) -> str:
    """Who it is with, how to get there, and the page where this reader finds it."""
    lines = []
    if audience in HOSTS:
        booker = facts["booker"]
        lines.append(", ".join(filter(None, (booker["name"], booker["email"], booker["phone"]))))
    else:
        with_whom = get_text_list(facts["hosts"], _("and")) or facts["team"]["name"]
        lines.append(_("With %(names)s.") % {"names": with_whom})
    if facts["place"].get("instructions"):
        lines.append(facts["place"]["instructions"])
    if link and audience in HOSTS:
        lines.append(_("Open in Booking Hub: %(link)s") % {"link": link})
    elif link:
        lines.append(_("See, move or cancel: %(link)s") % {"link": link})
    return "\n\n".join(lines)


def _place_facts(booking: Booking) -> dict[str, str]:
    place = booking.location
    words = (
        {"kind": place.kind, "name": place.name, "details": place.details, "instructions": place.instructions}
        if place
        else {}
    )
    return {"kind": "", "name": "", "details": "", "instructions": "", **words, "url": booking.meeting_url}


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _plain(text: str) -> str:
    """Keep line breaks, drop every other control character and lone surrogate: no calendar file may hold them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"})
