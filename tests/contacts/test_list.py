"""The list of contacts: whose, found by which words, in which order, page after page."""

import re

import pytest

from bookings import contact_list
from bookings.models import Booking, Contact, Membership
from tests.contacts.conftest import make_contact
from tests.hub.conftest import HTMX, end, settle


def names(answer):
    """The names on a page, in order."""
    return re.findall(r'class="name"[^>]*><bdi>([^<]+)</bdi>', answer.content.decode())


@pytest.fixture
def book(cast, zoe, noor):
    """Three contacts of the team, and one of another."""
    make_contact(cast.team, "Émile Zola", "emile@zola.example")
    make_contact(cast.team, "dana Ilves", phone="0341 555 0199")
    return Contact.objects.filter(team=cast.team)


def test_contacts_stand_by_name_without_case_and_accents(cast, as_person, book):
    assert names(as_person(cast.ada).get("/contacts/")) == ["dana Ilves", "Émile Zola", "Zoë Lefèvre"]


@pytest.mark.parametrize("who", ["ada", "ben", "cleo"])
def test_every_member_sees_the_teams_contacts_whoever_hosts(cast, as_person, book, who):
    cast.book(hour=10)
    assert len(names(as_person(getattr(cast, who)).get("/contacts/"))) == 3


def test_another_teams_contacts_are_not_among_them(cast, as_person, book):
    assert names(as_person(cast.dora).get("/contacts/")) == ["Noor Haddad"]
    assert len(names(as_person(cast.root).get("/contacts/"))) == 4


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("zoe", ["Zoë Lefèvre"]),
        ("ZOË lefe", ["Zoë Lefèvre"]),
        ("emile", ["Émile Zola"]),
        ("riviere.example", ["Zoë Lefèvre"]),
        ("+1 416", ["Zoë Lefèvre"]),
        ("555 0199", ["dana Ilves"]),
        ("zo", ["Émile Zola", "Zoë Lefèvre"]),
        ("%", []),
        ("nobody", []),
    ],
)
def test_words_are_found_in_name_mail_and_phone(cast, as_person, book, words, found):
    assert names(as_person(cast.ben).get("/contacts/", {"q": words})) == found


def test_the_search_answers_with_the_list_alone(cast, as_person, book):
    text = as_person(cast.ben).get("/contacts/", {"q": "zoe"}, headers=HTMX).content.decode()
    assert text.startswith('<div id="contacts"')
    assert '<div id="announce" hx-swap-oob="innerHTML">1 contact</div>' in text


def test_nobody_found_says_where_was_looked(cast, as_person, book):
    assert "Nobody matches" in as_person(cast.ben).get("/contacts/", {"q": "xyzzy"}).content.decode()


def test_without_contacts_the_page_says_where_they_come_from(cast, as_person):
    assert "No contacts yet" in as_person(cast.ben).get("/contacts/").content.decode()


@pytest.mark.parametrize("words", ["a\x00b", "a\u202eb", "a\u2028b", "\x07"])
def test_words_that_cannot_be_shown_are_left_out_and_told(cast, as_person, book, words):
    text = as_person(cast.ben).get("/contacts/", {"q": f"{words}z"}).content.decode()
    assert "The search held characters that can&#x27;t be shown." in text


def test_pages_follow_each_other_without_loss_or_repetition(cast, as_person, monkeypatch):
    monkeypatch.setattr(contact_list, "PAGE", 2)
    # Two of the same name and no way to tell them apart by what is sorted.
    for n in range(5):
        row = make_contact(cast.team, f"Person {n}", f"p{n}@x.example")
        Contact.objects.filter(pk=row.pk).update(search_text="same")
    client, seen, address = as_person(cast.ben), [], "/contacts/?q=same"
    for _ in range(3):
        answer = client.get(address)
        seen += names(answer)
        more = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        address = more[1].replace("&amp;", "&") if more else ""
    assert (seen, address) == ([f"Person {n}" for n in range(5)], "")


@pytest.mark.parametrize("cursor", ["0", "x", "-1", "9" * 30, "٣", "zoe_1"])
def test_a_cursor_that_nobody_was_given_begins_the_list(cast, as_person, book, cursor):
    assert len(names(as_person(cast.ben).get("/contacts/", {"after": cursor}))) == 3


def test_a_cursor_tells_nothing_of_another_team(cast, as_person, book, noor):
    assert len(names(as_person(cast.ben).get("/contacts/", {"after": noor.pk}))) == 3


def test_several_teams_can_be_looked_at_one_by_one(cast, as_person, book, noor):
    Membership.objects.create(team=cast.other_team, user=cast.ben, role="host")
    client = as_person(cast.ben)
    assert len(names(client.get("/contacts/"))) == 4
    assert names(client.get("/contacts/", {"team": "other-team"})) == ["Noor Haddad"]
    assert as_person(cast.ada).get("/contacts/", {"team": "other-team"}).status_code == 404
    assert as_person(cast.ada).get("/contacts/", {"team": "no-such-team"}).status_code == 404


def test_a_row_says_how_often_they_came(cast, as_person):
    for n, (status, is_absent) in enumerate((("completed", False), ("no_show", True), ("no_show", False))):
        booking = settle(cast.book(hour=8 + n))
        end(booking)
        Booking.objects.filter(pk=booking.pk).update(status=status, is_booker_absent=is_absent)
    text = as_person(cast.cleo).get("/contacts/").content.decode()
    assert "1 no-show of 3" in text


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_list_takes_the_same_queries_whatever_its_rows(cast, as_person, django_assert_num_queries, count):
    for n in range(count):
        make_contact(cast.team, f"Person {n}", f"p{n}@x.example")
    client = as_person(cast.ben)
    with django_assert_num_queries(5):
        assert len(names(client.get("/contacts/?q=person"))) == count


def test_contacts_take_no_other_method_and_no_stranger(cast, as_person, client):
    assert as_person(cast.ada).post("/contacts/").status_code == 405
    assert client.get("/contacts/?q=zoe").headers["Location"] == "/accounts/login/?next=/contacts/%3Fq%3Dzoe"
