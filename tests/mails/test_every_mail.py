"""Whatever the domain may want said, there is a mail for it: each function that chooses mails is asked, for every reader.

Break: rename templates/emails/no_show, or take a kind out of mail_kinds.TAGS, and a mail can't be written.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.utils import translation

from bookings import consequences, mails, receipts
from bookings.models import Host
from bookings.rules import notices
from bookings.rules.notices import Audience, Kind, Method, Notice, Reader
from tests.mails.letters import ADA, ALL, OLD, SYSTEM, ZOE, a_calendar_broken, a_delivery
from tests.oracles.mail import read_mail
from tests.oracles.mailbox import assert_valid_mail

pytestmark = pytest.mark.slow

Choose = Callable[[Iterable[Reader]], list[Notice]]

#: Functions of the rules that choose nothing by themselves, or that say what others can.
NOT_CHOOSING = {"once_each", "to_booker"}
#: How the others are called by the verbs.
CHOOSING: dict[str, list[Choose]] = {
    "requested": [notices.requested],
    "reschedule_requested": [notices.reschedule_requested],
    "confirmed": [notices.confirmed],
    "rescheduled": [notices.rescheduled],
    "request_moved": [notices.request_moved],
    "reassigned": [notices.reassigned],
    "request_reassigned": [
        lambda people, kind=kind: notices.request_reassigned(people, kind=kind)
        for kind in (Kind.REQUESTED, Kind.RESCHEDULE_REQUESTED)
    ],
    "let_go": [notices.let_go],
    "declined": [notices.declined],
    "unanswered": [notices.unanswered],
    "cancelled": [
        lambda people, was=was: notices.cancelled(people, was_announced=was) for was in (True, False)
    ],
    "unpaid_cancelled": [notices.unpaid_cancelled],
    "paid_late": [notices.paid_late],
    "cancelled_on_request": [notices.cancelled_on_request],
    "wish_withdrawn": [notices.wish_withdrawn],
    "exception_asked": [notices.exception_asked],
    "address_changed": [
        lambda people, kind=kind: notices.address_changed(people, kind=kind)
        for kind in (Kind.AWAITING_PAYMENT, Kind.REQUESTED, Kind.CONFIRMED, None)
    ],
    "pending_reminder": [notices.pending_reminder],
    "link_made": [notices.link_made],
}
ANSWERS = (
    Kind.AWAITING_PAYMENT,
    Kind.REMINDER,
    Kind.NO_SHOW,
    Kind.EXCEPTION_GRANTED,
    Kind.EXCEPTION_REFUSED,
    Kind.NEW_TIME_ASKED,
    Kind.TIME_KEPT,
    Kind.REFUNDED,
)


def readers() -> Iterator[Reader]:
    """Everybody who may be told, in every way they may stand to it."""
    somebody = Reader(Audience.HOST, "a@hub.example", "A", "en", "Europe/Berlin")
    for audience, flags in product(set(Audience) - {Audience.MEMBER}, product((True, False), repeat=4)):
        is_actor, has_invitation, has_calendar, is_new = flags
        yield replace(
            somebody,
            audience=audience,
            # One address for each part: who has several hears less.
            email=f"{audience}@hub.example",
            is_actor=is_actor,
            has_invitation=has_invitation,
            has_calendar=has_calendar,
            is_new=is_new,
        )


def chosen() -> list[Notice]:
    people = list(readers())
    functions = [choose for several in CHOOSING.values() for choose in several]
    functions += [notices.to_booker(kind) for kind in ANSWERS]
    return [notice for choose in functions for notice in choose(people)]


MOVED = {"is_moved": True, "old": OLD, "left": ["Ben"], "came": ["Cleo"]}
#: What changes the words: who did it, what became of it, and whether it is about another time.
TALES: list[dict[str, Any]] = [
    {"actor": ADA, "status": "confirmed"},
    {"actor": ADA, "status": "pending"},
    {"actor": ADA, "status": "cancelled"},
    {"actor": ADA, "status": "confirmed", **MOVED},
    {"actor": ZOE, "status": "confirmed", **MOVED},
    {"actor": ADA, "status": "confirmed", "is_first": True, **MOVED},
    {"actor": ZOE, "status": "cancelled"},
    {"actor": SYSTEM, "status": "declined"},
    {"actor": ADA, "status": "pending", "old": OLD, "is_proposal": True, "left": ["Ben"], "came": ["Cleo"]},
]


def test_every_function_of_the_rules_is_asked() -> None:
    found = {
        name
        for name, function in inspect.getmembers(notices, inspect.isfunction)
        if function.__module__ == notices.__name__ and not name.startswith("_")
    }
    assert found == set(CHOOSING) | NOT_CHOOSING


def test_the_letters_of_the_tests_are_all_there_are() -> None:
    assert {(notice.kind, notice.reader.audience) for notice in chosen()} == set(ALL)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("kind", "audience"), ALL)
def test_mail_can_be_written_whatever_was_told(kind: str, audience: str, language: str, db: None) -> None:
    """The first line is one line that says something; nothing is left of a template; the invitation goes along."""
    methods = {n.method for n in chosen() if (n.kind, n.reader.audience) == (kind, audience)}
    # Guests never hear of a wish for another time.
    tales = [tale for tale in TALES if audience != Audience.GUEST or not tale.get("is_proposal")]
    for facts, method, is_new in product(tales, methods, {True, False} if audience == "host" else {False}):
        reader = {"language": language, "is_new": is_new}
        delivery = a_delivery(kind, audience, reader=reader, method=method, **facts)
        mail = read_mail(mails.compose(delivery).message().as_bytes(linesep="\r\n"))
        assert_valid_mail(mail)
        first = mail.text.partition("\n")[0]
        assert "Product demo" in first and first.endswith(".")
        assert mail.html.count('class="m-button"') <= 1
        assert bool(mail.calendars) is bool(method)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("cause", Host.CalendarCause)
@pytest.mark.parametrize("label", ["Home", "", "A\r\nBcc: x@y.example\u202e", "<b>" * 60])
def test_broken_calendar_can_be_told_whatever_it_is_called(language: str, cause: str, label: str) -> None:
    delivery = a_calendar_broken(language=language, cause=str(cause), label=label)
    mail = read_mail(mails.compose(delivery).message().as_bytes(linesep="\r\n"))
    assert_valid_mail(mail)
    assert mail.text.partition("\n")[0].endswith(".")
    assert mail.html.count('class="m-button"') == 1
    assert "<b>" not in mail.html
    assert receipts.title_of(delivery) == receipts._MAILS["calendar_broken", ""] % {"name": "Ben Okafor"}


def test_former_address_gets_no_link_and_nothing_of_the_new_one(db: None) -> None:
    """Break: put _rows_host into address_changed, or leave the place in its CANCEL."""
    delivery = a_delivery("address_changed", "former_booker")
    mail = read_mail(mails.compose(delivery).message().as_bytes(linesep="\r\n"))
    said = (
        mail.subject
        + mail.text
        + mail.html.partition("</style>")[2]
        + mail.calendar.decode().replace("\r\n ", "")
    )
    assert delivery.method == Method.CANCEL
    assert not [word for word in ("http", "zoe@riviere", "+1 416", "Two roofs", "120") if word in said]


def test_every_mail_has_words_in_receipts_and_dialogs() -> None:
    """Seen red with a receipt that read "Mail, Zoë Lefèvre"."""
    with translation.override("en"):
        for notice in chosen():
            assert (notice.kind, notice.method) in consequences._MAILS
            row = a_delivery(notice.kind, notice.reader.audience, method=notice.method)
            assert not receipts.title_of(row).startswith("Mail, ")
