"""Bookings in Django admin: found by words, and moved by the verbs of the hub, one by one and several at once."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import lifecycle
from bookings.admin.bookings import MOST
from bookings.invariants import find_all
from bookings.models import Booking, Delivery, Membership, SubmittedForm
from bookings.rules.statuses import Action
from tests.cast import Cast, at, make_type
from tests.hub.conftest import end, settle

pytestmark = pytest.mark.django_db

LIST = "/admin/bookings/booking/"


@pytest.fixture
def pending(cast: Cast) -> Booking:
    return cast.book(hour=10, kind=cast.extra["by_hand"])


def act(client: Client, name: str, *bookings: Booking, path: str = LIST, **data: Any) -> Any:
    """Press an action of the list as it stood when these bookings were read."""
    versions = {f"version-{booking.pk}": booking.version for booking in bookings}
    chosen = [booking.pk for booking in bookings]
    return client.post(path, {"action": name, "_selected_action": chosen, **versions, **data})


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def status(booking: Booking) -> str:
    return str(Booking.objects.get(pk=booking.pk).status)


@pytest.mark.parametrize(
    "words", ["zoe lefevre", "ZOË", "riviere.example zoë", "{reference}", "{reference_low}"]
)
def test_bookings_are_found_by_folded_words(cast: Cast, staff: Client, words: str) -> None:
    booking = cast.book(hour=10)
    cast.book(hour=12, name="Somebody else", email="else@riviere.test")
    reference = booking.chain.reference
    query = words.format(reference=reference, reference_low=reference.lower())
    found = staff.get(LIST, {"q": query}).context["cl"].result_list
    assert [row.pk for row in found] == [booking.pk]


def test_the_length_of_a_hold_reads_as_in_the_hub(cast: Cast, staff: Client) -> None:
    cast.demo.durations = [60]
    cast.demo.save()
    hold = lifecycle.hold(lifecycle.Time(cast.demo, cast.place, at(10), 60), visitor="somebody")
    for page in ("", f"{hold.pk}/change/"):
        assert ">1 h<" in staff.get(f"/admin/bookings/hold/{page}").content.decode()


def test_the_rows_of_every_team_show(cast: Cast, staff: Client) -> None:
    cast.book()
    page = staff.get(LIST).content.decode()
    assert "Zoë Lefèvre" in page and "Ben Okafor" in page and "Heliograf Solar" in page


def test_confirm_runs_at_once_for_each(cast: Cast, staff: Client, pending: Booking) -> None:
    second = cast.book(hour=12, kind=cast.extra["by_hand"])
    answer = act(staff, "confirm", pending, second)
    assert answer.status_code == 302
    assert said(answer) == ["<div>Confirm: 2 of 2 done.</div>"]
    assert (status(pending), status(second)) == ("confirming", "confirming")
    change = pending.changes.latest("pk")
    assert (change.actor, change.actor_name) == (cast.extra["changer"], "Staff changer")
    assert find_all(now=at(0, days=0)) == []


def test_each_succeeds_or_fails_by_itself_and_the_summary_names_every_refusal(
    cast: Cast, staff: Client, pending: Booking
) -> None:
    stands = cast.book(hour=12)
    answer = act(staff, "confirm", pending, stands)
    assert said(answer) == [
        "<div>Confirm: 1 of 2 done.</div>\n"
        f"<div>{stands.chain.reference}: This booking is Confirming, so that can&#x27;t be done any more."
        " Nothing was changed.</div>"
    ]
    assert (status(pending), status(stands)) == ("confirming", "confirming")


def test_who_was_faster_is_named(cast: Cast, staff: Client, pending: Booking) -> None:
    """Break: let from_list read only the rows that pass the filter, and the declined one is not spoken of."""
    lifecycle.decline(pending.pk, actor=lifecycle.person(cast.ada), version=1)
    answer = act(staff, "confirm", pending, path=f"{LIST}?status__exact=pending")
    (message,) = said(answer)
    assert "Confirm: 0 of 1 done." in message
    assert "Ada Brandt declined this booking at" in message
    assert status(pending) == "declined"


@pytest.mark.parametrize(("name", "ends"), [("decline", "declined"), ("cancel", "cancelled")])
def test_a_reason_is_asked_and_kept(
    cast: Cast, staff: Client, pending: Booking, name: str, ends: str
) -> None:
    page = act(staff, name, pending)
    assert page.status_code == 200
    assert page.templates[0].name == "admin/bookings/booking/verb.html"
    assert status(pending) == "pending"
    answer = act(staff, name, pending, post="yes", reason="Ben is ill")
    assert answer.status_code == 302
    assert status(pending) == ends
    assert pending.changes.latest("pk").reason == "Ben is ill"


def test_an_empty_reason_is_refused_where_the_policy_asks_for_one(cast: Cast, staff: Client) -> None:
    cast.extra["by_hand"].cancel_reason = "both"
    cast.extra["by_hand"].save()
    first = cast.book(hour=10, kind=cast.extra["by_hand"])
    second = cast.book(hour=12)
    refused = act(staff, "cancel", first, second, post="yes", reason="")
    assert refused.status_code == 422
    assert refused.context["form"].errors == {"reason": ["This field is required."]}
    assert (status(first), status(second)) == ("pending", "confirming")


def test_a_reason_that_cannot_be_shown_is_refused(cast: Cast, staff: Client, pending: Booking) -> None:
    assert act(staff, "decline", pending, post="yes", reason="\u202eevil").status_code == 422
    assert status(pending) == "pending"


def test_the_page_of_a_booking_offers_the_verbs_of_its_status(
    cast: Cast, staff: Client, as_person: Any, pending: Booking
) -> None:
    def offered(client: Client, booking: Booking) -> list[Action]:
        page = client.get(reverse("admin:bookings_booking_change", args=[booking.pk]))
        return [verb.action for verb in page.context["verbs"]]

    stands = cast.book(hour=12)
    moving = ["ask_new_time", "keep_time", "reschedule", "reassign", "edit"]
    assert offered(staff, pending) == ["confirm", "decline", "cancel", *moving]
    assert offered(staff, stands) == ["cancel", *moving]
    assert offered(as_person(cast.extra["viewer"]), pending) == []


def test_a_verb_on_the_page_of_a_booking_says_what_will_follow_and_leads_back(
    cast: Cast, staff: Client, pending: Booking
) -> None:
    address = reverse("admin:bookings_booking_do", args=[pending.pk, "cancel"])
    page = staff.get(address)
    assert "Mail that it is cancelled" in page.content.decode()
    answer = staff.post(address, {f"version-{pending.pk}": 1, "reason": "Ben is ill"})
    assert answer.headers["Location"] == reverse("admin:bookings_booking_change", args=[pending.pk])
    assert status(pending) == "cancelled"
    history = staff.get(answer.headers["Location"]).content.decode()
    assert "Ben is ill" in history


def on_page(client: Client, verb: str, booking: Booking, **data: Any) -> Any:
    """Press a verb on the page of a booking."""
    address = reverse("admin:bookings_booking_do", args=[booking.pk, verb])
    assert client.get(address).status_code == 200
    return client.post(address, {f"version-{booking.pk}": booking.version, **data})


@pytest.fixture
def over(cast: Cast) -> Booking:
    """A confirmed booking that has begun, with two hosts."""
    kind = make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Kick-off",
        location=cast.place,
        assignment="collective",
    )
    booking = settle(cast.book(hour=16, kind=kind))
    end(booking)
    return Booking.objects.get(pk=booking.pk)


def test_attendance_is_recorded(cast: Cast, staff: Client, over: Booking) -> None:
    answer = on_page(staff, "complete", over)
    assert said(answer) == ["<div>Complete: 1 of 1 done.</div>"]
    assert status(over) == "completed"


def test_what_lies_ahead_is_not_recorded(cast: Cast, staff: Client) -> None:
    ahead = settle(cast.book(hour=12))
    (message,) = said(act(staff, "complete", ahead))
    assert "This can be recorded once the booking has begun." in message
    assert status(ahead) == "confirmed"


def test_one_absent_host_is_recorded_on_their_row_only(cast: Cast, staff: Client, over: Booking) -> None:
    missing = on_page(staff, "host_no_show", over)
    assert (missing.status_code, "absent" in missing.context["form"].errors) == (422, True)
    foreign = on_page(staff, "host_no_show", over, absent=[cast.dora_host.pk])
    assert foreign.status_code == 422
    on_page(staff, "host_no_show", over, absent=[cast.cleo_host.pk])
    assert status(over) == "confirmed"
    assert over.booking_hosts.get(was_absent=True).host == cast.cleo_host


def test_of_several_bookings_every_host_missed_it(cast: Cast, staff: Client, over: Booking) -> None:
    assert act(staff, "host_no_show", over, over).status_code == 200
    second = settle(cast.book(hour=18))
    end(second)
    answer = act(staff, "host_no_show", over, second, post="yes")
    assert said(answer) == ["<div>Host no-show: 2 of 2 done.</div>"]
    assert (status(over), status(second)) == ("no_show", "no_show")


def test_an_absent_booker_may_be_offered_another_time(cast: Cast, staff: Client, over: Booking) -> None:
    on_page(staff, "booker_no_show", over, offer_again="on")
    assert status(over) == "no_show"
    assert Delivery.objects.filter(booking=over, kind="no_show").exists()


def test_reassigning_goes_to_the_next_fair_host(cast: Cast, staff: Client) -> None:
    kind = make_type(
        cast.team, cast.ben_host, cast.cleo_host, name="Survey", location=cast.place, assignment="round_robin"
    )
    booking = cast.book(hour=12, kind=kind)
    before = booking.booking_hosts.get().host
    answer = on_page(staff, "reassign", booking, reason="Ill")
    assert said(answer) == ["<div>Reassign: 1 of 1 done.</div>"]
    assert {before, booking.booking_hosts.get().host} == {cast.ben_host, cast.cleo_host}
    refused = act(staff, "reassign", cast.book(hour=14), post="yes")
    assert "This booking type has one host" in said(refused)[-1]


def test_a_booking_is_moved_through_the_door(cast: Cast, staff: Client) -> None:
    """Break: let the form write the time itself, and no mail says so, nor does an old row point to the new one."""
    booking, taken = settle(cast.book(hour=10)), cast.book(hour=12)
    Booking.objects.filter(pk=booking.pk).update(
        policy_snapshot={**booking.policy_snapshot, "reschedule_reason": "host"}
    )
    booking.refresh_from_db()

    def move(hour: int, reason: str = "The lift is broken") -> Any:
        starts = timezone.localtime(at(hour), ZoneInfo(cast.extra["changer"].time_zone))
        return on_page(staff, "reschedule", booking, starts_at=f"{starts:%Y-%m-%dT%H:%M}", reason=reason)

    assert set(move(15, reason="").context["form"].errors) == {"reason"}
    assert "The time clashes with" in said(move(12))[-1] and status(booking) == "confirmed"
    assert said(move(15)) == ["<div>Reschedule: 1 of 1 done.</div>"]
    assert status(booking) == "rescheduled" and status(taken) != "rescheduled"
    assert booking.replaced_by.get().starts_at == at(15)


def test_a_wrong_record_is_corrected_by_who_manages_the_team(
    cast: Cast, staff: Client, over: Booking
) -> None:
    changer = cast.extra["changer"]
    on_page(staff, "complete", over)
    over.refresh_from_db()
    wrong = {"is_booker_absent": "on", "reason": "Nobody came"}
    assert set(on_page(staff, "correct", over, is_booker_absent="on").context["form"].errors) == {"reason"}
    assert "Only a manager" in said(on_page(staff, "correct", over, **wrong))[-1]
    Membership.objects.create(team=cast.team, user=changer, role="manager")
    on_page(staff, "correct", over, **wrong)
    over.refresh_from_db()
    assert (over.status, over.is_booker_absent) == ("no_show", True)
    on_page(staff, "correct", over, reason="They came")
    assert status(over) == "completed"


def test_details_are_edited_through_the_door(cast: Cast, staff: Client, pending: Booking) -> None:
    """Break: let the form write the booking itself, and search, history and the link stay as they were."""
    new = {"name": "Zoé Dupont", "email": "zoe@dupont.example", "phone": "+33 1 23", "notes": "New name"}
    assert on_page(staff, "edit", pending, **new).status_code == 302
    fresh = Booking.objects.select_related("chain").get(pk=pending.pk)
    assert (fresh.booker_name, fresh.booker_email, fresh.notes) == (
        "Zoé Dupont",
        "zoe@dupont.example",
        "New name",
    )
    assert [row.pk for row in Booking.objects.search("dupont")] == [pending.pk]
    assert fresh.changes.latest("pk").action == Action.EDIT
    assert fresh.chain.link_nonce != pending.chain.link_nonce


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "Zoé\u202e"}, {"email": "no address"}, {"notes": "\x00"}, {"phone": "1" * 41}],
)
def test_details_that_cannot_be_are_refused(staff: Client, pending: Booking, change: dict[str, str]) -> None:
    new = {"name": "Zoé", "email": "", "phone": "", "notes": "", **change}
    answer = on_page(staff, "edit", pending, **new)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, set(change))


def test_details_are_of_one_booking_at_a_time(staff: Client, pending: Booking) -> None:
    page = staff.get(LIST)
    assert not {"edit", "reschedule", "correct"} & {
        name for name, _ in page.context["action_form"].fields["action"].choices
    }


def test_what_will_follow_is_told_of_each(cast: Cast, staff: Client, pending: Booking) -> None:
    second = cast.book(hour=12, kind=cast.extra["by_hand"], name="Somebody else")
    stands = cast.book(hour=14)
    page = act(staff, "decline", pending, second, stands).content.decode()
    assert page.count("What will follow") == 2
    for name in ("Zoë Lefèvre", "Somebody else"):
        assert f"<b>Mail that it was declined</b> to {name}" in page


@pytest.mark.parametrize("name", ["complain", "settle"])
def test_what_is_no_verb_of_people_is_not_found(staff: Client, pending: Booking, name: str) -> None:
    assert staff.get(f"{LIST}{pending.pk}/do/{name}/").status_code == 404
    assert staff.get(f"{LIST}9999/do/confirm/").status_code == 404


@pytest.mark.parametrize("chosen", ["nonsense", "9" * 30, "-1", ""])
def test_a_choice_that_makes_no_sense_is_refused(staff: Client, pending: Booking, chosen: str) -> None:
    answer = staff.post(LIST, {"action": "confirm", "_selected_action": [chosen, pending.pk]}, follow=True)
    assert answer.status_code == 200
    assert "This form came incomplete" in answer.content.decode()
    assert status(pending) == "pending"


def test_so_many_at_once_and_no_more(cast: Cast, staff: Client, pending: Booking, monkeypatch: Any) -> None:
    assert MOST == 100
    monkeypatch.setattr("bookings.admin.bookings.MOST", 1)
    second = cast.book(hour=12, kind=cast.extra["by_hand"])
    answer = act(staff, "confirm", pending, second, select_across="1")
    assert said(answer) == ["<div>At most 1 rows at once. Nothing was changed; choose fewer.</div>"]
    assert (status(pending), status(second)) == ("pending", "pending")


def test_secrets_show_nowhere(cast: Cast, root: Client, pending: Booking) -> None:
    """The nonce of the manage link, the owner that names the meeting room, the key of a sent form."""
    chain = pending.chain
    SubmittedForm.objects.create(scope="book", key="the-key", body_hash="0" * 64, booking=pending)
    delivery = Delivery.objects.filter(booking=pending).first()
    form = SubmittedForm.objects.get()
    for path in (
        f"bookingchain/{chain.pk}",
        f"booking/{pending.pk}",
        f"delivery/{delivery.pk}",
        f"submittedform/{form.pk}",
    ):
        page = root.get(f"/admin/bookings/{path}/change/").content.decode()
        for secret in (chain.link_nonce, chain.owner.hex, str(chain.owner), "the-key"):
            assert secret not in page, path


def test_retry_opens_what_failed_and_names_what_does_not_wait(
    cast: Cast, staff: Client, pending: Booking
) -> None:
    failed, *_, done = Delivery.objects.filter(booking=pending)
    assert failed != done
    Delivery.objects.filter(pk=failed.pk).update(state="failed", attempts=4, last_error="550 no such mailbox")
    Delivery.objects.filter(pk=done.pk).update(
        state="done", settled_at=pending.created_at + timedelta(minutes=1)
    )
    answer = staff.post(
        "/admin/bookings/delivery/", {"action": "retry", "_selected_action": [failed.pk, done.pk]}
    )
    (message,) = said(answer)
    assert (
        "Retry: 1 of 2 done." in message
        and done.recipient in message
        and "not waiting for a retry" in message
    )
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("open", 0)


def test_the_pages_are_german_for_who_reads_german(cast: Cast, root: Client) -> None:
    user = cast.extra["super"]
    user.language = "de"
    user.save()
    assert 'lang="de"' in root.get(LIST).content.decode()
