"""Bookings as a table for spreadsheets (RFC 4180): one line each, in the order of the list, batch after batch.

A cell that a spreadsheet would take for a formula begins with an apostrophe, so that a booker's name runs nothing.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bookings import listing, localtime
from bookings.models import Booking, BookingChange, User
from bookings.rules.money import figure
from bookings.rules.statuses import FINAL

#: So many bookings are in memory at a time.
BATCH = 200
#: What a spreadsheet may take for the beginning of a formula; the last four are their wide forms.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Without it spreadsheets read UTF-8 as the letters of another century.
_BYTE_ORDER_MARK = "\ufeff"

HEAD: tuple[Promise, ...] = (
    _("Reference"),
    _("Status"),
    _("Booking type"),
    _("Location"),
    _("Hosts"),
    _("Start"),
    _("End"),
    _("Time zone"),
    _("Name"),
    _("E-mail"),
    _("Phone"),
    pgettext_lazy("of a booking", "Source"),
    _("Booked"),
    _("Reason"),
    _("No-show"),
    _("Amount"),
    _("Currency"),
    _("Payment"),
)


def text_of(tab: listing.Tab, wanted: listing.Wanted) -> Iterator[str]:
    """Write what a list holds, page after page, as somebody may see it at the time. Three queries for each piece of text.

    Pieces are written while the answer is under way, when the language of the request is no longer active.
    """
    with translation.override(wanted.user.language):
        head = _lines([[str(word) for word in HEAD]])
    yield _BYTE_ORDER_MARK + head
    for part in _parts(tab):
        after, is_first = "", True
        while after or is_first:
            page = listing.page_of(part, wanted, after=after, size=BATCH)
            after, is_first = page.next_cursor, False
            with translation.override(wanted.user.language):
                text = _lines(_cells_of(page.bookings, reader=wanted.user))
            yield text


def _parts(tab: listing.Tab) -> tuple[listing.Tab, ...]:
    """The lists that a tab shows: some begin with what still wants something done."""
    return (listing.FIRST[tab.name], tab) if tab.name in listing.FIRST else (tab,)


def _cells_of(bookings: Sequence[Booking], *, reader: User) -> Iterator[list[str]]:
    reasons = _reasons(bookings)
    for booking in bookings:
        hosts = list(booking.booking_hosts.all())
        absent = [gettext("Booker")] if booking.is_booker_absent else []
        absent += [part.host.name for part in hosts if part.was_absent]
        yield [
            booking.chain.reference,
            str(booking.state.label),
            booking.booking_type.name,
            booking.location.name if booking.location else "",
            "; ".join(part.host.name for part in hosts),
            _instant(booking.starts_at, reader),
            _instant(booking.ends_at, reader),
            reader.time_zone,
            booking.booker_name,
            booking.booker_email,
            booking.booker_phone,
            booking.get_source_display(),
            _instant(booking.created_at, reader),
            reasons.get(booking.pk, ""),
            "; ".join(absent),
            *_money(booking),
        ]


def _money(booking: Booking) -> tuple[str, str, str]:
    """The amount as a plain figure, its currency, and how it stands with that; empty where it costs nothing."""
    payment = booking.payment
    if payment is None:
        return "", "", ""
    amount = figure(payment.amount_cents, payment.currency)
    return f"{amount:f}", payment.currency, str(payment.get_state_display())


def _reasons(bookings: Sequence[Booking]) -> dict[int, str]:
    """The reason that was given when each of these ended. One query."""
    ended = {booking.pk: booking.status for booking in bookings if booking.state in FINAL}
    changes = BookingChange.objects.filter(booking__in=ended).exclude(reason="").order_by("pk")
    rows = changes.values_list("booking", "to_status", "reason")
    return {pk: reason for pk, status, reason in rows if status == ended[pk]}


def _instant(value: datetime, reader: User) -> str:
    """ISO 8601 on the reader's clock, with its offset."""
    return localtime.in_zone(value, reader).isoformat(timespec="minutes")


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
