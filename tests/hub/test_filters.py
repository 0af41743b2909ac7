"""The filters of a list: what they leave, what nobody may ask for, and how they go with tabs, search and pages."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.http import QueryDict

from bookings import listing
from bookings.filters import BookingFilter
from bookings.models import Booking, BookingType, Location, Membership, TypeHost
from bookings.rules.statuses import Status
from tests.cast import at, day_ahead, make_type
from tests.hub.conftest import HTMX, end, settle
from tests.hub.test_hub import rows


@pytest.fixture
def office(cast):
    return Location.objects.create(team=cast.team, name="Leipzig office", kind="address")


@pytest.fixture
def several(cast, office):
    """Three upcoming bookings: Ben's demo by video, Cleo's survey in the office, and one of both."""
    survey = make_type(cast.team, cast.cleo_host, name="Roof survey", location=office)
    both = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Handover", location=office, assignment="collective"
    )
    cast.extra |= {"survey": survey, "both": both}
    return {
        "demo": cast.book(hour=9),
        "survey": cast.book(hour=10, kind=survey),
        "both": cast.book(hour=11, days=4, kind=both),
    }


def names(several, answer):
    """What a page shows, by the names of the fixture."""
    by_number = {booking.pk: name for name, booking in several.items()}
    return [by_number[number] for number in rows(answer)]


def values(cast, several, office):
    return {
        "demo": cast.demo.pk,
        "survey": cast.extra["survey"].pk,
        "office": office.pk,
        "ben": cast.ben_host.pk,
        "cleo": cast.cleo_host.pk,
        "day": day_ahead(3).isoformat(),
        "next": day_ahead(4).isoformat(),
    }


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["demo", "survey", "both"]),
        ("type={demo}", ["demo"]),
        ("type={demo}&type={survey}", ["demo", "survey"]),
        ("location={office}", ["survey", "both"]),
        ("host={ben}", ["demo", "both"]),
        # One of two chosen hosts is enough, and a booking of both is one row.
        ("host={ben}&host={cleo}", ["demo", "survey", "both"]),
        ("status=confirmed", ["survey"]),
        ("status=confirmed&status=confirming", ["demo", "survey", "both"]),
        ("source=manual", []),
        ("source=page&source=manual", ["demo", "survey", "both"]),
        ("from_on={next}", ["both"]),
        ("until_on={day}", ["demo", "survey"]),
        ("from_on={day}&until_on={day}", ["demo", "survey"]),
        ("from_on=&until_on=&type=", ["demo", "survey", "both"]),
        ("host={cleo}&location={office}&until_on={day}&status=confirmed", ["survey"]),
        ("host={ben}&q=nobody", []),
        ("host={ben}&q=zoe", ["demo", "both"]),
    ],
)
def test_a_filter_leaves_what_it_says(cast, as_person, several, office, query, shown):
    settle(several["survey"])
    query = query.format(**values(cast, several, office))
    assert names(several, as_person(cast.ada).get(f"/?tab=upcoming&{query}")) == shown


def test_days_are_those_of_the_readers_clock(cast, as_person):
    """Break: take midnight of UTC, and the booking at half past midnight is on the wrong day for both readers."""
    booking = cast.book(hour=0, minute=30, days=4)
    for zone, days in (("Europe/Berlin", 4), ("America/New_York", 3)):
        cast.ada.time_zone = zone
        cast.ada.save()
        ada = as_person(cast.ada)
        for day in (3, 4, 5):
            text = day_ahead(day).isoformat()
            found = rows(ada.get(f"/?tab=upcoming&from_on={text}&until_on={text}"))
            assert found == ([booking.pk] if day == days else []), (zone, day)


def test_each_tab_offers_the_statuses_it_can_have():
    for tab in listing.BY_NAME.values():
        assert tab.statuses
    assert set().union(*(tab.statuses for tab in listing.SHOWN)) == set(Status)


@pytest.mark.parametrize(
    ("tab", "offered"),
    [
        ("pending", set()),
        ("upcoming", {"waiting", "confirming", "confirmed"}),
        ("past", {"confirming", "confirmed", "completed", "no_show"}),
        ("to_record", {"confirming", "confirmed"}),
        ("cancelled", {"declined", "cancelled", "rescheduled"}),
        ("to_refund", {"declined", "cancelled"}),
        ("found", {status.value for status in Status}),
    ],
)
def test_the_menu_of_statuses_is_that_of_the_tab(cast, as_person, tab, offered):
    text = as_person(cast.ada).get(f"/?tab={tab}").content.decode()
    assert set(re.findall(r'type="checkbox" name="status" value="(\w+)"', text)) == offered


def test_a_status_of_another_tab_waits_in_the_address(cast, as_person, several):
    """Nothing is hidden by what a list can't have; on the way back it is there again, and applying another filter keeps it."""
    ada = as_person(cast.ada)
    lists = ada.get("/?tab=cancelled&status=confirmed")
    text = lists.content.decode()
    assert "Filters that are on" not in text
    assert '<input type="hidden" name="status" value="confirmed">' in text
    assert "?tab=upcoming&amp;status=confirmed" in text


def test_the_past_narrows_both_of_its_groups(cast, as_person):
    unrecorded, done = (settle(cast.book(hour=hour)) for hour in (9, 11))
    for booking in (unrecorded, done):
        end(booking)
    Booking.objects.filter(pk=done.pk).update(status="completed")
    ada = as_person(cast.ada)
    assert rows(ada.get("/?tab=past&status=completed")) == [done.pk]
    assert rows(ada.get("/?tab=past&status=confirmed")) == [unrecorded.pk]
    assert rows(ada.get(f"/?tab=past&type={cast.extra['by_hand'].pk}")) == []


# -- What nobody may ask for ----------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(cast):
    """What belongs to the other team."""
    place = Location.objects.create(team=cast.other_team, name="Secret bunker", kind="address")
    kind = make_type(cast.other_team, cast.dora_host, name="Secret tasting", location=place)
    return {"type": kind.pk, "location": place.pk, "host": cast.dora_host.pk}


@pytest.mark.parametrize("name", ["type", "location", "host"])
def test_foreign_is_refused_the_same_as_absent(cast, as_person, several, foreign, name):
    """Break: let `_offered_to` read all types, and the foreign one is a filter that says so by an empty list."""
    ada = as_person(cast.ada)
    answers = [ada.get(f"/?tab=upcoming&{name}={number}") for number in (foreign[name], 10_000_000)]
    for answer in answers:
        assert answer.status_code == 200
        assert names(several, answer) == ["demo", "survey", "both"]
        assert "is not among yours" in answer.content.decode()
        assert "Secret" not in answer.content.decode()
    assert len(answers[0].content) - len(str(foreign[name])) == len(answers[1].content) - len("10000000")


def test_what_is_known_beside_something_foreign_still_narrows(cast, as_person, several, foreign):
    answer = as_person(cast.ada).get(f"/?tab=upcoming&type={cast.demo.pk}&type={foreign['type']}")
    assert names(several, answer) == ["demo"]
    assert "is not among yours" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("type=x", "names a booking type that is not among yours"),
        ("type=%00", "names a booking type that is not among yours"),
        ("type=-1&type=99999999999999999999999", "names a booking type that is not among yours"),
        ("host=%27%3B--", "names a host who is not among yours"),
        ("location=%E2%80%AE1", "names a location that is not among yours"),
        ("status=asleep", "names a status that does not exist"),
        ("source=fax", "names a source that does not exist"),
        ("from_on=2027-02-30", "holds a day that can't be looked for"),
        ("until_on=yesterday", "holds a day that can't be looked for"),
        ("from_on=%00", "holds a day that can't be looked for"),
        ("from_on=0001-01-01", "holds a day that can't be looked for"),
        ("until_on=9999-12-31", "holds a day that can't be looked for"),
        ("from_on=2027-03-10&until_on=2027-03-09&tab=upcoming", "The last day lies before the first"),
        ("q=a%00b", "The search held characters"),
        ("q=a%E2%80%AEb", "The search held characters"),
    ],
)
def test_an_address_in_disorder_is_told_and_the_list_still_shows(cast, as_person, pending, query, sentence):
    answer = as_person(cast.ada).get(f"/?tab=pending&{query}")
    assert answer.status_code == 200
    assert sentence in unescape(answer.content.decode())
    if "tab=upcoming" not in query:
        assert rows(answer) == [pending.pk]


@pytest.mark.parametrize("name", ["type", "location", "host", "status", "source"])
def test_a_thousand_values_are_no_trouble(cast, as_person, pending, name):
    query = "&".join(f"{name}={n}" for n in range(900))
    assert as_person(cast.ada).get(f"/?{query}").status_code == 200


def offered(user, kind):
    return [option.label for option in BookingFilter(QueryDict(), reader=user).offered[kind]]


def test_everybody_is_offered_what_they_may_see(cast, foreign):
    assert offered(cast.ada, "type") == ["Energy advice", "Product demo"]
    assert offered(cast.ben, "host") == ["Ben Okafor", "Cleo Park"]
    assert offered(cast.dora, "type") == ["Secret tasting"]
    assert offered(cast.dora, "location") == ["Secret bunker"]
    assert offered(cast.root, "host") == ["Ben Okafor", "Cleo Park", "Dora Elsewhere"]


def test_a_host_who_left_can_still_be_looked_for(cast):
    Membership.objects.filter(user=cast.ben).delete()
    TypeHost.objects.filter(host=cast.ben_host).update(is_paused=True)
    assert offered(cast.ada, "host") == ["Ben Okafor", "Cleo Park"]


def test_two_of_the_same_name_are_told_apart(cast):
    make_type(cast.other_team, cast.dora_host)
    options = BookingFilter(QueryDict(), reader=cast.root).offered["type"]
    assert [(one.label, one.note) for one in options if one.label == "Product demo"] == [
        ("Product demo", "Heliograf Solar"),
        ("Product demo", "Other Team"),
    ]


# -- Tabs, pages, chips ---------------------------------------------------------------------------------------------------


def test_filters_stay_when_the_tab_changes(cast, as_person, several):
    query = f"type={cast.demo.pk}&from_on={day_ahead(3).isoformat()}"
    text = unescape(as_person(cast.ada).get(f"/?tab=upcoming&q=zoe&{query}").content.decode())
    for tab in ("pending", "upcoming", "past", "cancelled"):
        assert f'href="?tab={tab}&q=zoe&{query}"' in text


@pytest.mark.parametrize("by_host", [False, True])
def test_filtered_pages_follow_each_other_without_gap_or_double(cast, as_person, monkeypatch, by_host):
    monkeypatch.setattr(listing, "PAGE", 2)
    survey = make_type(cast.team, cast.cleo_host, name="Roof survey", location=cast.place)
    for hour in (8, 9, 10, 11, 12):
        cast.book(hour=hour)
        cast.book(hour=hour, kind=survey)
    Booking.objects.update(starts_at=at(8), ends_at=at(9))
    wanted = sorted(Booking.objects.filter(booking_type=survey).values_list("pk", flat=True))
    query = f"host={cast.cleo_host.pk}" if by_host else f"type={survey.pk}"
    client, url, seen = as_person(cast.ada), f"/?tab=upcoming&{query}", []
    for _ in range(3):
        answer = client.get(url)
        seen += rows(answer)
        following = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        url = "/" + unescape(following.group(1)) if following else ""
    assert url == ""
    assert seen == wanted


def test_a_chip_takes_its_own_filter_away(cast, as_person, several):
    ada = as_person(cast.ada)
    text = ada.get(
        f"/?tab=upcoming&type={cast.demo.pk}&type={cast.extra['survey'].pk}&source=page"
    ).content.decode()
    chips = [unescape(href) for href in re.findall(r'<a class="chip" id="filters-\d" href="([^"]+)"', text)]
    assert chips == [
        f"?tab=upcoming&type={cast.extra['survey'].pk}&source=page",
        f"?tab=upcoming&type={cast.demo.pk}&source=page",
        f"?tab=upcoming&type={cast.demo.pk}&type={cast.extra['survey'].pk}",
    ]
    assert 'id="filters-none" href="?tab=upcoming"' in text


def test_the_answer_to_a_form_has_a_short_address_and_goes_on_air(cast, as_person, several):
    answer = as_person(cast.ada).get(
        f"/?tab=upcoming&type={cast.demo.pk}&type=nonsense&from_on=&until_on=",
        headers={**HTMX, "HX-Trigger": "filters"},
    )
    assert answer.headers["HX-Push-Url"] == f"/?tab=upcoming&type={cast.demo.pk}"
    text = answer.content.decode()
    assert "1 filter is on." in text
    assert f'<input type="hidden" name="type" value="{cast.demo.pk}"></span>' in text


def test_focus_goes_on_when_the_last_chip_is_gone(cast, as_person, several):
    ada, query = as_person(cast.ada), f"/?tab=upcoming&type={cast.demo.pk}"
    still = ada.get(query, headers={**HTMX, "HX-Trigger": "filters-1"}).content.decode()
    gone = ada.get("/?tab=upcoming", headers={**HTMX, "HX-Trigger": "filters-1"}).content.decode()
    assert "autofocus" not in still
    assert 'id="filter-type" autofocus' in gone


def test_a_region_that_reloads_itself_leaves_the_menus_alone(cast, as_person, several):
    reloaded = as_person(cast.ada).get("/?tab=upcoming", headers={**HTMX, "HX-Trigger": "bookings"})
    assert 'hx-preserve="true"' in reloaded.content.decode()
    assert "HX-Push-Url" not in reloaded.headers


def test_a_search_keeps_the_filters(cast, as_person, several):
    text = as_person(cast.ada).get(f"/?tab=upcoming&host={cast.ben_host.pk}").content.decode()
    form = text[text.index('role="search"') :]
    assert f'<input type="hidden" name="host" value="{cast.ben_host.pk}">' in form[: form.index("</form>")]


def test_filters_that_leave_nothing_say_so(cast, as_person, several):
    text = as_person(cast.ada).get("/?tab=upcoming&source=manual").content.decode()
    assert "Nothing passes the filters" in text
    assert 'href="?tab=upcoming">Clear all filters' in text


def test_a_menu_of_one_choice_is_left_out(cast, as_person):
    BookingType.objects.exclude(pk=cast.demo.pk).delete()
    text = as_person(cast.ada).get("/?tab=upcoming").content.decode()
    assert 'id="filter-type"' not in text
    assert 'id="filter-host"' in text


def test_choices_take_one_query_whatever_their_number(cast, django_assert_num_queries):
    for n in range(3):
        make_type(cast.team, cast.ben_host, name=f"Another {n}", location=cast.place)
    with django_assert_num_queries(1):
        chosen = BookingFilter(QueryDict("type=1"), reader=cast.ada)
        assert chosen.menus
    with django_assert_num_queries(1):
        list(chosen.narrow(Booking.objects.all()))


def test_names_are_never_markup(cast, as_person):
    BookingType.objects.filter(pk=cast.demo.pk).update(name="<b>Bold</b>")
    text = as_person(cast.ada).get(f"/?type={cast.demo.pk}").content.decode()
    assert "<b>Bold</b>" not in text
    assert "&lt;b&gt;Bold&lt;/b&gt;" in text


def test_until_reaches_to_the_end_of_its_day(cast, as_person):
    late = cast.book(hour=23, minute=30)
    assert late.starts_at + timedelta(minutes=30) == at(0, days=4)
    assert rows(as_person(cast.ada).get(f"/?tab=upcoming&until_on={day_ahead(3).isoformat()}")) == [late.pk]
