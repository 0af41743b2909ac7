"""What a booker asks of hosts: another time while the present one stands, and an exception from the policy."""

from typing import Any

import pytest

from bookings import lifecycle
from bookings.models import Attempt, Booking, BookingType, ExceptionRequest
from tests.booker.conftest import Booker, confirm, page_of, snapshot
from tests.cast import Cast, at


@pytest.fixture
def standing(cast: Cast) -> Booking:
    """Confirmed, of a type whose new times a host has to approve."""
    booking = confirm(cast.book(zone="Europe/Berlin"))
    cast.demo.approval = "always"
    cast.demo.save()
    return booking


@pytest.fixture
def wish(standing: Booking) -> Booking:
    return ask_for(standing, 15)


@pytest.fixture
def denied(cast: Cast) -> Booking:
    """Confirmed, and its booker may neither cancel nor move it."""
    cast.demo.cancel_policy = cast.demo.reschedule_policy = "never"
    cast.demo.save()
    return confirm(cast.book(zone="Europe/Berlin"))


def ask_for(booking: Booking, hour: int) -> Booking:
    return lifecycle.reschedule_by_booker(
        booking.pk, lifecycle.NewTime(at(hour)), version=booking.version, name="Zoë Lefèvre", reason="Train"
    )


def withdrawal(wish: Booking) -> dict[str, Any]:
    return {"wish": wish.pk, "version": wish.version}


def ways(response: Any) -> dict[str, Any]:
    return {way.title: way for way in response.context["ways"]}


# -- A wish beside the time that stands --------------------------------------------------------------------------------------


def test_both_times_are_on_the_page_while_a_wish_is_open(standing: Booking, booker: Booker) -> None:
    before = booker.get(page_of(standing)).content.decode()
    ask_for(standing, 15)

    response = booker.get(page_of(standing))

    html = response.content.decode()
    assert "Two times" not in before and "Two times" in html
    assert "10:00–10:30" in html and "15:00–15:30" in html and "answer by" in html
    assert "stands until a host decides" in html
    assert {"Ask for yet another time", "Withdraw your wish to move it", "Cancel it"} <= set(ways(response))


def test_a_wish_for_another_host_names_them(cast: Cast, booker: Booker) -> None:
    kind = BookingType.objects.create(
        team=cast.team,
        name="Advice",
        slug="advice",
        durations=[30],
        assignment="round_robin",
        approval="always",
    )
    for host in (cast.ben_host, cast.cleo_host):
        kind.type_hosts.create(host=host)
    asked = cast.book(kind=kind)
    booking = confirm(lifecycle.confirm(asked.pk, actor=lifecycle.person(cast.ada), version=1))
    present = booking.booking_hosts.get().host
    other = cast.cleo_host if present == cast.ben_host else cast.ben_host
    lifecycle.reschedule_by_booker(
        booking.pk, lifecycle.NewTime(at(15), host_id=other.pk), version=booking.version, name="Zoë"
    )

    html = booker.get(page_of(booking)).content.decode()

    assert f"asked for, with {other.name}" in html and f"With {present.name}" in html


def test_another_wish_takes_the_place_of_the_first(standing: Booking, wish: Booking, booker: Booker) -> None:
    chosen = booker.get(f"{page_of(standing)}reschedule/")
    marks = {row["label"]: row["mark"] for row in chosen.context["times"] if row["mark"]}
    assert marks == {"10:00": "Present time", "15:00": "Asked for"}

    url = booker.post(f"{page_of(standing)}reschedule/hold/", {"start": int(at(16).timestamp() // 60)})[
        "Location"
    ]
    assert "The other time you asked for is let go" in booker.get(url).content.decode()
    assert booker.post(url, {}).status_code == 303

    wish.refresh_from_db()
    assert wish.status == "rescheduled"
    page = booker.get(page_of(standing))
    assert page.context["asked_for"]["starts"] == at(16)
    titles = [row["title"] for row in page.context["changes"][:2]]
    assert all(title.startswith("Asked to move to ") for title in titles)


def test_withdrawing_a_wish_is_a_page_and_a_button(standing: Booking, wish: Booking, booker: Booker) -> None:
    before = snapshot()
    shown = booker.get(f"{page_of(standing)}withdraw/")
    assert "Your present time stays as it is" in shown.content.decode()
    assert booker.client.head(f"{page_of(standing)}withdraw/").status_code == 200
    assert booker.client.put(f"{page_of(standing)}withdraw/").status_code == 405
    assert snapshot() == before

    response = booker.post(f"{page_of(standing)}withdraw/", withdrawal(wish))

    assert (response.status_code, response["Location"]) == (303, page_of(standing))
    wish.refresh_from_db()
    standing.refresh_from_db()
    assert (wish.status, standing.status) == ("cancelled", "confirmed")
    page = booker.get(page_of(standing))
    assert page.context["asked_for"] is None and page.context["booking"] == standing
    assert page.context["changes"][0]["title"] == "Wish to move withdrawn"


def test_withdrawing_twice_is_withdrawing_once(standing: Booking, wish: Booking, booker: Booker) -> None:
    booker.post(f"{page_of(standing)}withdraw/", withdrawal(wish))
    before = snapshot()

    again = booker.post(f"{page_of(standing)}withdraw/", withdrawal(wish))
    shown = booker.get(f"{page_of(standing)}withdraw/")

    assert [(r.status_code, r["Location"]) for r in (again, shown)] == [
        (303, page_of(standing)),
        (302, page_of(standing)),
    ]
    assert snapshot() == before


@pytest.mark.parametrize(("deed", "words"), [("confirm", "confirmed"), ("decline", "declined")])
def test_withdrawing_what_a_host_decided_shows_how_it_stands(
    cast: Cast, standing: Booking, wish: Booking, booker: Booker, deed: str, words: str
) -> None:
    getattr(lifecycle, deed)(wish.pk, actor=lifecycle.person(cast.ben), version=1)
    before = snapshot()

    response = booker.post(f"{page_of(standing)}withdraw/", withdrawal(wish))

    assert response.status_code == 409
    assert f"not open any more: Ben Okafor {words} it at" in response.content.decode()
    time = "15:00–15:30" if deed == "confirm" else "10:00–10:30"
    assert time in response.content.decode()
    assert snapshot() == before


def test_withdrawing_an_older_wish_leaves_the_newer(standing: Booking, wish: Booking, booker: Booker) -> None:
    newer = ask_for(standing, 16)

    response = booker.post(f"{page_of(standing)}withdraw/", withdrawal(wish))

    newer.refresh_from_db()
    assert response.status_code == 409 and newer.status == "pending"


@pytest.mark.parametrize("number", ["", "abc", "é", "9" * 30, "-1", "a\x00"])
def test_a_withdrawal_of_nothing_is_broken(
    standing: Booking, wish: Booking, booker: Booker, number: str
) -> None:
    before = snapshot()

    assert booker.post(f"{page_of(standing)}withdraw/", {"wish": number, "version": 1}).status_code == 422
    assert snapshot() == before


def test_a_wish_of_another_booking_is_not_withdrawn(
    cast: Cast, standing: Booking, wish: Booking, booker: Booker
) -> None:
    other = cast.book(hour=12, name="Max", email="max@riviere.example")
    before = snapshot()

    assert booker.post(f"{page_of(other)}withdraw/", withdrawal(wish)).status_code == 422
    assert booker.post("/m/1-nonsense/withdraw/", withdrawal(wish)).status_code == 404
    assert snapshot() == before


def test_cancelling_says_that_the_wish_ends_too(standing: Booking, wish: Booking, booker: Booker) -> None:
    assert "Your wish to move it ends too" in booker.get(f"{page_of(standing)}cancel/").content.decode()

    booker.post(f"{page_of(standing)}cancel/", {"version": 1})

    wish.refresh_from_db()
    page = booker.get(page_of(standing))
    assert wish.status == "cancelled" and page.context["asked_for"] is None
    assert page.context["changes"][0]["title"] == "Cancelled"


def test_the_page_with_a_wish_takes_eight_queries(
    standing: Booking, wish: Booking, booker: Booker, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        booker.get(page_of(standing))


# -- An exception ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "title", "says"),
    [
        ("cancel", "Can't be cancelled online", "your booking is cancelled at once"),
        ("reschedule", "Can't be moved online", "you choose another time on this page"),
    ],
)
def test_asking_says_first_what_will_happen(
    denied: Booking, booker: Booker, wish: str, title: str, says: str
) -> None:
    way = ways(booker.get(page_of(denied)))[title]
    before = snapshot()

    html = booker.get(way.url).content.decode()

    assert (way.label, way.url) == ("Ask for an exception", f"{page_of(denied)}exception/?wish={wish}")
    assert says in html and "Mail to Ben Okafor" in html and "The booking stands" in html
    assert booker.client.head(way.url).status_code == 200
    assert booker.client.put(way.url).status_code == 405
    assert snapshot() == before and not ExceptionRequest.objects.exists()


@pytest.mark.parametrize("wish", ["cancel", "reschedule"])
def test_asking_once_and_twice(denied: Booking, booker: Booker, wish: str) -> None:
    url = f"{page_of(denied)}exception/?wish={wish}"

    first = booker.post(url, {"reason": "Illness in the family"})
    before = snapshot()
    second = booker.post(url, {"reason": "Illness in the family"})

    assert [(r.status_code, r["Location"]) for r in (first, second)] == [(303, page_of(denied))] * 2
    assert snapshot() == before
    asked = ExceptionRequest.objects.get()
    assert (asked.wish, asked.state, asked.reason) == (wish, "open", "Illness in the family")
    page = booker.get(page_of(denied))
    assert "You asked for an exception on" in page.content.decode()
    assert "once your other request is answered" in page.content.decode()
    assert not any(way.label == "Ask for an exception" for way in page.context["ways"])
    assert page.context["changes"][0] | {"at": ""} == {
        "status": "",
        "symbol": "note",
        "title": "Asked for an exception",
        "who": "By you",
        "at": "",
        "reason": "Illness in the family",
        "note": "",
    }
    # There is no second page for it, and another reason is another request.
    assert booker.get(url)["Location"] == page_of(denied)
    other = booker.post(url, {"reason": "Something else"})
    assert other.status_code == 409 and "asked for this already" in other.content.decode()


@pytest.mark.parametrize("reason", ["", "   ", "a\x00b", "a\x08b", "x" * 1001])
def test_a_reason_is_needed(denied: Booking, booker: Booker, reason: str) -> None:
    response = booker.post(f"{page_of(denied)}exception/?wish=cancel", {"reason": reason})

    assert response.status_code == 422
    assert not ExceptionRequest.objects.exists()


def test_a_missing_reason_is_asked_for_in_our_words(denied: Booking, booker: Booker) -> None:
    response = booker.post(f"{page_of(denied)}exception/?wish=cancel", {})

    assert "A reason is needed here. One sentence is enough." in response.content.decode()


@pytest.mark.parametrize("wish", ["", "delete", "a%00", "é"])
def test_a_wish_that_is_none(denied: Booking, booker: Booker, wish: str) -> None:
    url = f"{page_of(denied)}exception/?wish={wish}"

    assert booker.get(url)["Location"] == page_of(denied)
    assert booker.post(url, {"reason": "Ill"}).status_code == 422
    assert not ExceptionRequest.objects.exists()


def test_what_the_policy_allows_needs_no_exception(standing: Booking, booker: Booker) -> None:
    url = f"{page_of(standing)}exception/?wish=cancel"

    assert booker.get(url)["Location"] == page_of(standing)
    refused = booker.post(url, {"reason": "Ill"})
    assert refused.status_code == 409 and "You can do this yourself" in refused.content.decode()


def test_a_foreign_link_asks_nothing(denied: Booking, booker: Booker) -> None:
    assert booker.get("/m/1-nonsense/exception/?wish=cancel").status_code == 404
    assert booker.post("/m/1-nonsense/exception/?wish=cancel", {"reason": "Ill"}).status_code == 404


def test_asking_is_limited(denied: Booking, booker: Booker) -> None:
    url = f"{page_of(denied)}exception/?wish=cancel"
    booker.post(f"{page_of(denied)}exception/?wish=nothing", {"reason": "Ill"})
    who = Attempt.objects.get(scope="change").who
    Attempt.objects.bulk_create(Attempt(scope="change", who=who) for _ in range(59))

    assert booker.post(url, {"reason": "Ill"}).status_code == 429
    assert not ExceptionRequest.objects.exists()


def asked(booking: Booking, wish: str) -> ExceptionRequest:
    return lifecycle.ask_exception(booking.pk, wish=wish, name="Zoë Lefèvre", reason="Illness")


def test_a_granted_move_opens_the_times(cast: Cast, denied: Booking, booker: Booker) -> None:
    lifecycle.grant_exception(
        asked(denied, "reschedule").pk, actor=lifecycle.person(cast.ben), answer="Any day <b> next week"
    )

    page = booker.get(page_of(denied))
    way = ways(page)["Move it"]
    assert way.text.startswith("Ben Okafor made an exception for you: “Any day <b> next week”")
    assert "&lt;b&gt;" in page.content.decode() and "<b> next" not in page.content.decode()
    assert (page.context["changes"][0]["title"], page.context["changes"][0]["reason"]) == (
        "Exception made",
        "Any day <b> next week",
    )
    url = booker.post(f"{page_of(denied)}reschedule/hold/", {"start": int(at(15).timestamp() // 60)})[
        "Location"
    ]
    assert booker.post(url, {}).status_code == 303
    # The exception was for this once.
    after = booker.get(page_of(denied))
    assert after.context["booking"].starts_at == at(15)
    assert "Can't be moved online" in ways(after)


def test_a_granted_cancellation_is_a_cancellation(cast: Cast, denied: Booking, booker: Booker) -> None:
    lifecycle.grant_exception(asked(denied, "cancel").pk, actor=lifecycle.person(cast.ben), answer="Get well")

    page = booker.get(page_of(denied))

    assert 'data-state="cancelled"' in page.content.decode()
    assert [row["title"] for row in page.context["changes"]][:2] == ["Cancelled", "Asked for an exception"]
    assert page.context["changes"][0]["reason"] == "Get well"
    assert "Book again" in ways(page)


@pytest.mark.parametrize("answer", ["The crane is paid for.", ""])
def test_a_refusal_is_told_and_may_be_asked_once_more(
    cast: Cast, denied: Booking, booker: Booker, answer: str
) -> None:
    lifecycle.refuse_exception(asked(denied, "cancel").pk, actor=lifecycle.person(cast.ben), answer=answer)

    page = booker.get(page_of(denied))

    way = ways(page)["Can't be cancelled online"]
    assert way.text == (
        f"Ben Okafor can't make an exception: “{answer}”" if answer else "Ben Okafor can't make an exception."
    )
    assert way.label == "Ask once more"
    assert page.context["changes"][0]["title"] == "No exception made"
    assert booker.post(way.url, {"reason": "It got worse"}).status_code == 303
    assert ExceptionRequest.objects.filter(state="open").count() == 1


def test_a_request_that_is_not_decided_asks_no_exception(cast: Cast, booker: Booker) -> None:
    cast.demo.approval, cast.demo.reschedule_policy = "always", "never"
    cast.demo.save()
    booking = cast.book()

    way = ways(booker.get(page_of(booking)))["Can't be moved online"]

    assert way.url == "" and "You can withdraw it and ask for another time." in way.text
    assert booker.post(f"{page_of(booking)}exception/?wish=reschedule", {"reason": "Ill"}).status_code == 409
