"""German pages and mails hold no English: the small cast speaks German, and every page is read for common words.

Break: write a sentence into a view without gettext, and the page that shows it is red.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from bookings import lifecycle, links, mails
from bookings.models import Booking, BookingType, Delivery, ExceptionRequest, User
from bookings.rules.notices import Audience, Kind
from tests.cast import Cast, at, gather, make_type
from tests.hub.conftest import end, settle
from tests.mails.letters import ALL, READERS, a_delivery
from tests.oracles.mail import read_mail

pytestmark = pytest.mark.slow

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
#: Our name, addresses, and what scripts fill in.
SAME_EVERYWHERE = re.compile(r"Booking Hub|https?://\S+|[\w.+-]+@[\w.-]+|\{\w+\}")
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
    people.team.language = "de"  # in which a new type is begun
    people.team.save()
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
    answered = f"?type={cast.demo.pk}&start={int(at(18).timestamp()) // 60}&host="
    why = reverse("bookings:type_why", args=[cast.demo.pk])
    return [
        f"{why}?time=10:00",
        f"{why}?time=10:07",
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
        *(reverse(f"bookings:new_booking_{step}") + answered for step in ("type", "time", "host", "booker")),
        *(
            reverse(f"bookings:{name}")
            for name in ("new_booking_type", "types", "new_type", "hours", "team", "account", "welcome")
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


@dataclass(frozen=True)
class Later:
    """One booking in each situation that comes after it was accepted."""

    standing: Booking
    asking: ExceptionRequest
    moving: Booking
    wish: Booking
    over: Booking
    missed: Booking


def later_of(cast: Cast) -> Later:
    def book(hour: int, kind: BookingType) -> Booking:
        return settle(cast.book(hour=hour, kind=kind, language="de"))

    hosts = (cast.ben_host, cast.cleo_host)
    survey = make_type(
        cast.team,
        *hosts,
        name="Treffen",
        location=cast.place,
        assignment="round_robin",
        cancel_policy="never",
        reschedule_reason="both",
        preset_reasons=["Krankheit"],
    )
    standing, asking, over, missed = (book(hour, survey) for hour in (8, 10, 14, 16))
    asked = lifecycle.ask_exception(asking.pk, wish="cancel", name="Zoë", reason="Krankheit")
    moving = book(12, cast.demo)
    BookingType.objects.filter(pk=cast.demo.pk).update(approval="always")
    moving.refresh_from_db()
    wish = lifecycle.reschedule_by_booker(
        moving.pk, lifecycle.NewTime(at(18)), version=moving.version, name="Zoë", reason="Zug"
    )
    for booking in (over, missed):
        end(booking)
    cast.team.undo_seconds = 10
    cast.team.save()
    lifecycle.booker_no_show(
        missed.pk, actor=lifecycle.person(cast.ben), version=missed.version, offer_again=True
    )
    return Later(standing, asked, moving, wish, over, missed)


def later_hub_pages(cast: Cast) -> list[str]:
    later = later_of(cast)
    hub, unknown = reverse("bookings:hub"), "type=9&location=9&host=9&status=x&source=x&from_on=x"
    return [
        hub,
        f"{hub}?tab=past",
        f"{hub}?tab=upcoming&host={cast.ben_host.pk}&status=confirmed&from_on=2031-01-01&until_on=2031-01-02",
        f"{hub}?{unknown}",
        f"{hub}?from_on=2031-01-02&until_on=2031-01-01",
        reverse("bookings:bell"),
        *(
            reverse("bookings:booking", args=[booking.pk])
            for booking in (later.asking.booking, later.moving, later.wish, later.over, later.missed)
        ),
        *(
            reverse(f"bookings:{verb}", args=[booking.pk])
            for verb, booking in (
                ("reschedule", later.standing),
                ("reschedule", later.moving),
                ("reassign", later.standing),
                ("reassign", later.moving),
                ("edit", later.standing),
                ("edit", later.over),
                ("booker_no_show", later.over),
                ("host_no_show", later.over),
                ("correct", later.missed),
                ("decline", later.wish),
            )
        ),
        *(reverse(f"bookings:{verb}_exception", args=[later.asking.pk]) for verb in ("grant", "refuse")),
    ]


def later_public_pages(cast: Cast) -> list[str]:
    later = later_of(cast)
    bookings = (later.standing, later.asking.booking, later.moving, later.over, later.missed)
    standing, asking, moving, over, _missed = tokens = [
        links.manage_token(booking.chain) for booking in bookings
    ]
    return [
        *(reverse("bookings:manage", args=[token]) for token in tokens),
        *(reverse("bookings:manage_cancel", args=[token]) for token in (standing, over)),
        *(reverse("bookings:manage_reschedule", args=[token]) for token in (standing, moving, over)),
        reverse("bookings:manage_withdraw", args=[moving]),
        *(
            reverse("bookings:manage_exception", args=[token]) + "?wish=cancel"
            for token in (standing, asking)
        ),
        links.answer_url(later.wish.booking_hosts.get()),
        reverse("bookings:answer", args=["1-bad"]),
    ]


@pytest.mark.parametrize("pages", [hub_pages, later_hub_pages, public_pages, later_public_pages])
def test_german_pages_hold_no_english(pages: object, cast: Cast) -> None:
    client = Client(headers={"accept-language": "de"})
    if pages in (hub_pages, later_hub_pages):
        client.force_login(cast.ada)
    found = {}
    for url in pages(cast):  # type: ignore[operator]
        answer = client.get(url, follow=True)
        assert '<html lang="de"' in answer.content.decode(), url
        if words := english_on(answer.content.decode()):
            found[url] = words
    assert found == {}


def test_moving_and_asking_to_move_speak_german(cast: Cast) -> None:
    later, client = later_of(cast), Client(headers={"accept-language": "de"})
    for booking, hour in ((later.standing, 16), (later.moving, 17)):
        token, start = links.manage_token(booking.chain), int(at(hour).timestamp()) // 60
        answer = client.post(reverse("bookings:manage_hold", args=[token]), {"start": start}, follow=True)
        assert answer.redirect_chain[-1][0].startswith(reverse("bookings:manage_move", args=[token]))
        assert english_on(answer.content.decode()) == set()


@pytest.mark.parametrize("action", ["decline", "cancel", "reassign", "complete"])
def test_several_at_once_speak_german(action: str, cast: Cast) -> None:
    later = later_of(cast)
    client = Client(headers={"accept-language": "de"})
    client.force_login(cast.ada)
    chosen = [f"{booking.pk}:{booking.version}" for booking in (later.standing, later.wish, later.over)]
    for sure in ("", "on"):
        form = {"action": action, "booking": chosen, "sure": sure, "back": "found", "reason": "Krankheit"}
        answer = client.post(reverse("bookings:bulk"), form, follow=True)
        assert english_on(answer.content.decode()) == set()


FORMS = {
    "bookings:new_type": {},
    "bookings:account": {},
    "bookings:hours": {"zone": "Mars", "from-0": "18:00", "to-0": "09:00"},
    "bookings:new_booking": {},
    "bookings:new_booking_booker": {"deed": "create", "start": "other", "other_day": "x"},
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
