"""Correcting what is known of a booker, in any status, and what follows where the address changes."""

import pytest

from bookings import lifecycle, links
from bookings.models import Booking, BookingChange, Delivery
from tests.cast import at
from tests.hub.conftest import HTMX


def address(booking):
    return f"/bookings/{booking.pk}/edit/"


def send(client, booking, headers=None, **more):
    data = {
        "version": booking.version,
        "back": "upcoming",
        "name": booking.booker_name,
        "email": booking.booker_email,
        "phone": booking.booker_phone,
        "notes": booking.notes,
        **more,
    }
    return client.post(address(booking), data, headers=headers or {})


def fresh(booking):
    return Booking.objects.get(pk=booking.pk)


# -- The dialog ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_dialog_holds_the_details_and_neither_time_nor_host(cast, as_person, confirmed, headers):
    answer = as_person(cast.ben).get(address(confirmed), headers=headers)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert ("<html" in text) is (not headers)
    assert 'name="name" value="Zoë Lefèvre"' in text
    assert 'name="email" value="zoe@riviere.example"' in text
    assert "12:00–12:30 with Ben Okafor stay as they are." in text
    assert 'name="start"' not in text
    assert 'name="host"' not in text
    assert "No mail goes out" in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_new_address_is_told_what_follows_before_it_is_saved(cast, as_person, confirmed, headers):
    text = send(as_person(cast.ben), confirmed, headers, email="zoe@new.example", look="").content.decode()
    for words in (
        'value="zoe@new.example"',
        "</b> to zoe@riviere.example, the address until now",
        "<b>Invitation</b> to zoe@new.example",
        "<b>A new manage link:</b> the one until now stops working",
    ):
        assert words in text, words
    assert fresh(confirmed).booker_email == "zoe@riviere.example"


def test_without_any_address_the_host_is_to_tell_them(cast, as_person, confirmed):
    text = send(as_person(cast.ben), confirmed, email="", look="").content.decode()
    assert "<b>Tell Zoë Lefèvre yourself:</b> there is no mail address any more" in text


def test_a_new_name_is_said_to_be_written_to_the_calendar(cast, as_person, confirmed):
    cast.ben_host.has_write_calendar = True
    cast.ben_host.save()
    text = send(as_person(cast.ben), confirmed, name="Zoé", look="").content.decode()
    assert "<b>Event written again</b> in the calendar of Ben Okafor, with the new name" in text


def test_what_is_over_sends_nothing(cast, as_person, confirmed):
    lifecycle.cancel(confirmed.pk, actor=lifecycle.person(cast.ben), version=1)
    text = as_person(cast.ben).get(address(confirmed)).content.decode()
    assert "it is over, so nothing is sent" in text


# -- Saving --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ben", "ada", "root"])
def test_the_details_are_saved_and_said_to_be(cast, as_person, confirmed, who):
    client = as_person(getattr(cast, who))
    data = {
        "version": 1,
        "back": "upcoming",
        "name": "Zoé",
        "email": "zoe@riviere.example",
        "notes": "Two of us",
    }
    answer = client.post(address(confirmed), data, follow=True)
    assert answer.redirect_chain == [("/?tab=upcoming", 302)]
    assert "The details of Zoé are saved." in answer.content.decode()
    booking = fresh(confirmed)
    assert (booking.booker_name, booking.notes, booking.version) == ("Zoé", "Two of us", 2)
    change = BookingChange.objects.get(booking=confirmed, action="edit")
    assert (change.actor, change.changed) == (
        getattr(cast, who),
        {"booker_name": ["Zoë Lefèvre", "Zoé"], "notes": ["", "Two of us"]},
    )


def test_with_htmx_the_row_is_answered(cast, as_person, confirmed):
    text = send(as_person(cast.ben), confirmed, HTMX, name="Zoé").content.decode()
    assert text.lstrip().startswith(f'<li class="booking" id="booking-{confirmed.pk}"')
    assert ">Zoé</a>" in text
    assert "The details of Zoé are saved." in text


def test_from_its_page_the_page_is_answered(cast, as_person, confirmed):
    text = send(as_person(cast.ben), confirmed, HTMX, name="Zoé", back="booking").content.decode()
    assert 'class="detail" id="booking"' in text


def test_a_new_address_gets_the_invitation_and_a_new_link(cast, as_person, confirmed):
    before = links.manage_url(confirmed.chain)
    send(as_person(cast.ben), confirmed, email="zoe@new.example")
    booking = fresh(confirmed)
    assert booking.booker_email == "zoe@new.example"
    assert links.manage_url(booking.chain) != before
    new = Delivery.objects.filter(booking=confirmed, recipient="zoe@new.example").get()
    assert (new.kind, new.method) == ("confirmed", "REQUEST")


@pytest.mark.parametrize(
    "status", ["waiting", "completed", "declined", "cancelled", "no_show", "rescheduled"]
)
def test_every_state_can_be_corrected(cast, as_person, confirmed, status):
    Booking.objects.filter(pk=confirmed.pk).update(status=status)
    client = as_person(cast.ben)
    assert "/edit/" in client.get(f"/bookings/{confirmed.pk}/").content.decode()
    assert send(client, confirmed, name="Zoé").status_code == 302
    assert fresh(confirmed).booker_name == "Zoé"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nothing_changed_says_so(cast, as_person, headers):
    booking = cast.book(hour=12, notes="Line one\nLine two")
    answer = as_person(cast.ben).post(
        address(booking),
        {
            "version": 1,
            "name": "Zoë Lefèvre",
            "email": "zoe@riviere.example",
            "notes": "Line one\r\nLine two",
            "back": "booking",
        },
        headers=headers,
        follow=True,
    )
    assert "Nothing was changed." in answer.content.decode()
    assert (fresh(booking).version, BookingChange.objects.filter(action="edit").count()) == (1, 0)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters"),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.example"}, "Ensure this value"),
        ({"phone": "1" * 41}, "Ensure this value has at most 40 characters"),
        ({"phone": "1\u202e2"}, "This text holds characters that can&#x27;t be shown."),
        ({"notes": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"version": ""}, "This field is required."),
    ],
)
def test_a_form_in_disorder_comes_back_as_filled_in(cast, as_person, confirmed, more, words):
    answer = send(as_person(cast.ben), confirmed, HTMX, **{"notes": "Still here", **more})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Still here" in answer.content.decode() or "notes" in more
    assert fresh(confirmed).version == 1


# -- Twice, late, and by others --------------------------------------------------------------------------------------------


def test_saving_twice_has_the_effect_of_once(cast, as_person, confirmed):
    client = as_person(cast.ben)
    codes = [send(client, confirmed, name="Zoé").status_code for _ in range(2)]
    assert codes == [302, 302]
    assert BookingChange.objects.filter(booking=confirmed, action="edit").count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_after_a_colleague_it_is_said_who_and_how_it_stands(cast, as_person, confirmed, headers):
    send(as_person(cast.ada), confirmed, name="Zoé")
    answer = send(as_person(cast.ben), confirmed, headers, name="Zo")
    assert answer.status_code == 409
    assert "Ada Brandt edited this booking at" in answer.content.decode()
    assert fresh(confirmed).booker_name == "Zoé"


def test_a_wish_has_the_details_of_what_stands(cast, as_person, confirmed):
    cast.demo.approval = "always"
    cast.demo.save()
    wish = lifecycle.reschedule_by_booker(confirmed.pk, lifecycle.NewTime(at(17)), version=1, name="Zoë")
    client = as_person(cast.ben)
    assert [client.get(address(wish)).status_code, send(client, wish, name="Z").status_code] == [409, 409]


@pytest.mark.parametrize(
    ("who", "code"), [("ben", 200), ("ada", 200), ("root", 200), ("cleo", 404), ("dora", 404)]
)
def test_editing_is_for_who_may_see_the_booking(cast, as_person, confirmed, who, code):
    client = as_person(getattr(cast, who))
    assert client.get(address(confirmed)).status_code == code
    assert send(client, confirmed, name="Zoé").status_code == (302 if code == 200 else 404)


def test_editing_takes_no_other_method_and_no_stranger(cast, as_person, client, confirmed):
    assert as_person(cast.ben).put(address(confirmed)).status_code == 405
    assert send(client, confirmed, name="Zoé").headers["Location"].startswith("/accounts/login/")
    assert fresh(confirmed).booker_name == "Zoë Lefèvre"
