"""Merging two contacts: field by field, with all that belonged to either, once, and never across teams."""

import pytest

from bookings import contact_merge
from bookings.models import BookingChain, Contact, ContactAlias, ContactChange
from bookings.rules.refusals import Refused
from tests.contacts.conftest import make_contact


@pytest.fixture
def home(cast):
    """Zoë again, by her private address, with a booking and a conversation."""
    row = make_contact(cast.team, "Zoe L.", "zoe@home.example", "0341 1", notes="Two dogs")
    row.conversations.create(channel="Chat")
    cast.book(hour=10, email="zoe@home.example")
    return row


def address(zoe):
    return f"/contacts/{zoe.pk}/merge/"


def form(zoe, home, **more):
    data = {
        "with": home.pk,
        "version": zoe.version,
        "other_version": home.version,
        "name": "mine",
        "email": "theirs",
        "phone": "mine",
        "notes": "theirs",
    }
    return {**data, **more}


def test_likely_ones_are_offered_first_and_others_searched(cast, as_person, zoe, home):
    make_contact(cast.team, "Max", "max@x.example")
    client = as_person(cast.ada)
    assert f"?with={home.pk}" not in client.get(address(zoe), {"q": "max"}).content.decode()
    assert f"?with={home.pk}" in client.get(address(zoe), {"q": "zoe"}).content.decode()


def test_the_page_asks_where_they_differ_and_says_what_moves(cast, as_person, zoe, home):
    text = as_person(cast.ada).get(address(zoe), {"with": home.pk}).content.decode()
    for words in (
        'name="name" value="theirs"',
        "1 booking, 1 conversation",
        "move to Zoë Lefèvre",
        "Two dogs",
    ):
        assert words in text, words


@pytest.mark.parametrize("who", ["ada", "root"])
def test_everything_is_with_the_one_that_stays(cast, as_person, zoe, home, who):
    assert as_person(getattr(cast, who)).post(address(zoe), form(zoe, home)).status_code == 302
    zoe.refresh_from_db()
    assert (zoe.name, zoe.email, zoe.phone, zoe.notes) == (
        "Zoë Lefèvre",
        "zoe@home.example",
        "+14165550100",
        "Two dogs",
    )
    assert Contact.objects.search("zoe home").get() == zoe
    assert (BookingChain.objects.get().contact, zoe.conversations.count()) == (zoe, 1)
    assert set(ContactAlias.objects.values_list("value", flat=True)) == {"zoe@riviere.example", "03411"}
    change = ContactChange.objects.get()
    assert (change.action, change.absorbed_pk, change.absorbed["bookings"]) == ("merge", home.pk, 1)
    text = as_person(cast.ben).get(f"/contacts/{home.pk}/", follow=True).content.decode()
    assert "Merged with Zoe L." in text
    # Who books with either address is the one contact.
    assert cast.book(hour=12, email="zoe@riviere.example").chain.contact == zoe
    assert Contact.objects.count() == 1


def test_both_notes_can_be_kept(cast, as_person, zoe, home):
    Contact.objects.filter(pk=zoe.pk).update(notes="Mornings")
    as_person(cast.ada).post(address(zoe), form(zoe, home, notes="both"))
    zoe.refresh_from_db()
    assert zoe.notes == "Mornings\n\nTwo dogs"


def test_sent_twice_it_is_done_once(cast, as_person, zoe, home):
    client = as_person(cast.ada)
    assert [client.post(address(zoe), form(zoe, home)).status_code for _ in range(2)] == [302, 302]
    assert ContactChange.objects.count() == 1
    assert contact_merge.merge(zoe, home.pk, kept={}, versions=(1, 1), by=cast.ada) == zoe


def test_a_chain_of_merges_still_leads_to_who_is_left(cast, as_person, zoe, home):
    max_ = make_contact(cast.team, "Max", "max@x.example")
    client = as_person(cast.ada)
    client.post(address(zoe), form(zoe, home))
    zoe.refresh_from_db()
    client.post(address(max_), form(max_, zoe))
    assert client.get(f"/contacts/{home.pk}/").headers["Location"] == f"/contacts/{max_.pk}/"


def test_after_somebody_elses_change_it_is_told_and_nothing_is_merged(cast, as_person, zoe, home):
    ContactChange.objects.create(contact=home, actor=cast.ben, actor_name="Ben Okafor", action="edit")
    Contact.objects.filter(pk=home.pk).update(version=2)
    answer = as_person(cast.ada).post(address(zoe), form(zoe, home))
    assert answer.status_code == 409
    assert "Ben Okafor changed this contact" in answer.content.decode()
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("more", [{"name": "x"}, {"email": ""}, {"version": ""}])
def test_a_form_in_disorder_merges_nothing(cast, as_person, zoe, home, more):
    assert as_person(cast.ada).post(address(zoe), form(zoe, home, **more)).status_code == 422
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("other", ["0", "x", "9" * 30, ""])
def test_nobody_is_merged_with_nobody(cast, as_person, zoe, home, other):
    assert as_person(cast.ada).post(address(zoe), form(zoe, home, **{"with": other})).status_code == 409
    assert as_person(cast.ada).post(address(zoe), form(zoe, home, **{"with": zoe.pk})).status_code == 409
    assert Contact.objects.count() == 2


def test_never_across_teams(cast, as_person, zoe, noor):
    """Break: leave the team out of what is locked, and the verb alone merges Noor of another team."""
    assert as_person(cast.root).post(address(zoe), form(zoe, noor)).status_code == 409
    kept = {name: getattr(zoe, name) for name in ("name", "email", "phone", "notes")}
    with pytest.raises(Refused) as caught:
        contact_merge.merge(zoe, noor.pk, kept=kept, versions=(1, 1), by=cast.root)
    assert caught.value.code == "contact_gone"
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("who", ["ben", "cleo", "dora"])
def test_merging_is_for_managers(cast, as_person, client, zoe, home, who):
    person = as_person(getattr(cast, who))
    assert person.get(address(zoe)).status_code == 404
    assert person.post(address(zoe), form(zoe, home)).status_code == 404
    assert client.post(address(zoe), form(zoe, home)).headers["Location"].startswith("/accounts/login/")
    assert as_person(cast.ada).put(address(zoe)).status_code == 405
    assert Contact.objects.count() == 2
