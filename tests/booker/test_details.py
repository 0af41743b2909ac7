"""The form in which a booker says who they are: what it shows, and what it refuses."""

from typing import Any

import pytest
from django.utils import timezone

from bookings.availability import epoch_minute
from bookings.models import Booking, Question
from tests.booker.conftest import DETAILS, HOLD, TYPE_URL, WHO, Booker, form_value
from tests.cast import Cast, at, make_type

# -- The form ----------------------------------------------------------------------------------------------------------------


def test_the_form_shows_the_held_time(cast: Cast, booker: Booker) -> None:
    response = booker.get(booker.form_for(at(10), zone="America/Toronto"))

    html = response.content.decode()
    assert response.status_code == 200
    assert "Toronto (UTC" in html and "10:00 in Berlin" in html
    assert "Held for you" in html and 'data-expires="' in html
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("value", ["", "abc", "eyJ9:1:zzz"])
def test_an_address_without_a_good_value_leads_back_to_the_times(
    cast: Cast, booker: Booker, value: str
) -> None:
    for response in (booker.get(f"{DETAILS}?form={value}"), booker.post(f"{DETAILS}?form={value}", WHO)):
        assert response.status_code == 422
        assert response.context["times"]
    assert not Booking.objects.exists()


def test_a_value_of_another_type_is_worth_nothing(cast: Cast, booker: Booker) -> None:
    make_type(cast.team, cast.cleo_host, name="Other", location=cast.place)
    value = form_value(booker.form_for(at(10)))

    response = booker.post(f"/heliograf/other/details/?form={value}", WHO)

    assert response.status_code == 422
    assert not Booking.objects.exists()


def test_a_value_runs_out(cast: Cast, booker: Booker, monkeypatch: pytest.MonkeyPatch) -> None:
    url = booker.form_for(at(10))
    monkeypatch.setattr("bookings.forms.wishes._FORM_SECONDS", -1)

    assert booker.send(url).status_code == 422


def test_address_fills_in_the_form_escaped(cast: Cast, booker: Booker) -> None:
    question = Question.objects.create(
        booking_type=cast.demo, label="Roof", kind="choices", options=["Flat", "Pitched"]
    )
    evil = '"><script>alert(1)</script>'

    shown = booker.get(
        f"{TYPE_URL}?name=Zo%C3%AB&zone=Europe/Berlin&q_{question.pk}=Flat&q_{question.pk}=Pitched&notes=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    )
    fields: dict[str, Any] = {}
    for key, value in shown.context["wish_fields"]:
        fields.setdefault(key, []).append(value)
    form = booker.get(booker.post(HOLD, {**fields, "start": epoch_minute(at(10))})["Location"])

    assert evil not in shown.content.decode() and evil not in form.content.decode()
    assert form.context["form"].initial == {
        "name": "Zoë",
        f"q_{question.pk}": ["Flat", "Pitched"],
        "notes": evil,
    }


@pytest.mark.parametrize(
    ("approval", "hours", "says"),
    [
        ("always", 0, "A host has to confirm this booking."),
        ("short_notice", 240, "This time is near"),
        ("short_notice", 1, ""),
    ],
)
def test_the_form_says_whether_a_host_has_to_confirm(
    cast: Cast, booker: Booker, approval: str, hours: int, says: str
) -> None:
    cast.demo.approval, cast.demo.approval_within_hours = approval, hours
    cast.demo.save()

    html = booker.get(booker.form_for(at(10))).content.decode()

    assert (says in html) if says else ("has to confirm" not in html)
    assert ("Ask for this time" in html) is bool(says)


def test_the_form_says_until_when_it_may_be_cancelled(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    assert "Move or cancel until <b>" in booker.get(url).content.decode()

    cast.demo.cancel_policy = "never"
    cast.demo.save()
    assert "be cancelled online" in booker.get(url).content.decode()


# -- What the form refuses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Zoë\x00"}, "name"),
        ({"name": "Zoë\r\nBcc: all@x.example"}, "name"),
        ({"name": "\u202eeoZ"}, "name"),
        ({"email": ""}, "email"),
        ({"email": "zoe@"}, "email"),
        ({"email": "zoe@x.example\nBcc: b@x.example"}, "email"),
        ({"email": "z" * 250 + "@x.example"}, "email"),
        ({"phone": "1" * 41}, "phone"),
        ({"notes": "a\x07b"}, "notes"),
        ({"notes": "x" * 2001}, "notes"),
        ({"guests": "not an address"}, "guests"),
        ({"guests": "\n".join(f"g{n}@x.example" for n in range(11))}, "guests"),
    ],
)
def test_a_bad_field_is_named_and_everything_kept(
    cast: Cast, booker: Booker, changes: dict[str, str], field: str
) -> None:
    response = booker.send(booker.form_for(at(10)), **{"phone": "030 1234", **changes})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    html = response.content.decode()
    assert 'aria-invalid="true"' in html
    assert field == "phone" or "030 1234" in html
    assert not Booking.objects.exists()


def test_phone_is_asked_as_the_type_says(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))
    cast.demo.ask_phone = "required"
    cast.demo.save()
    assert list(booker.send(url).context["form"].errors) == ["phone"]

    cast.demo.ask_phone = "no"
    cast.demo.save()
    booker.send(url, phone="030 1234")
    assert Booking.objects.get().booker_phone == ""


@pytest.mark.parametrize(
    ("kind", "good", "answer", "bad"),
    [
        ("line", "Flat", "Flat", "x" * 301),
        ("text", "One\nTwo", "One\nTwo", "a\x00b"),
        ("choice", "Flat", "Flat", "Thatched"),
        ("choices", ["Flat", "Pitched"], "Flat, Pitched", ["Thatched"]),
        ("yes", "no", "No", "maybe"),
        ("number", "4200.50", "4200.5", "NaN"),
    ],
)
def test_every_kind_of_question(
    cast: Cast, booker: Booker, kind: str, good: Any, answer: str, bad: Any
) -> None:
    question = Question.objects.create(
        booking_type=cast.demo, label="Roof", kind=kind, options=["Flat", "Pitched"], is_required=True
    )
    name = f"q_{question.pk}"
    url = booker.form_for(at(10))

    assert list(booker.send(url).context["form"].errors) == [name]
    assert list(booker.send(url, **{name: bad}).context["form"].errors) == [name]
    assert booker.send(url, **{name: good}).status_code == 303
    assert [row["answer"] for row in Booking.objects.get().answers] == [answer]


def test_questions_of_another_type_are_not_taken(cast: Cast, booker: Booker) -> None:
    other = make_type(cast.team, cast.cleo_host, name="Other")
    foreign = Question.objects.create(booking_type=other, label="Secret", kind="line")
    gone = Question.objects.create(
        booking_type=cast.demo, label="Old", kind="line", archived_at=timezone.now()
    )

    booker.book(at(10), **{f"q_{foreign.pk}": "x", f"q_{gone.pk}": "y"})

    assert Booking.objects.get().answers == []


def test_a_huge_form_is_refused(cast: Cast, booker: Booker) -> None:
    url = booker.form_for(at(10))

    assert booker.send(url, notes="x" * 3_000_000).status_code == 400
    assert booker.send(url, **{f"f{n}": "x" for n in range(1200)}).status_code == 400
    assert not Booking.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_form_takes_four_queries(cast: Cast, booker: Booker, django_assert_num_queries, count: int) -> None:
    for number in range(count):
        Question.objects.create(booking_type=cast.demo, label=f"Question {number}", kind="line")
    url = booker.form_for(at(10))

    with django_assert_num_queries(4):
        booker.get(url)


@pytest.mark.parametrize(
    ("language", "typed", "kept"),
    [("de", "1,5", "1.5"), ("de", "1.5", "1.5"), ("en", "1.5", "1.5"), ("en", "1,5", "")],
)
def test_a_number_is_typed_as_its_language_writes_it(
    cast: Cast, booker: Booker, language: str, typed: str, kept: str
) -> None:
    """Break: know the point alone, and the comma of a German keyboard is no number."""
    question = Question.objects.create(booking_type=cast.demo, label="Size", kind="number")
    sent = {**WHO, f"q_{question.pk}": typed}
    answer = booker.post(booker.form_for(at(10)), sent, accept_language=language)
    assert answer.status_code == (303 if kept else 422)
    assert [row["answer"] for made in Booking.objects.all() for row in made.answers] == (
        [kept] if kept else []
    )
