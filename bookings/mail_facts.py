"""From a delivery's snapshot to the words its templates are filled with, on the reader's clock.

Nothing here asks what time it is: a mail that is sent again reads the same as the first time.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.html import escape
from django.utils.text import get_text_list
from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import gettext as _

from bookings import invites, links
from bookings.localtime import DAY_FORMATS, LocalTime, city, clock, clock_range, day_full, in_zone, zone_name
from bookings.models import Delivery, Invitation
from bookings.models.fields import BIDI_CONTROLS
from bookings.rules.notices import Audience, Kind

#: Bytes of HTML that text of people may take in one mail, so that the whole stays well under 20 KB.
ROOM = {"notes": 1500, "reason": 1200, "instructions": 1000, "answers": 2400, "names": 700}
_SEVERAL_LINES = {"notes", "reason", "instructions", "answer"}


@dataclass
class Clock:
    """The reader's clock, as bookings.localtime wants it."""

    time_zone: str
    hour_cycle: str


@dataclass(frozen=True)
class Tag:
    """The state a mail tells of: sign, word and colours (fill and ink by day, then by night), as the site has them."""

    sign: str
    word: str
    fill: str
    ink: str
    night_fill: str
    night_ink: str


_PENDING = ("…", gettext_lazy("Pending"), "#ffefad", "#5c4400", "#3b300a", "#f9e08d")
_DECLINED = ("−", gettext_lazy("Declined"), "#f2e6dc", "#5f3b25", "#3a291e", "#ebcfbc")
TAGS = {
    Kind.REQUESTED: Tag(*_PENDING),
    Kind.PENDING_REMINDER: Tag(*_PENDING),
    Kind.CONFIRMED: Tag("✓", gettext_lazy("Confirmed"), "#dce7fd", "#173a86", "#1b2d59", "#c7d8ff"),
    Kind.DECLINED: Tag(*_DECLINED),
    Kind.UNANSWERED: Tag(*_DECLINED),
    Kind.CANCELLED: Tag("×", gettext_lazy("Cancelled"), "#fde1df", "#8b1b17", "#46191a", "#ffc2bd"),
}
#: What these tell of is off, so its time is struck through.
ENDED = {Kind.DECLINED, Kind.UNANSWERED, Kind.CANCELLED}


def booking_facts(delivery: Delivery) -> dict[str, Any]:
    """The context of every template about a booking; language must be the reader's already."""
    facts = clean(delivery.payload)
    reader = Clock(facts["reader"]["zone"], facts["reader"]["hour_cycle"])
    starts, ends, at = (
        in_zone(datetime.fromisoformat(facts[name]), reader) for name in ("starts_at", "ends_at", "at")
    )
    context = {
        "tag": TAGS[Kind(delivery.kind)],
        "is_struck": delivery.kind in ENDED,
        "is_invitation": bool(delivery.method),
        "team": facts["team"],
        "type_name": facts["type"]["name"],
        "booker": facts["booker"],
        "hosts": fit(get_text_list(facts["hosts"], gettext("and")), ROOM["names"]),
        "times": clock_range(starts, ends),
        "day": day_full(starts),
        "when": f"{short_day(starts, at)}, {clock_range(starts, ends)}",
        "start": f"{short_day(starts, at)}, {clock(starts)}",
        "zone": zone_name(starts),
        "other_clock": _other_clock(facts, audience=delivery.audience, starts=starts, ends=ends),
        "answer_by": _instant(facts["decide_by_at"], reader, at),
        "place": _place(facts),
        "actor": facts["actor"]["name"],
        "by_reader": _is_by_reader(facts, audience=delivery.audience),
        "by_booker": facts["actor"]["kind"] == "booker",
        "by_system": facts["actor"]["kind"] == "system",
        "reason": fit(facts["reason"], ROOM["reason"]),
        "notes": fit(facts["notes"], ROOM["notes"]),
        "answers": _answers(facts["answers"]),
        "can_cancel": facts["policy"]["cancel"]["allowed"],
        "cancelling": _cancelling(facts, reader, at),
    }
    return context | _links(delivery, facts)


def invitation_facts(delivery: Delivery, invitation: Invitation) -> dict[str, Any]:
    """The context of the mail that brings somebody into a team. The link comes from the row as it is now."""
    facts = clean(delivery.payload)
    reader = Clock(facts["reader"]["zone"], facts["reader"]["hour_cycle"])
    written = in_zone(delivery.created_at, reader)
    expires = in_zone(datetime.fromisoformat(facts["expires_at"]), reader)
    return {
        "team": facts["team"],
        "reader_name": facts["reader"]["name"],
        "inviter": facts["inviter"],
        "role": facts["role"],
        "expires": f"{short_day(expires, written)}, {clock(expires)}",
        "zone": zone_name(expires),
        "link": links.invite_url(invitation),
    }


def page_link(delivery: Delivery) -> str:
    """The page where this reader finds the booking; "" for guests, who have none."""
    if delivery.audience == Audience.HOST:
        return links.absolute(reverse("bookings:booking", args=[delivery.booking_id]))
    if delivery.audience == Audience.BOOKER and has_link(delivery):
        return links.manage_url(delivery.chain)
    return ""


def has_link(delivery: Delivery) -> bool:
    """Whether the chain's links are those of when the mail was written; who had the address before gets none of the new ones."""
    known = delivery.payload.get("link_of")
    return delivery.chain is not None and known in (None, links.fingerprint(delivery.chain))


def short_day(value: LocalTime, written: LocalTime) -> str:
    """Write "Thu 11 March", with the year unless it is the one in which the mail was written."""
    formats = DAY_FORMATS.get((get_language() or "en").split("-")[0], DAY_FORMATS["en"])
    return date_format(value, formats["day" if value.year == written.year else "year"])


def fit(text: str, room: int) -> str:
    """Shorten text to at most `room` bytes of HTML, at a character, and say so by an ellipsis."""
    if len(escape(text).encode()) <= room:
        return text
    used, kept = len("…".encode()), []
    for char in text:
        used += len(escape(char).encode())
        if used > room:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def clean(value: Any, *, key: str = "") -> Any:
    """The same JSON without control characters, bidi overrides and lone surrogates; one line where one is meant."""
    if isinstance(value, dict):
        return {name: clean(inner, key=name) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner, key=key) for inner in value]
    if not isinstance(value, str):
        return value
    text = "".join(" " if char in "\u2028\u2029" else char for char in value if char not in BIDI_CONTROLS)
    if key in _SEVERAL_LINES:
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(
            char for char in lines if char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"}
        ).strip()
    return " ".join(
        "".join(" " if unicodedata.category(char) in {"Cc", "Cs"} else char for char in text).split()
    )


def _instant(value: str | None, reader: Clock, written: LocalTime) -> str:
    if not value:
        return ""
    moment = in_zone(datetime.fromisoformat(value), reader)
    return f"{short_day(moment, written)}, {clock(moment)}"


def _other_clock(facts: dict[str, Any], *, audience: str, starts: LocalTime, ends: LocalTime) -> str:
    """The time on the other side's clock where that differs: the booker's for hosts, the team's for everybody else."""
    name = facts["booker"]["zone"] if audience == Audience.HOST else facts["team"]["zone"]
    there = in_zone(starts, Clock(name, facts["reader"]["hour_cycle"]))
    if there.utcoffset() == starts.utcoffset():
        return ""
    times = clock_range(there, ends)
    if there.date() != starts.date():
        times = f"{date_format(there, 'D')} {times}"
    return _("%(times)s in %(city)s") % {"times": times, "city": city(name)}


def _place(facts: dict[str, Any]) -> dict[str, str]:
    place = facts["place"]
    url = invites.web_address(place["url"])
    return {
        "kind": place["kind"],
        "url": url,
        # Shown without its scheme, as people write addresses.
        "text": url.partition("://")[2].rstrip("/") if url else invites.where(place),
        "instructions": fit(place["instructions"], ROOM["instructions"]),
    }


def _is_by_reader(facts: dict[str, Any], *, audience: str) -> bool:
    if audience == Audience.BOOKER:
        return facts["actor"]["kind"] == "booker"
    return (
        audience == Audience.HOST
        and facts["actor"]["kind"] == "person"
        and facts["reader"].get("is_actor", False)
    )


def _answers(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What was asked and answered, as much of it as there is room for; the rest is on the booking's page."""
    left, shown = ROOM["answers"], []
    for row in rows:
        label, answer = fit(str(row.get("label", "")), 300), str(row.get("answer", ""))
        if not answer or left < 400:
            continue
        answer = fit(answer, left - 340)
        left -= len(escape(label + answer).encode()) + 40
        shown.append({"label": label, "answer": answer})
    return shown


def _cancelling(facts: dict[str, Any], reader: Clock, written: LocalTime) -> str:
    """Until when the booker may cancel by themselves, under the policy they booked with."""
    verdict = facts["policy"]["cancel"]
    until = _instant(verdict["until"], reader, written)
    if verdict["allowed"]:
        ends_with_start = datetime.fromisoformat(verdict["until"]) >= datetime.fromisoformat(
            facts["starts_at"]
        )
        return (
            _("You can cancel until it begins.")
            if ends_with_start
            else _("You can cancel until %(until)s.") % {"until": until}
        )
    if verdict["code"] == "cancel_never":
        sentence = _("This booking can't be cancelled online.")
    elif verdict["code"] == "cancel_too_late":
        sentence = _("Cancelling online ended on %(until)s.") % {"until": until}
    else:
        return ""
    # An answer reaches somebody only where the team has named an address for it.
    return (
        f"{sentence} {_('Answer this mail if you cannot make it.')}"
        if facts["team"]["reply_to"]
        else sentence
    )


def _links(delivery: Delivery, facts: dict[str, Any]) -> dict[str, str]:
    """Addresses are made when the mail is, from BASE_URL: the outbox holds none that works."""
    found = {
        "link": page_link(delivery),
        "again": links.absolute(
            reverse("bookings:type_page", args=[facts["team"]["slug"], facts["type"]["slug"]])
        ),
    }
    if delivery.audience == Audience.BOOKER and has_link(delivery):
        found["file"] = links.absolute(
            reverse("bookings:manage_ics", args=[links.manage_token(delivery.chain)])
        )
    return found
