"""What a copy of a booking says in its host's own calendar: from the snapshot of a wish to what the server is given."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from bookings import invites, links, mail_facts
from bookings.models import Delivery, Host
from bookings.rules.notices import Audience
from calendars.models import EventLink
from calendars.providers.base import EventData

#: Servers and telephones show that much of a description at most; the rest is on the booking's page.
MOST_LETTERS = 6000


def event_of(link: EventLink, delivery: Delivery, *, host: Host) -> EventData:
    """The copy as a wish wants it, in its host's language."""
    facts = mail_facts.clean(delivery.payload)
    page = links.absolute(reverse("bookings:booking", args=[delivery.booking_id]))
    with translation.override(host.user.language or settings.LANGUAGE_CODE):
        return EventData(
            link=link.pk.hex,
            revision=delivery.pk,
            summary=invites.summary(facts, audience=Audience.HOST),
            description=description(facts, page=page),
            location=invites.where(facts["place"]),
            url=invites.web_address(facts["place"]["url"]),
            starts_at=datetime.fromisoformat(facts["starts_at"]),
            ends_at=datetime.fromisoformat(facts["ends_at"]),
            stamped_at=(delivery.stamped_at or delivery.created_at).replace(microsecond=0),
        )


def description(facts: dict[str, Any], *, page: str) -> str:
    """Who the booker is and what they said, how to get there, and the page of the booking, which is never cut off."""
    said = [f"{row['label']}: {row['answer']}" for row in facts["answers"] if row.get("answer")]
    if facts["notes"]:
        said.append(_("Notes: %(notes)s") % {"notes": facts["notes"]})
    who = invites.description(facts, audience=Audience.HOST, link="")
    words = "\n\n".join([who, *said])
    if len(words) > MOST_LETTERS:
        words = f"{words[: MOST_LETTERS - 1].rstrip()}…"
    return "\n\n".join([words, _("Open in Booking Hub: %(link)s") % {"link": page}])
