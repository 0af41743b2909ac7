"""Correcting a booker's details on their booking, and those of the contact along with them."""

import re

import pytest

from bookings.models import Booking, Contact, ContactChange
from tests.contacts.conftest import make_contact
from tests.hub.conftest import settle
from tests.hub.test_edit import send


@pytest.fixture
def booking(cast, zoe):
    return settle(cast.book(hour=12, phone="+1 416 555 0100"))


def test_the_dialog_offers_it(cast, as_person, booking):
    text = as_person(cast.ben).get(f"/bookings/{booking.pk}/edit/").content.decode()
    assert "Change the contact Zoë Lefèvre too" in text
    assert 'name="with_contact"' in text
    Booking.objects.get().chain.contact.delete()
    assert (
        'name="with_contact"' not in as_person(cast.ben).get(f"/bookings/{booking.pk}/edit/").content.decode()
    )


def test_the_dialog_tells_what_becomes_of_the_contact(cast, as_person, zoe, booking):
    make_contact(cast.team, "Max", "max@riviere.example")
    ben = as_person(cast.ben)

    def told(**more):
        text = send(ben, booking, look="", **more).content.decode()
        return re.sub(r"<[^>]+>", "", text[text.index('id="follows"') :])

    changed, moved = "The contact Zoë Lefèvre changes too", "It goes to the contact Max, who has this address"
    assert changed not in told(with_contact="on")
    assert changed in told(name="Zoé", with_contact="on") and changed not in told(name="Zoé")
    assert changed in told(email="zoe@new.example", with_contact="on")
    for more in ({}, {"with_contact": "on"}):
        assert moved in told(email="max@riviere.example", **more)


def test_what_is_new_is_written_to_the_contact_too(cast, as_person, zoe, booking):
    more = {"name": "Zoé", "email": "Zoe@New.example", "phone": "0341 / 555", "with_contact": "on"}
    assert send(as_person(cast.ben), booking, **more).status_code == 302
    zoe.refresh_from_db()
    assert (zoe.name, zoe.email, zoe.phone) == ("Zoé", "zoe@new.example", "0341555")
    assert Booking.objects.get().chain.contact == zoe
    assert ContactChange.objects.get().actor == cast.ben
    assert Contact.objects.count() == 1


def test_what_stays_is_left_as_the_contact_has_it(cast, as_person, zoe, booking):
    Contact.objects.filter(pk=zoe.pk).update(phone="99")
    send(as_person(cast.ben), booking, name="Zoé", with_contact="on")
    zoe.refresh_from_db()
    assert (zoe.name, zoe.phone) == ("Zoé", "99")


def test_without_the_tick_the_contact_stays_and_the_address_decides(cast, as_person, zoe, booking):
    send(as_person(cast.ben), booking, name="Max", email="max@riviere.example")
    zoe.refresh_from_db()
    assert zoe.name == "Zoë Lefèvre"
    assert Booking.objects.get().chain.contact.email == "max@riviere.example"


def test_an_address_of_another_contact_leads_the_booking_there(cast, as_person, zoe, booking):
    talk = zoe.conversations.create(channel="Chat")
    booking.chain.conversation = talk
    booking.chain.save()
    other = make_contact(cast.team, "Max", "max@riviere.example")
    assert (
        send(as_person(cast.ben), booking, email="max@riviere.example", with_contact="on").status_code == 302
    )
    chain = Booking.objects.get().chain
    assert (chain.contact, chain.conversation) == (other, None)
    zoe.refresh_from_db()
    assert zoe.email == "zoe@riviere.example"


def test_twice_is_once(cast, as_person, zoe, booking):
    client = as_person(cast.ben)
    codes = [send(client, booking, name="Zoé", with_contact="on").status_code for _ in range(2)]
    assert codes == [302, 302]
    assert ContactChange.objects.count() == 1
