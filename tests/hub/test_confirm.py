"""Confirming a request from the hub and from its page."""

import pytest

from bookings.models import Booking, BookingChange, BusyTime, Delivery
from tests.hub.conftest import HTMX


def confirm(client, booking, *, version=None, headers=None, **more):
    return client.post(
        f"/bookings/{booking.pk}/confirm/",
        {"version": version or booking.version, "back": "pending", **more},
        headers=headers or {},
    )


def clash_with(booking, host):
    busy = BusyTime.objects.get(booking=booking)
    return BusyTime.objects.create(
        host=host,
        owner="00000000-0000-0000-0000-000000000001",
        starts=busy.starts,
        ends=busy.ends,
        source="external",
        exclusive=False,
    )


def status(booking):
    return Booking.objects.get(pk=booking.pk).status


def test_confirm_goes_back_to_the_list_with_a_message(cast, as_person, pending):
    answer = as_person(cast.ben).post(
        f"/bookings/{pending.pk}/confirm/", {"version": 1, "back": "pending"}, follow=True
    )

    assert answer.redirect_chain == [("/?tab=pending", 302)]
    assert "Zoë Lefèvre is confirmed." in answer.content.decode()
    assert status(pending) == "confirming"
    change = BookingChange.objects.filter(booking=pending).last()
    assert (change.action, change.actor, change.version) == ("confirm", cast.ben, 2)


def test_confirm_with_htmx_answers_the_row_and_tells_the_other_regions(cast, as_person, pending):
    answer = confirm(as_person(cast.ben), pending, headers=HTMX)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.lstrip().startswith(f'<li class="booking" id="booking-{pending.pk}" data-status="confirming"')
    assert 'hx-swap-oob="beforeend:#toasts"' in text
    assert "bookings-changed" in answer.headers["HX-Trigger"]
    assert "<html" not in text


def test_confirm_from_the_page_answers_the_page(cast, as_person, pending):
    answer = confirm(as_person(cast.ben), pending, headers=HTMX, back="booking")

    assert (
        answer.content.decode()
        .lstrip()
        .startswith('<article aria-labelledby="title" class="detail" id="booking"')
    )


def test_confirm_from_the_page_goes_back_to_the_page(cast, as_person, pending):
    assert (
        confirm(as_person(cast.ben), pending, back="booking").headers["Location"]
        == f"/bookings/{pending.pk}/"
    )


def test_confirm_twice_has_the_effect_of_once(cast, as_person, pending):
    """Break: without step._was_made the second press is refused as stale."""
    client = as_person(cast.ben)
    first, second = confirm(client, pending), confirm(client, pending)

    assert (first.status_code, second.status_code) == (302, 302)
    assert BookingChange.objects.filter(booking=pending, action="confirm").count() == 1
    assert Delivery.objects.filter(booking=pending, channel="calendar").count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_confirm_after_a_colleague_says_who_and_how_it_stands(cast, as_person, pending, headers):
    confirm(as_person(cast.ada), pending)
    answer = confirm(as_person(cast.ben), pending, headers=headers)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Ada Brandt confirmed this booking at" in text
    assert 'data-status="confirming"' in text
    assert ("<html" in text) is (not headers)
    if headers:
        assert answer.headers["HX-Retarget"] == "#dialog"
        assert "bookings-changed" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_confirm_over_a_clash_asks_once_more_and_then_overbooks(cast, as_person, pending, headers):
    row = clash_with(pending, cast.ben_host)
    client = as_person(cast.ben)

    asked = confirm(client, pending, headers=headers)
    assert asked.status_code == 409
    assert "Ben Okafor, 10:00–10:30" in asked.content.decode()
    assert f'name="accepting" value="{row.pk}"' in asked.content.decode()
    assert status(pending) == "pending"

    confirm(client, pending, headers=headers, accepting=[row.pk])
    booking = Booking.objects.get(pk=pending.pk)
    assert (booking.status, booking.overbooked_by) == ("confirming", cast.ben)


def test_confirm_accepts_only_the_clashes_that_were_shown(cast, as_person, pending):
    shown = clash_with(pending, cast.ben_host)
    clash_with(pending, cast.ben_host)

    assert confirm(as_person(cast.ben), pending, accepting=[shown.pk]).status_code == 409
    assert status(pending) == "pending"


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999999999"])
def test_confirm_without_a_readable_version_changes_nothing(cast, as_person, pending, version):
    answer = as_person(cast.ben).post(f"/bookings/{pending.pk}/confirm/", {"version": version})

    assert answer.status_code == 422
    assert status(pending) == "pending"


def test_confirm_takes_no_other_method(cast, as_person, pending):
    client = as_person(cast.ben)
    assert [
        client.generic(method, f"/bookings/{pending.pk}/confirm/").status_code
        for method in ("GET", "HEAD", "PUT", "DELETE")
    ] == [405] * 4
    assert status(pending) == "pending"


def test_confirm_sends_a_stranger_to_sign_in(client, pending):
    answer = confirm(client, pending)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert status(pending) == "pending"


def test_confirm_never_puts_the_sign_in_page_into_a_row(client, pending):
    answer = confirm(client, pending, headers={**HTMX, "HX-Current-URL": "http://testserver/?tab=pending"})
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/%3Ftab%3Dpending"


@pytest.mark.parametrize(
    ("who", "code"), [("ben", 302), ("ada", 302), ("root", 302), ("cleo", 404), ("dora", 404)]
)
def test_confirm_is_for_who_may_see_the_booking(cast, as_person, pending, who, code):
    assert confirm(as_person(getattr(cast, who)), pending).status_code == code
    assert (status(pending) == "confirming") is (code == 302)


def test_a_colleague_may_cover_where_the_team_lets_them(cast, as_person, pending):
    cast.team.hosts_see_colleagues = True
    cast.team.save()
    assert confirm(as_person(cast.cleo), pending).status_code == 302


def test_what_does_not_exist_reads_as_what_is_not_yours(cast, as_person, pending):
    client = as_person(cast.dora)
    foreign = confirm(client, pending)
    absent = client.post("/bookings/999999/confirm/", {"version": 1})
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert foreign.content == absent.content


def test_confirm_ignores_where_a_form_wants_to_lead(cast, as_person, pending):
    assert confirm(as_person(cast.ben), pending, back="//evil.example").headers["Location"] == "/?tab=pending"
