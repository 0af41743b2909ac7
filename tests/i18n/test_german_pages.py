"""German pages and mails hold no English: the small cast speaks German, and every page is read for common words.

Break: write a sentence into a view without gettext, and the page that shows it is red.
"""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from bookings import lifecycle, links, mails
from bookings.models import Booking, BookingType, Delivery, User
from bookings.rules.notices import Audience, Kind
from tests.cast import Cast, gather, make_type
from tests.mails.letters import ALL, READERS, a_delivery
from tests.oracles.mail import read_mail

#: Words that no German sentence holds, and hardly an English one lacks.
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
    the and your you with from this that have has not are were been which their there then when what who
    why how booked booking bookings cancel cancelled confirm confirmed decline declined pending upcoming
    past request requested answer choose close save saved add remove delete change hours days week time
    times available free taken sign password address place places settings members member invitation
    today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february
    june july october december minutes before after until ago nobody nothing needs here once again next
    previous first other another each every none
    """,
    )
)
#: Our name, and addresses.
SAME_EVERYWHERE = re.compile(r"Booking Hub|https?://\S+|[\w.+-]+@[\w.-]+")
WORD = re.compile(r"[^\W\d_]+")
SHOWN = {"alt", "aria-label", "placeholder", "title", "data-words", "data-last", "data-copied"}


class Shown(HTMLParser):
    """The words that a reader sees or is read."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # What is marked as another language may be one, and zones are named by their place alone.
        if tag in {"style", "script", "select"} or given.get("lang") == "en":
            self._foreign.append(tag)
        if not self._foreign:
            self.words += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if self._foreign and self._foreign[-1] == tag:
            self._foreign.pop()

    def handle_data(self, data: str) -> None:
        if not self._foreign:
            self.words.append(data)


def english_in(text: str) -> set[str]:
    plain = SAME_EVERYWHERE.sub(" ", text)
    return {word for word in WORD.findall(plain.casefold()) if word in ENGLISH}


def english_on(html: str) -> set[str]:
    shown = Shown()
    shown.feed(html)
    return english_in(" ".join(shown.words))


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast with German names for everything, reading German."""
    people = gather()
    BookingType.objects.filter(pk=people.demo.pk).update(name="Vorführung")
    people.place.name = "Videogespräch"
    people.place.save()
    User.objects.update(language="de")
    people.extra["by_hand"] = make_type(
        people.team,
        people.ben_host,
        name="Beratung",
        location=people.place,
        approval="always",
        cancel_reason="both",
        preset_reasons=["Krankheit"],
    )
    return people


def bookings_of(cast: Cast) -> dict[str, Booking]:
    """One booking in each state that the pages tell apart."""
    ben, german = lifecycle.person(cast.ben), {"language": "de"}
    pending = cast.book(hour=8, kind=cast.extra["by_hand"], **german)
    confirming = cast.book(hour=10, **german)
    confirmed = cast.book(hour=12, **german)
    Delivery.objects.filter(booking=confirmed).update(state="done")
    lifecycle.settled(confirmed.pk)
    declined = cast.book(hour=14, kind=cast.extra["by_hand"], **german)
    lifecycle.decline(declined.pk, actor=ben, version=declined.version, reason="Krankheit")
    cancelled = cast.book(hour=16, **german)
    lifecycle.cancel(cancelled.pk, actor=ben, version=cancelled.version, reason="Krankheit")
    return {
        "pending": pending,
        "confirming": confirming,
        "confirmed": confirmed,
        "declined": declined,
        "cancelled": cancelled,
    }


def hub_pages(cast: Cast) -> list[str]:
    found = bookings_of(cast)
    place = [cast.place.pk]
    return [
        *(
            reverse("bookings:hub") + query
            for query in (
                "",
                "?tab=upcoming",
                "?tab=past",
                "?tab=cancelled",
                "?tab=to_record",
                "?q=zo",
                "?q=xyzzy",
            )
        ),
        *(reverse("bookings:booking", args=[booking.pk]) for booking in found.values()),
        *(
            reverse(f"bookings:{verb}", args=[found[status].pk])
            for verb, status in (("decline", "pending"), ("cancel", "confirmed"), ("cancel", "declined"))
        ),
        *(
            reverse(f"bookings:{name}")
            for name in ("new_booking", "types", "new_type", "hours", "team", "account", "welcome")
        ),
        reverse("bookings:type", args=[cast.demo.pk]),
        reverse("bookings:hours_of", args=[cast.ben_host.pk]),
        reverse("bookings:location", args=place),
        reverse("bookings:remove_member", args=[cast.ben.memberships.get().pk]),
        *(reverse(f"account_{name}") for name in ("change_password", "logout", "reauthenticate")),
    ]


def public_pages(cast: Cast) -> list[str]:
    found = bookings_of(cast)
    tokens = [links.manage_token(booking.chain) for booking in found.values()]
    return [
        "/heliograf/",
        "/heliograf/product-demo/",
        "/heliograf/product-demo/?month=2099-01",
        "/heliograf/product-demo/?zone=Mars/Base",
        "/heliograf/beratung/",
        "/nobody/",
        *(reverse("bookings:manage", args=[token]) for token in tokens),
        *(reverse("bookings:manage_cancel", args=[token]) for token in tokens),
        reverse("bookings:manage", args=["1-bad"]),
        *(
            reverse(f"account_{name}")
            for name in ("login", "reset_password", "reset_password_done", "inactive", "signup")
        ),
    ]


@pytest.mark.parametrize("pages", [hub_pages, public_pages])
def test_german_pages_hold_no_english(pages: object, cast: Cast) -> None:
    client = Client(headers={"accept-language": "de"})
    if pages is hub_pages:
        client.force_login(cast.ada)
    found = {}
    for url in pages(cast):  # type: ignore[operator]
        answer = client.get(url, follow=True)
        assert '<html lang="de"' in answer.content.decode(), url
        if words := english_on(answer.content.decode()):
            found[url] = words
    assert found == {}


FORMS = {
    "bookings:new_type": {},
    "bookings:account": {},
    "bookings:hours": {"zone": "Mars", "from-0": "18:00", "to-0": "09:00"},
    "bookings:new_booking": {},
    "account_change_password": {},
    "account_login": {"login": "nobody@hub.example", "password": "x"},
}


@pytest.mark.parametrize("name", FORMS)
def test_refused_forms_speak_german(name: str, cast: Cast) -> None:
    client = Client(headers={"accept-language": "de"})
    if name != "account_login":
        client.force_login(cast.ben if name == "bookings:hours" else cast.ada)
    answer = client.post(reverse(name), FORMS[name], follow=True)
    assert english_on(answer.content.decode()) == set()


@pytest.mark.parametrize(("kind", "audience"), ALL)
def test_german_mails_hold_no_english(kind: Kind, audience: Audience, db: None) -> None:
    place = {
        "kind": "meeting",
        "name": "Videogespräch",
        "details": "",
        "instructions": "",
        "url": "https://meet.example/HS-4790",
    }
    facts = {
        "place": place,
        "type": {"name": "Vorführung", "slug": "demo"},
        "notes": "Zwei Dächer",
        "answers": [],
    }
    delivery = a_delivery(
        kind, audience, reader={**READERS[audience], "language": "de"}, reason="Krankheit", **facts
    )
    mail = read_mail(mails.compose(delivery).message().as_bytes(linesep="\r\n"))
    assert english_in(mail.subject) == set()
    assert english_in(mail.text) == set()
    assert english_on(mail.html) == set()
