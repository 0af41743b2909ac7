"""Conversations with a contact: added, corrected and taken away, each with its bookings."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, Conversation
from tests.cast import make_type
from tests.hub.conftest import HTMX

NOON = "2026-03-02T12:30"


@pytest.fixture
def chat(zoe):
    return zoe.conversations.create(
        channel="WhatsApp",
        link="https://wa.example/1",
        last_message="See you",
        last_message_at=timezone.now(),
    )


def new(zoe):
    return f"/contacts/{zoe.pk}/conversations/new/"


def form(**more):
    data = {
        "channel": "WhatsApp",
        "link": "https://wa.example/1",
        "last_message": "See you on Monday",
        "last_message_at": NOON,
        "version": 1,
        "nonce": "nonce-1",
    }
    return {**data, **more}


# -- Adding --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_dialog_asks_for_channel_message_time_and_link(cast, as_person, zoe, headers):
    text = as_person(cast.cleo).get(new(zoe), headers=headers).content.decode()
    assert ("<html" in text) is (not headers)
    for name in ("channel", "link", "last_message", "last_message_at"):
        assert f'name="{name}"' in text, name
    assert '<option value="WhatsApp">' in text


@pytest.mark.parametrize("who", ["ada", "ben", "cleo", "root"])
def test_a_conversation_is_kept_on_the_readers_clock_and_shown(cast, as_person, zoe, who):
    client = as_person(getattr(cast, who))
    assert client.post(new(zoe), form()).headers["Location"] == f"/contacts/{zoe.pk}/"
    row = zoe.conversations.get()
    assert (row.channel, row.link, row.last_message) == (
        "WhatsApp",
        "https://wa.example/1",
        "See you on Monday",
    )
    assert row.last_message_at == datetime(2026, 3, 2, 11, 30, tzinfo=UTC)
    text = client.get(f"/contacts/{zoe.pk}/").content.decode()
    assert "“See you on Monday”" in text
    assert "Mon 2 March" in text
    assert 'href="https://wa.example/1" rel="noopener noreferrer"' in text


def test_with_htmx_the_contact_is_answered_with_a_toast(cast, as_person, zoe):
    text = as_person(cast.ben).post(new(zoe), form(), headers=HTMX).content.decode()
    assert text.lstrip().startswith('<article class="detail" id="contact"')
    assert "The conversation is added." in text


def test_the_same_form_twice_keeps_one_and_another_keeps_another(cast, as_person, zoe):
    client = as_person(cast.ben)
    for data in (form(), form(), form(nonce="nonce-2"), form(last_message="And on Tuesday")):
        assert client.post(new(zoe), data).status_code == 302
    assert zoe.conversations.count() == 3


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"channel": ""}, "This field is required."),
        ({"channel": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"channel": "x" * 41}, "Ensure this value has at most 40 characters"),
        ({"link": "http://wa.example/1"}, "A link begins with https://."),
        ({"link": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"link": "data:text/html,x"}, "Enter a valid URL."),
        ({"link": "ftp://wa.example"}, "A link begins with https://."),
        ({"link": "https://wa.example/" + "x" * 500}, "Ensure this value has at most 500 characters"),
        ({"last_message": "a\x07b"}, "This text holds characters that can&#x27;t be shown."),
        ({"last_message_at": "never"}, "Enter a valid date/time."),
        ({"last_message_at": "2199-01-01T10:00"}, "Choose a time of the past"),
        ({"last_message_at": "0001-01-01T00:00"}, "Choose a time of the past"),
        ({"nonce": ""}, "This field is required."),
    ],
)
def test_a_form_in_disorder_comes_back_as_filled_in(cast, as_person, zoe, headers, more, words):
    data = form(**{"last_message": "Still here", **more})
    answer = as_person(cast.ben).post(new(zoe), data, headers=headers)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Still here" in answer.content.decode() or "last_message" in more
    assert not Conversation.objects.exists()


def test_a_link_without_its_beginning_is_taken_for_https(cast, as_person, zoe):
    as_person(cast.ben).post(new(zoe), form(link="wa.example/1"))
    assert zoe.conversations.get().link == "https://wa.example/1"


def test_a_link_that_was_stored_otherwise_is_shown_to_nobody(cast, as_person, zoe):
    zoe.conversations.create(channel="Chat", link="javascript:alert(1)")
    assert "javascript:" not in as_person(cast.ben).get(f"/contacts/{zoe.pk}/").content.decode()


# -- Correcting and taking away --------------------------------------------------------------------------------------------


def test_a_conversation_is_corrected(cast, as_person, chat):
    client = as_person(cast.cleo)
    address = f"/conversations/{chat.pk}/"
    assert 'value="WhatsApp"' in client.get(address, headers=HTMX).content.decode()
    assert client.post(address, form(channel="Phone", link="")).status_code == 302
    chat.refresh_from_db()
    assert (chat.channel, chat.link, chat.version) == ("Phone", "", 2)


def test_saving_twice_is_once_and_after_somebody_else_it_is_told(cast, as_person, chat):
    address, ben = f"/conversations/{chat.pk}/", as_person(cast.ben)
    assert [ben.post(address, form(channel="Phone")).status_code for _ in range(2)] == [302, 302]
    answer = as_person(cast.ada).post(address, form(last_message="Mine"))
    text = answer.content.decode()
    assert answer.status_code == 409
    for words in ("Somebody else changed this conversation", "<b>Channel:</b> Phone", "Mine"):
        assert words in text, words
    assert 'name="version" value="2"' in text
    assert as_person(cast.ada).post(address, form(last_message="Mine", version=2)).status_code == 302


def test_removing_says_what_follows_and_leaves_the_bookings(cast, as_person, chat):
    booking = cast.book(hour=10)
    booking.chain.conversation = chat
    booking.chain.save()
    client, address = as_person(cast.ben), f"/conversations/{chat.pk}/remove/"
    assert "1 booking no longer names it." in client.get(address).content.decode()
    assert client.post(address, headers=HTMX).status_code == 200
    booking.chain.refresh_from_db()
    assert (booking.chain.conversation, Booking.objects.count()) == (None, 1)
    assert client.post(address).status_code == 404


def test_a_conversation_names_the_bookings_that_the_reader_may_see(cast, as_person, chat):
    """Break: list them without `visible_to`, and Ben reads of Cleo's."""
    survey = make_type(cast.team, cast.cleo_host, name="Roof survey", location=cast.place)
    for n, kind in enumerate((cast.demo, cast.demo, survey)):
        chain = cast.book(hour=10 + n, kind=kind).chain
        chain.conversation = chat
        chain.save()
    talks = [
        as_person(who).get(f"/contacts/{chat.contact_id}/").content.decode().split('id="talks"')[1]
        for who in (cast.ada, cast.ben, cast.dora)
        if who is not cast.dora
    ]
    assert [text.count("Roof survey") for text in talks] == [1, 0]
    assert "and 1 more booking" in talks[1]


@pytest.mark.parametrize("deed", ["", "remove/"])
def test_another_team_and_strangers_get_nothing(cast, as_person, client, zoe, chat, deed):
    address = f"/conversations/{chat.pk}/{deed}"
    assert as_person(cast.dora).get(address).status_code == 404
    assert as_person(cast.dora).post(address, form()).status_code == 404
    assert as_person(cast.dora).get(new(zoe)).status_code == 404
    assert client.post(address, form()).headers["Location"].startswith("/accounts/login/")
    assert as_person(cast.ben).put(address).status_code == 405
    assert Conversation.objects.get().version == 1


def test_times_that_a_clock_skips_are_refused_with_a_sentence(cast, as_person, zoe):
    spring = (timezone.now() - timedelta(days=400)).year
    last_sunday = max(day for day in range(25, 32) if datetime(spring, 3, day, tzinfo=UTC).weekday() == 6)
    answer = as_person(cast.ben).post(new(zoe), form(last_message_at=f"{spring}-03-{last_sunday:02}T02:30"))
    assert answer.status_code == 422
    assert "See you on Monday" in answer.content.decode()
