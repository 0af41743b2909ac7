"""A new booking for a contact: searched, filled in, all of it editable, with the conversation that led to it."""

import pytest
from django.utils.html import escape

from bookings.models import Booking, Contact, ContactChange
from tests.contacts.conftest import make_contact
from tests.hub.conftest import HTMX
from tests.hub.new_booking import NEW, form, minute, only_booking, send


@pytest.fixture
def chat(zoe):
    return zoe.conversations.create(channel="WhatsApp", last_message="See you")


def search(client, kind, words, headers=HTMX):
    return client.get("/contacts/search/", {"q": words, "type": kind.pk}, headers=headers)


# -- Searching -------------------------------------------------------------------------------------------------------------


def test_typing_offers_contacts_as_options_the_likeliest_first(cast, as_person, zoe):
    make_contact(cast.team, "Amélie Zoega", "amelie@x.example")
    text = search(as_person(cast.ben), cast.demo, "zoe").content.decode()
    assert text.startswith('<ul class="sheet" role="listbox" id="contact-offers"')
    assert text.index("Zoë Lefèvre") < text.index("Amélie Zoega")
    assert text.count('role="option"') == 2


def test_only_the_team_of_the_type_is_searched(cast, as_person, zoe, noor):
    assert 'role="option"' not in search(as_person(cast.root), cast.demo, "noor").content.decode()
    assert (
        'role="option"'
        not in as_person(cast.dora)
        .get("/contacts/search/", {"q": "zoe", "type": cast.demo.pk}, headers=HTMX)
        .content.decode()
    )


@pytest.mark.parametrize("words", ["", "  ", "a\x00b", "\u202e"])
def test_nothing_is_offered_for_nothing(cast, as_person, zoe, words):
    assert 'role="option"' not in search(as_person(cast.ben), cast.demo, words).content.decode()


def test_without_htmx_the_search_is_the_list(cast, as_person, zoe):
    answer = search(as_person(cast.ben), cast.demo, "zoe", headers={})
    assert answer.headers["Location"] == "/contacts/?q=zoe"


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_takes_the_same_queries_whatever_it_finds(cast, as_person, django_assert_num_queries, count):
    for n in range(count):
        make_contact(cast.team, f"Person {n}", f"p{n}@x.example")
    client = as_person(cast.ben)
    with django_assert_num_queries(4):
        assert search(client, cast.demo, "person").content.decode().count('role="option"') == count


# -- Filling in ------------------------------------------------------------------------------------------------------------


def test_the_address_of_a_contact_fills_the_form(cast, as_person, zoe, chat):
    cast.book(hour=10)
    query = {"type": cast.demo.pk, "start": minute(12), "contact": zoe.pk}
    text = as_person(cast.ben).get(NEW, query, follow=True).content.decode()
    for words in (
        'name="name" value="Zoë Lefèvre"',
        'name="email" value="zoe@riviere.example"',
        'name="phone" value="+14165550100"',
        '<option value="America/Toronto" selected>',
        f'name="contact" value="{zoe.pk}"',
        "WhatsApp: See you",
    ):
        assert words in text, words


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, ""])
def test_a_number_that_is_no_contact_fills_nothing(cast, as_person, zoe, number):
    query = {"type": cast.demo.pk, "start": minute(12), "contact": number}
    answer = as_person(cast.ben).get(NEW, query, follow=True)
    assert 'name="email"' in answer.content.decode()
    assert answer.status_code == 200
    assert "riviere" not in answer.content.decode()


def test_a_contact_of_another_team_fills_nothing(cast, as_person, noor):
    query = {"type": cast.demo.pk, "start": minute(12), "contact": noor.pk}
    answer = as_person(cast.ben).get(NEW, query, follow=True)
    assert 'name="email"' in answer.content.decode()
    assert "Noor" not in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_choosing_fills_in_and_keeps_what_was_typed(cast, as_person, zoe, headers):
    answer = send(as_person(cast.ben), form(cast, notes="Two dogs", use=zoe.pk), headers)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.lstrip().startswith("<section") is bool(headers)
    for words in ('name="name" value="Zoë Lefèvre"', "Two dogs", f'name="contact" value="{zoe.pk}"'):
        assert words in text, words
    assert not Booking.objects.exists()


def test_looking_for_one_without_script_keeps_what_was_typed(cast, as_person, zoe):
    text = send(as_person(cast.ben), form(cast, q="zoe", seek="1", notes="Two dogs")).content.decode()
    assert f'name="use" value="{zoe.pk}"' in text
    assert "Two dogs" in text
    assert 'value="Ümit Yıldız"' in text


def test_taking_a_contact_out_keeps_the_details(cast, as_person, zoe):
    text = send(as_person(cast.ben), form(cast, contact=zoe.pk, use=""), HTMX).content.decode()
    assert f'name="contact" value="{zoe.pk}"' not in text
    assert 'value="Ümit Yıldız"' in text


# -- Booking ---------------------------------------------------------------------------------------------------------------


def test_contact_and_conversation_are_kept_whatever_was_typed_since(cast, as_person, zoe, chat):
    assert send(as_person(cast.ben), form(cast, contact=zoe.pk, conversation=chat.pk)).status_code == 302
    chain = only_booking().chain
    assert (chain.contact, chain.conversation) == (zoe, chat)
    assert only_booking().booker_name == "Ümit Yıldız"
    assert Contact.objects.count() == 1


def test_sent_twice_it_is_one_booking(cast, as_person, zoe, chat):
    client, data = as_person(cast.ben), form(cast, contact=zoe.pk, conversation=chat.pk)
    assert send(client, data).headers["Location"] == send(client, data).headers["Location"]
    assert Booking.objects.count() == 1


def test_a_contact_that_was_merged_meanwhile_leads_to_who_has_them_now(cast, as_person, zoe):
    ContactChange.objects.create(
        contact=zoe,
        action="merge",
        absorbed_pk=987654,
        absorbed={"name": "Z", "bookings": 0, "conversations": 0},
    )
    assert send(as_person(cast.ben), form(cast, contact="987654")).status_code == 302
    assert only_booking().chain.contact == zoe


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"contact": "999999"}, "The contact is none of this team’s."),
        ({"contact": "x"}, "The contact is none of this team’s."),
        ({"conversation": "999999"}, "Select a valid choice."),
    ],
)
def test_what_is_not_theirs_is_refused_and_nothing_is_lost(cast, as_person, zoe, noor, more, words):
    talk = noor.conversations.create(channel="Chat")
    for data in (more, {name: {"contact": noor.pk, "conversation": talk.pk}[name] for name in more}):
        answer = send(as_person(cast.ben), form(cast, **data))
        assert answer.status_code == 422
        assert escape(words) in answer.content.decode()
        assert "umit@mail.example" in answer.content.decode()
    assert not Booking.objects.exists()


def test_the_page_of_the_booking_names_contact_and_conversation(cast, as_person, zoe, chat):
    send(as_person(cast.ben), form(cast, contact=zoe.pk, conversation=chat.pk))
    text = as_person(cast.ben).get(f"/bookings/{only_booking().pk}/").content.decode()
    assert f'href="/contacts/{zoe.pk}/">Contact: Zoë Lefèvre</a>' in text
    assert "“<bdi>See you</bdi>”" in text
