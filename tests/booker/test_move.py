"""Moving a booking as its booker: what the form says it would mean, and what comes of sending it."""

import pytest

from bookings import lifecycle
from bookings.availability import epoch_minute
from bookings.models import Attempt, Booking, BusyTime, Hold
from tests.booker.conftest import Booker, confirm, form_value, page_of, snapshot
from tests.booker.moving import form_for, move, newest
from tests.cast import Cast, at

# -- What it would mean ------------------------------------------------------------------------------------------------------


def test_the_form_shows_both_times_and_what_will_follow(cast: Cast, booker: Booker) -> None:
    booking = confirm(cast.book(guests=["guest@x.example"]))

    html = booker.get(form_for(booker, booking, at(15))).content.decode()

    assert "<s>" in html and "Toronto (UTC" in html and "15:00 in Berlin" in html
    assert "Held for you" in html and 'data-expires="' in html
    assert "Mail to Ben Okafor" in html and "The meeting moves in the calendars" in html
    assert "Your guest is told" in html and "Your present time is free at once" in html
    assert "guest@x.example" not in html
    assert "Move booking" in html and "has to confirm" not in html
    assert "Move or cancel until <b>" in html


def test_the_form_says_that_a_host_decides(cast: Cast, made: Booking, booker: Booker) -> None:
    cast.demo.approval = "always"
    cast.demo.save()

    html = booker.get(form_for(booker, made, at(15))).content.decode()

    assert "Until then your present time stands." in html and "<b>by " in html
    assert "<s>" not in html and "Ask for this time" in html
    assert "Your present time stands" in html and "free at once" not in html


def test_short_notice_is_judged_for_the_new_time(cast: Cast, made: Booking, booker: Booker) -> None:
    cast.demo.approval, cast.demo.approval_within_hours = "short_notice", 100
    cast.demo.save()

    near = booker.get(form_for(booker, made, at(15))).content.decode()
    far = booker.get(form_for(booker, made, at(15, days=20))).content.decode()

    assert "Ask for this time" in near and "Move booking" in far


# -- Moving ------------------------------------------------------------------------------------------------------------------


def test_moving(made: Booking, booker: Booker) -> None:
    response = move(booker, made, at(15))

    assert (response.status_code, response["Location"]) == (303, page_of(made))
    made.refresh_from_db()
    new = newest()
    assert (made.status, new.status, new.starts_at, new.replaces) == (
        "rescheduled",
        "confirming",
        at(15),
        made,
    )
    change = made.changes.latest("pk")
    assert (change.actor_kind, change.actor_name, change.reason) == ("booker", "Zoë Lefèvre", "Train is late")
    assert not Hold.objects.exists()
    html = booker.get(page_of(made)).content.decode()
    assert "15:00–15:30" in html and 'data-state="confirming"' in html


def test_sending_twice_is_moving_once(made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))
    booker.post(url, {"reason": "Ill"})
    before = snapshot()

    for response in (booker.post(url, {"reason": "Ill"}), booker.get(url)):
        assert (response.status_code, response["Location"]) == (303, page_of(made))

    assert snapshot() == before


def test_a_wish_that_was_answered_is_not_asked_again_by_its_form(
    cast: Cast, made: Booking, booker: Booker
) -> None:
    """Break: leave `_is_sent` out, and a form that is sent again after the answer asks anew."""
    cast.demo.approval = "always"
    cast.demo.save()
    url = form_for(booker, made, at(15))
    booker.post(url, {"reason": "Ill"})
    lifecycle.decline(newest().pk, actor=lifecycle.person(cast.ben), version=1)
    before = snapshot()

    assert booker.post(url, {"reason": "Ill"}).status_code == 303
    assert snapshot() == before
    # From the times it can be asked for once more.
    assert move(booker, made, at(15)).status_code == 303
    assert newest().status == "pending"


def test_a_lost_race_offers_the_nearest_times_and_keeps_the_reason(
    cast: Cast, made: Booking, booker: Booker
) -> None:
    url = form_for(booker, made, at(15))
    Hold.objects.all().delete()
    BusyTime.objects.filter(source="hold").delete()
    cast.book(hour=15, name="Max")

    lost = booker.post(url, {"reason": "Train is late"})

    assert lost.status_code == 409
    html = lost.content.decode()
    assert "just taken" in html and "Your booking stands as it is" in html and "Train is late" in html
    nearest = [row["value"] for row in lost.context["nearest"]]
    assert epoch_minute(at(15, 30)) in nearest and epoch_minute(at(10)) not in nearest
    fields = {**dict(lost.context["wish_fields"]), "start": nearest[-1], "reason": "Train is late"}
    again = booker.post(f"{page_of(made)}reschedule/hold/", fields)
    assert again.status_code == 200 and "Train is late" in again.content.decode()
    assert booker.post(again.context["post_url"], {"reason": "Train is late"}).status_code == 303
    assert epoch_minute(newest().starts_at) == nearest[-1]


def test_an_expired_hold_still_moves_where_nobody_was_faster(made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))
    Hold.objects.all().delete()

    assert booker.post(url, {}).status_code == 303
    assert newest().starts_at == at(15)


@pytest.mark.parametrize("deed", ["moved", "cancelled"])
def test_what_a_host_did_meanwhile_is_told(cast: Cast, made: Booking, booker: Booker, deed: str) -> None:
    url, ben = form_for(booker, made, at(15)), lifecycle.person(cast.ben)
    if deed == "moved":
        lifecycle.reschedule(made.pk, lifecycle.NewTime(at(17)), actor=ben, version=1)
    else:
        lifecycle.cancel(made.pk, actor=ben, version=1)
    before = snapshot()

    for response in (booker.get(url), booker.post(url, {"reason": "Late"})):
        html = response.content.decode()
        assert response.status_code == 409
        assert f"Ben Okafor {deed} this booking at" in html
        assert f"it is now {'Confirming' if deed == 'moved' else 'Cancelled'}." in html
        assert ("17:00–17:30" in html) if deed == "moved" else ('data-state="cancelled"' in html)
    assert (
        booker.post(f"{page_of(made)}reschedule/hold/", {"form": form_value(url), "again": "1"}).status_code
        == 409
    )

    assert snapshot() == before


def test_a_request_is_moved_as_a_request(cast: Cast, booker: Booker) -> None:
    cast.demo.approval = "always"
    cast.demo.save()
    booking = cast.book(zone="Europe/Berlin")

    html = booker.get(form_for(booker, booking, at(15))).content.decode()
    assert "as the one before" in html and "Keep request" in html
    assert move(booker, booking, at(15)).status_code == 303
    booking.refresh_from_db()
    assert (booking.status, newest().status, newest().is_proposal) == ("rescheduled", "pending", False)


def test_a_reason_is_asked_where_the_policy_wants_one(cast: Cast, booker: Booker) -> None:
    cast.demo.reschedule_reason, cast.demo.preset_reasons = "booker", ["Something came up", "Wrong time"]
    cast.demo.save()
    booking = confirm(cast.book())
    url = form_for(booker, booking, at(15))

    refused = [
        booker.post(url, fields)
        for fields in (
            {},
            {"reason": "  "},
            {"preset": "Made up"},
            {"reason": "a\x00b"},
            {"reason": "a\x08b"},
            {"reason": "x" * 1001},
        )
    ]
    assert [response.status_code for response in refused] == [422] * 6
    assert "A reason is needed here" in refused[0].content.decode()
    assert Booking.objects.count() == 1
    assert booker.post(url, {"preset": "Wrong time", "reason": "Late"}).status_code == 303
    assert booking.changes.latest("pk").reason == "Wrong time: Late"


def test_changes_are_limited_and_the_form_is_kept(made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))
    who = Attempt.objects.get(scope="hold").who
    Attempt.objects.bulk_create(Attempt(scope="change", who=who) for _ in range(60))

    response = booker.post(url, {"reason": "Train is late"})

    assert response.status_code == 429
    assert "Train is late" in response.content.decode() and "Move booking" in response.content.decode()
    assert Booking.objects.get().status == "confirmed"
