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

from bookings import invites, links, mail_kinds
from bookings.localtime import (
    DAY_FORMATS,
    LocalTime,
    city,
    clock,
    clock_range,
    day_full,
    in_zone,
    money,
    zone_name,
)
from bookings.models import BookingHost, Delivery, Host, Invitation, Location
from bookings.models.fields import BIDI_CONTROLS
from bookings.rules.notices import HOSTS, Audience
from bookings.rules.statuses import Status

#: Bytes of HTML that text of people may take in one mail, so that the whole stays well under 20 KB.
ROOM = {
    "notes": 1500,
    "reason": 1200,
    "instructions": 1000,
    "how to pay": 3000,
    "answers": 2400,
    "names": 700,
    "handed": 240,
}
_SEVERAL_LINES = {"notes", "reason", "instructions", "answer"}


@dataclass
class Clock:
    """The reader's clock, as bookings.localtime wants it."""

    time_zone: str
    hour_cycle: str


def booking_facts(delivery: Delivery) -> dict[str, Any]:
    """The context of every template about a booking; language must be the reader's already."""
    facts = clean(delivery.payload)
    reader = Clock(facts["reader"]["zone"], facts["reader"]["hour_cycle"])
    at = in_zone(datetime.fromisoformat(facts["at"]), reader)
    told, beside = mail_kinds.times_of(delivery)
    starts, ends = _span(told, reader)
    context = {
        "kind": str(delivery.kind),
        "tag": mail_kinds.tag_of(delivery),
        "is_struck": mail_kinds.is_off(delivery),
        "is_invitation": bool(delivery.method),
        "is_taken_back": mail_kinds.takes_mailed_event_back(delivery),
        "is_pending": facts["status"] == Status.PENDING,
        "is_wish": facts.get("is_proposal", False),
        "is_moved": facts.get("is_moved", False),
        "is_new": facts["reader"].get("is_new", False),
        "other": beside
        and {"is_struck": beside.is_gone, "label": beside.label, "when": _when(beside.time, reader, at)},
        "closed_wish": _instant(facts.get("closed_wish"), reader, at),
        "wish": facts.get("wish", ""),
        "approval": facts.get("approval", ""),
        "is_new_time_asked": facts.get("is_new_time_asked", False),
        "is_time_kept": facts.get("is_time_kept", False),
        "action": facts["action"],
        "came": _names(facts.get("came") or facts["hosts"], room=ROOM["handed"]),
        "left": _names(facts.get("left", []), room=ROOM["handed"]),
        "team": facts["team"],
        "type_name": facts["type"]["name"],
        "booker": facts["booker"],
        "hosts": _names(_hosts_of(delivery, told)),
        "times": clock_range(starts, ends),
        "day": day_full(starts),
        "when": _when(told, reader, at),
        "start": f"{short_day(starts, at)}, {clock(starts)}",
        "zone": zone_name(starts),
        "other_clock": _other_clock(facts, audience=delivery.audience, starts=starts, ends=ends),
        "answer_by": _instant(facts["decide_by_at"], reader, at),
        "reference": facts["reference"],
        "pay_by": _instant(facts.get("pay_by_at"), reader, at),
        **_money(facts.get("payment")),
        "place": _place(facts),
        "actor": facts["actor"]["name"],
        "by_reader": _is_by_reader(facts, audience=delivery.audience),
        "by_host": facts["actor"]["name"] in facts["hosts"],
        "by_booker": facts["actor"]["kind"] == "booker",
        "by_system": facts["actor"]["kind"] == "system",
        "reason": fit(facts["reason"], ROOM["reason"]),
        "notes": fit(facts["notes"], ROOM["notes"]),
        "answers": _answers(facts["answers"]),
        "can_move": facts["policy"]["reschedule"]["allowed"],
        "can_cancel": facts["policy"]["cancel"]["allowed"],
        "allowed": _allowed(facts, reader, at),
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


def calendar_facts(delivery: Delivery) -> dict[str, Any]:
    """The context of the mail that tells a host of a broken calendar."""
    facts = clean(delivery.payload)
    reader = Clock(facts["reader"]["zone"], facts["reader"]["hour_cycle"])
    broken_at = in_zone(datetime.fromisoformat(facts["broken_at"]), reader)
    return {
        "team": facts["team"],
        "label": fit(facts["label"], ROOM["names"]) or _("Your calendar"),
        "cause": Host.CalendarCause(facts["cause"]).label,
        # Not in what was written by an earlier version.
        "offers_nothing": facts.get("offers_nothing", False),
        "since": f"{short_day(broken_at, broken_at)}, {clock(broken_at)}",
        "zone": zone_name(broken_at),
        "link": links.absolute(reverse("bookings:hours") + "#calendar"),
    }


def page_link(delivery: Delivery) -> str:
    """The page where this reader finds the booking; "" for who has none: guests, and who is off it."""
    if delivery.audience == Audience.HOST:
        told, _beside = mail_kinds.times_of(delivery)
        return links.absolute(reverse("bookings:booking", args=[told.get("id", delivery.booking_id)]))
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


def _hosts_of(delivery: Delivery, told: dict[str, Any]) -> list[str]:
    """Who hosts what is told of; who hosts it no more reads who does now."""
    hosts: list[str] = delivery.payload["hosts"]
    return hosts if delivery.audience == Audience.FORMER_HOST else told.get("hosts", hosts)


def _span(time: dict[str, str], reader: Clock) -> tuple[LocalTime, LocalTime]:
    return (
        in_zone(datetime.fromisoformat(time["starts_at"]), reader),
        in_zone(datetime.fromisoformat(time["ends_at"]), reader),
    )


def _when(time: dict[str, str], reader: Clock, written: LocalTime) -> str:
    starts, ends = _span(time, reader)
    return f"{short_day(starts, written)}, {clock_range(starts, ends)}"


def _names(names: list[str], *, room: int = ROOM["names"]) -> str:
    return fit(get_text_list(names, gettext("and")), room)


def _instant(value: str | None, reader: Clock, written: LocalTime) -> str:
    if not value:
        return ""
    moment = in_zone(datetime.fromisoformat(value), reader)
    return f"{short_day(moment, written)}, {clock(moment)}"


def _other_clock(facts: dict[str, Any], *, audience: str, starts: LocalTime, ends: LocalTime) -> str:
    """The time on the other side's clock where that differs: the booker's for hosts, the team's for everybody else."""
    name = facts["booker"]["zone"] if audience in HOSTS else facts["team"]["zone"]
    there = in_zone(starts, Clock(name, facts["reader"]["hour_cycle"]))
    if there.utcoffset() == starts.utcoffset():
        return ""
    times = clock_range(there, ends)
    if there.date() != starts.date():
        times = f"{date_format(there, 'D')} {times}"
    return _("%(times)s in %(city)s") % {"times": times, "city": city(name)}


def _money(payment: dict[str, Any] | None) -> dict[str, Any]:
    """What it costs, how it stands with that, how it is paid, and whether a host decides after that."""
    if payment is None:
        return {"payment": "", "amount": ""}
    return {
        "payment": payment["state"],
        "amount": money(payment["cents"], payment["currency"]),
        "how_to_pay": fit(payment["instructions"], ROOM["how to pay"]),
        "host_decides": payment.get("leads_to") == Status.PENDING,
    }


def _place(facts: dict[str, Any]) -> dict[str, str]:
    place = facts["place"]
    url = invites.web_address(place["url"])
    return {
        "kind": place["kind"],
        "url": url,
        # Shown without its scheme, as people write addresses.
        "text": url.partition("://")[2].rstrip("/") if url else _place_without_link(facts),
        "instructions": fit(place["instructions"], ROOM["instructions"]),
    }


def _place_without_link(facts: dict[str, Any]) -> str:
    """Where it is; where a link is made for it that has not come yet, that it follows."""
    words = invites.where(facts["place"])
    if facts["place"]["kind"] != Location.Kind.MEETING or facts["status"] != Status.CONFIRMED:
        return words
    return _("%(place)s; the link follows by mail") % {"place": words}


def _is_by_reader(facts: dict[str, Any], *, audience: str) -> bool:
    if audience == Audience.BOOKER:
        return facts["actor"]["kind"] == "booker"
    return audience in HOSTS and facts["actor"]["kind"] == "person" and facts["reader"].get("is_actor", False)


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


#: What the booker may do by themselves: (what, how) -> the sentence; `until` is an instant on their clock.
_SENTENCES = {
    ("both", "begins"): gettext_lazy("You can move or cancel it until it begins."),
    ("move", "begins"): gettext_lazy("You can move it until it begins."),
    ("cancel", "begins"): gettext_lazy("You can cancel until it begins."),
    ("both", "until"): gettext_lazy("You can move or cancel it until %(until)s."),
    ("move", "until"): gettext_lazy("You can move it until %(until)s."),
    ("cancel", "until"): gettext_lazy("You can cancel until %(until)s."),
    ("both", "never"): gettext_lazy("This booking can't be moved or cancelled online."),
    ("move", "never"): gettext_lazy("This booking can't be moved online."),
    ("cancel", "never"): gettext_lazy("This booking can't be cancelled online."),
    ("both", "too_late"): gettext_lazy("Moving and cancelling online ended on %(until)s."),
    ("move", "too_late"): gettext_lazy("Moving online ended on %(until)s."),
    ("cancel", "too_late"): gettext_lazy("Cancelling online ended on %(until)s."),
}


def _allowed(facts: dict[str, Any], reader: Clock, written: LocalTime) -> str:
    """Until when the booker may move and cancel by themselves, or why not, under the policy they booked with."""
    move, cancel = (_how(facts["policy"][name], facts) for name in ("reschedule", "cancel"))
    found = {"both": cancel} if move == cancel else {"move": move, "cancel": cancel}
    # What can be done comes first.
    told = sorted(found.items(), key=lambda item: item[1][0] not in ("begins", "until"))
    sentences = [
        str(_SENTENCES[what, how]) % {"until": _instant(until, reader, written)}
        for what, (how, until) in told
        if how
    ]
    # An answer reaches somebody only where the team has named an address for it.
    if cancel[0] in ("never", "too_late") and facts["team"]["reply_to"]:
        sentences.append(_("Answer this mail if you cannot make it."))
    return " ".join(sentences)


def _how(verdict: dict[str, Any], facts: dict[str, Any]) -> tuple[str, str | None]:
    """How a wish stands with the policy, as a key of the sentences, and until when."""
    until = verdict["until"]
    if verdict["allowed"]:
        ends_with_start = datetime.fromisoformat(until) >= datetime.fromisoformat(facts["starts_at"])
        return ("begins", None) if ends_with_start else ("until", until)
    code = verdict["code"].partition("_")[2]
    return (code, until) if code in ("never", "too_late") else ("", None)


def _links(delivery: Delivery, facts: dict[str, Any]) -> dict[str, str]:
    """Addresses are made when the mail is, from BASE_URL: the outbox holds none that works."""
    link = page_link(delivery)
    found = {
        "link": link,
        "answer": _answer_link(delivery) or link,
        "again": links.absolute(
            reverse("bookings:type_page", args=[facts["team"]["slug"], facts["type"]["slug"]])
        ),
    }
    if delivery.audience == Audience.BOOKER and has_link(delivery):
        token = links.manage_token(delivery.chain)
        found["file"] = links.absolute(reverse("bookings:manage_ics", args=[token]))
        found["move"] = links.absolute(reverse("bookings:manage_reschedule", args=[token]))
    return found


def _answer_link(delivery: Delivery) -> str:
    """The page on which a host answers without signing in; "" for who is not on the booking any more."""
    if delivery.audience != Audience.HOST or delivery.payload["status"] != Status.PENDING:
        return ""
    rows = BookingHost.objects.filter(booking=delivery.booking_id, host=delivery.host_id)
    part = rows.select_related("booking__chain").first()
    return links.answer_url(part) if part else ""
