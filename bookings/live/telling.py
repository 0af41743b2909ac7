"""What a stream says: which bookings changed, and toasts that name who did what, in the reader's language and on their clock."""

import json
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from bookings import bell, localtime
from bookings.live.hearing import Reader
from bookings.models import BookingChange
from bookings.rules.statuses import Action, Status

#: So many things that happened at once have a toast each; more are told in one.
MOST_TOASTS = 3


def event(name: str, data: Any, *, number: int | None = None) -> str:
    """One server-sent event; its data is a line of JSON."""
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"


#: The last word to whose access has ended.
END = event("end", {})


class Telling:
    """What was found at one look, put into words once for all who read it alike."""

    def __init__(self, changes: Sequence[BookingChange]) -> None:
        self._changes = changes
        replaced = {
            (change.chain_id, change.at) for change in changes if change.to_status != Status.RESCHEDULED
        }
        #: An old time that gave way to a new one is told by the row of the new one.
        self._news = [
            change
            for change in changes
            if change.action != Action.SETTLE
            and not (change.to_status == Status.RESCHEDULED and (change.chain_id, change.at) in replaced)
        ]
        self._worded: dict[Any, str] = {}

    def to(self, reader: Reader) -> str:
        """The event for somebody; nothing where they may hear of nothing."""
        heard = [change for change in self._changes if reader.may_hear(change)]
        if not heard:
            return ""
        data = {
            "changes": [
                {"booking": change.booking_id, "version": change.version, "own": _is_own(change, reader)}
                for change in heard
            ],
            "toasts": self._toasts(reader),
        }
        return event("news", data, number=heard[-1].pk)

    def _toasts(self, reader: Reader) -> str:
        told = [change for change in self._news if reader.may_hear(change) and not _is_own(change, reader)]
        user = reader.user
        alike = [(change.pk, reader.may_open(change)) for change in told]
        key = (user.language, user.time_zone, user.hour_cycle, *alike)
        if key not in self._worded:
            with translation.override(user.language):
                self._worded[key] = "".join(_toast(**words) for words in _words(told, reader))
        return self._worded[key]


def _is_own(change: BookingChange, reader: Reader) -> bool:
    return change.actor_kind == BookingChange.ActorKind.PERSON and change.actor_id == reader.user.pk


def _words(told: Sequence[BookingChange], reader: Reader) -> list[dict[str, str]]:
    """Title, text, status and link of each toast; of many at once, of one that leads to the rest."""
    if len(told) <= MOST_TOASTS:
        return [_words_of(change, reader) for change in told]
    more = len(told) - 1
    text = ngettext("and %(count)d more change", "and %(count)d more changes", more) % {"count": more}
    return [{**_words_of(told[-1], reader), "text": text, "open_url": reverse("bookings:bell")}]


def _words_of(change: BookingChange, reader: Reader) -> dict[str, str]:
    booking = change.booking
    starts, ends = (localtime.in_zone(at, reader.user) for at in (booking.starts_at, booking.ends_at))
    return {
        "title": bell.sentence_of(change),
        "text": f"{booking.booking_type.name} · {localtime.when(starts, ends)}",
        "status": change.to_status,
        "open_url": reverse("bookings:booking", args=[booking.pk]) if reader.may_open(change) else "",
    }


def _toast(**words: str) -> str:
    return render_to_string("_toast.html", {"kind": "news", **words})
