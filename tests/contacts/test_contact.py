"""The page of a contact: who they are, how often they booked with whom, and correcting what is known of them."""

import pytest

from bookings import contacts, lifecycle
from bookings.models import Booking, Contact, ContactAlias, ContactChange
from tests.cast import at, make_type
from tests.contacts.conftest import make_contact
from tests.hub.conftest import HTMX, end, settle


def address(contact, deed=""):
    return f"/contacts/{contact.pk}/{deed}"


def page(client, contact):
    return client.get(address(contact)).content.decode()


def figures(text):
    """What the page counts: bookings, coming up, no-shows, cancelled."""
    found = text[text.index('<dl class="sums">') : text.index("</dl>")].split("<dd>")[1:]
    return [int(part.partition("<")[0]) for part in found]


@pytest.fixture
def busy(cast, zoe):
    """Zoë with four bookings of Ben's, one of Cleo's, and one that was moved."""
    for n, (status, is_absent) in enumerate((("completed", False), ("no_show", True))):
        booking = settle(cast.book(hour=8 + n))
        end(booking)
        Booking.objects.filter(pk=booking.pk).update(status=status, is_booker_absent=is_absent)
    lifecycle.cancel(cast.book(hour=14).pk, actor=lifecycle.person(cast.ada), version=1)
    moved = cast.book(hour=15)
    lifecycle.reschedule(moved.pk, lifecycle.NewTime(at(16)), actor=lifecycle.person(cast.ben), version=1)
    cast.extra["survey"] = make_type(cast.team, cast.cleo_host, name="Roof survey", location=cast.place)
    cast.book(hour=10, kind=cast.extra["survey"])
    return zoe


# -- Looking -------------------------------------------------------------------------------------------------------------


def test_the_page_says_who_they_are(cast, as_person, zoe):
    Contact.objects.filter(pk=zoe.pk).update(notes="Prefers mornings\nTwo dogs")
    text = page(as_person(cast.cleo), zoe)
    for words in (
        '<h1 id="title" tabindex="-1"><bdi>Zoë Lefèvre</bdi></h1>',
        'href="mailto:zoe@riviere.example"',
        'href="tel:+14165550100"',
        "Prefers mornings<br>Two dogs",
        "Heliograf Solar",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("who", "listed", "unseen"),
    [
        ("ada", 5, ""),
        ("root", 5, ""),
        ("ben", 4, "1 of them is a colleague’s"),
        ("cleo", 1, "4 of them are colleagues’"),
    ],
)
def test_counts_are_the_teams_and_the_listed_bookings_the_readers(cast, as_person, busy, who, listed, unseen):
    """Break: list without `visible_to`, and Cleo reads of Ben's bookings."""
    text = page(as_person(getattr(cast, who)), busy)
    assert figures(text) == [5, 2, 1, 1]
    assert text.count('<li class="booking"') == listed
    assert (unseen in text) if unseen else ("colleague" not in text)


def test_where_hosts_see_colleagues_they_see_them_here(cast, as_person, busy):
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    assert page(as_person(cast.cleo), busy).count('<li class="booking"') == 5


def test_a_wish_is_listed_and_not_counted(cast, as_person, zoe):
    booking = settle(cast.book(hour=12))
    cast.demo.approval = "always"
    cast.demo.save()
    lifecycle.reschedule_by_booker(booking.pk, lifecycle.NewTime(at(17)), version=1, name="Zoë")
    text = page(as_person(cast.ben), zoe)
    assert figures(text) == [1, 1, 0, 0]
    assert text.count('<li class="booking"') == 2


def test_another_contacts_bookings_are_not_here(cast, as_person, zoe):
    cast.book(hour=10, name="Max", email="max@riviere.example")
    assert '<li class="booking"' not in page(as_person(cast.ada), zoe)


def test_older_bookings_stand_on_pages_of_their_own(cast, as_person, zoe, monkeypatch):
    monkeypatch.setattr("bookings.contact_page.PAST", 2)
    for n in range(3):
        end(settle(cast.book(hour=8 + n)))
    client = as_person(cast.ben)
    text = page(client, zoe)
    assert text.count('<li class="booking"') == 2
    cursor = text.split('rel="next" href="')[1].partition('"')[0]
    older = client.get(cursor).content.decode()
    assert older.count('<li class="booking"') == 1
    assert "First page" in older


def test_a_new_booking_is_offered_to_who_may_make_one(cast, as_person, zoe):
    assert f'href="/bookings/new/type/?contact={zoe.pk}"' in page(as_person(cast.ben), zoe)
    cast.extra["by_hand"].delete()
    kind = cast.demo
    assert f'href="/bookings/new/?type={kind.pk}&amp;contact={zoe.pk}"' in page(as_person(cast.ben), zoe)
    assert "/bookings/new/?" not in page(as_person(cast.cleo), zoe)
    assert "/bookings/new/type/" not in page(as_person(cast.cleo), zoe)


@pytest.mark.parametrize("who", ["ada", "ben", "cleo", "root"])
def test_members_see_the_page_and_others_nothing(cast, as_person, zoe, noor, who):
    assert as_person(getattr(cast, who)).get(address(zoe)).status_code == 200
    for deed in ("", "edit/"):
        assert as_person(cast.dora).get(address(zoe, deed)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_there_is(
    cast, as_person, zoe, django_assert_num_queries, count
):
    for n in range(count):
        cast.book(hour=8 + n, kind=cast.extra["by_hand"])
        lifecycle.cancel(cast.book(hour=14 + n).pk, actor=lifecycle.person(cast.ada), version=1)
        ContactAlias.objects.create(contact=zoe, team=cast.team, value=f"z{n}@x.example")
        chain = cast.book(hour=18 + n).chain
        chain.conversation = zoe.conversations.create(channel="Chat")
        chain.save()
    client = as_person(cast.ben)
    with django_assert_num_queries(17):
        assert client.get(address(zoe)).status_code == 200


def test_the_page_takes_no_other_method_and_no_stranger(cast, as_person, client, zoe):
    assert as_person(cast.ada).post(address(zoe)).status_code == 405
    assert client.get(address(zoe)).headers["Location"].startswith("/accounts/login/")


# -- Correcting ----------------------------------------------------------------------------------------------------------


def send(client, contact, headers=None, **more):
    data = {
        "version": contact.version,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "notes": contact.notes,
        **more,
    }
    return client.post(address(contact, "edit/"), data, headers=headers or {})


def fresh(contact):
    return Contact.objects.get(pk=contact.pk)


def test_the_fields_stand_in_place_or_on_a_page(cast, as_person, zoe):
    client = as_person(cast.ben)
    fragment = client.get(address(zoe, "edit/"), headers=HTMX).content.decode()
    assert fragment.startswith('<section class="panel" id="contact-details"')
    assert 'name="name" value="Zoë Lefèvre"' in fragment
    assert "<html" in client.get(address(zoe, "edit/")).content.decode()


@pytest.mark.parametrize("who", ["ben", "ada", "root", "cleo"])
def test_details_are_saved_found_and_kept_in_the_history(cast, as_person, zoe, who):
    person = getattr(cast, who)
    answer = send(as_person(person), zoe, name="Zoé Blanc", phone="0341 / 555 02", notes="Mornings")
    assert answer.headers["Location"] == address(zoe)
    row = fresh(zoe)
    assert (row.name, row.phone, row.notes, row.version) == ("Zoé Blanc", "034155502", "Mornings", 2)
    assert Contact.objects.search("zoe blanc 555").get() == row
    change = ContactChange.objects.get()
    assert (change.actor, change.action, change.changed["name"]) == (
        person,
        "edit",
        ["Zoë Lefèvre", "Zoé Blanc"],
    )
    assert "Details edited" in page(as_person(person), zoe)


def test_with_htmx_the_page_is_answered_with_a_toast(cast, as_person, zoe):
    text = send(as_person(cast.ben), zoe, HTMX, name="Zoé").content.decode()
    assert text.lstrip().startswith('<article class="detail" id="contact"')
    assert "The details of Zoé are saved." in text


def test_bookings_keep_what_they_were_made_with(cast, as_person, zoe):
    booking = cast.book(hour=10)
    send(as_person(cast.ben), zoe, name="Zoé", email="zoe@new.example")
    booking.refresh_from_db()
    assert (booking.booker_name, booking.booker_email) == ("Zoë Lefèvre", "zoe@riviere.example")


def test_nothing_changed_says_so(cast, as_person, zoe):
    Contact.objects.filter(pk=zoe.pk).update(notes="One\nTwo")
    answer = send(as_person(cast.ben), fresh(zoe), HTMX, notes="One\r\nTwo", phone="+1 (416) 555 0100")
    assert "Nothing was changed." in answer.content.decode()
    assert (fresh(zoe).version, ContactChange.objects.count()) == (1, 0)


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters"),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"email": "max@riviere.example"}, "Another contact of the team has max@riviere.example."),
        ({"email": "MAX@riviere.example"}, "Another contact of the team has max@riviere.example."),
        ({"phone": "by pigeon"}, "A number holds at least one figure."),
        ({"phone": "1" * 41}, "Ensure this value has at most 40 characters"),
        ({"notes": "a\u202eb"}, "This text holds characters that can&#x27;t be shown."),
        ({"version": ""}, "This field is required."),
    ],
)
def test_a_form_in_disorder_comes_back_as_filled_in(cast, as_person, zoe, headers, more, words):
    make_contact(cast.team, "Max", "max@riviere.example")
    answer = send(as_person(cast.ben), zoe, headers, **{"notes": "Still here", **more})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Still here" in answer.content.decode() or "notes" in more
    assert fresh(zoe).version == 1


def test_an_address_of_another_team_is_free(cast, as_person, zoe, noor):
    assert send(as_person(cast.ben), zoe, email=noor.email).status_code == 302


def test_saving_twice_has_the_effect_of_once(cast, as_person, zoe):
    client = as_person(cast.ben)
    assert [send(client, zoe, name="Zoé").status_code for _ in range(2)] == [302, 302]
    assert (fresh(zoe).version, ContactChange.objects.count()) == (2, 1)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_after_a_colleague_it_is_said_who_and_how_it_reads_and_nothing_is_lost(cast, as_person, zoe, headers):
    send(as_person(cast.ada), zoe, name="Zoé", notes="Away in May")
    client = as_person(cast.ben)
    answer = send(client, zoe, headers, name="Zo", notes="Two dogs")
    text = answer.content.decode()
    assert answer.status_code == 409
    for words in ("Ada Brandt changed this contact at", "Away in May", 'value="Zo"', "Two dogs"):
        assert words in text, words
    assert fresh(zoe).name == "Zoé"
    # Looked at, and meant all the same.
    assert 'name="version" value="2"' in text
    assert send(client, fresh(zoe), name="Zo", notes="Two dogs").status_code == 302
    assert fresh(zoe).name == "Zo"


def test_a_contact_that_is_gone_meanwhile_answers_404(cast, as_person, zoe):
    client = as_person(cast.ben)
    Contact.objects.all().delete()
    assert send(client, zoe, name="Zoé").status_code == 404


def test_correcting_is_for_members_and_takes_no_other_method(cast, as_person, client, zoe):
    assert send(as_person(cast.dora), zoe, name="X").status_code == 404
    assert send(client, zoe, name="X").headers["Location"].startswith("/accounts/login/")
    assert as_person(cast.ben).put(address(zoe, "edit/")).status_code == 405
    assert fresh(zoe).version == 1


# -- Former addresses ------------------------------------------------------------------------------------------------------


def test_who_books_with_a_former_address_is_the_same_contact(cast, zoe):
    ContactAlias.objects.create(contact=zoe, team=cast.team, value="zoe@home.example")
    ContactAlias.objects.create(contact=zoe, team=cast.team, value="034155501")
    assert cast.book(hour=10, email="Zoe@Home.example").chain.contact == zoe
    assert cast.book(hour=11, email="", phone="0341 555 01").chain.contact == zoe
    assert contacts.matching(cast.other_team, email="zoe@home.example", phone="") is None


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_former_address_is_forgotten_once(cast, as_person, zoe, headers):
    ContactAlias.objects.create(contact=zoe, team=cast.team, value="zoe@home.example")
    client = as_person(cast.ben)
    assert "zoe@home.example" in page(client, zoe)
    for _ in range(2):
        answer = client.post(address(zoe, "forget/"), {"value": "zoe@home.example"}, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    assert not ContactAlias.objects.exists()
    assert as_person(cast.dora).post(address(zoe, "forget/"), {"value": "x"}).status_code == 404
    assert client.get(address(zoe, "forget/")).status_code == 405


def test_an_address_that_becomes_the_contacts_own_is_no_former_one(cast, as_person, zoe):
    ContactAlias.objects.create(contact=zoe, team=cast.team, value="zoe@home.example")
    send(as_person(cast.ben), zoe, email="zoe@home.example")
    assert not ContactAlias.objects.exists()
