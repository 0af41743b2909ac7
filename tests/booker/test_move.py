"""Moving a booking as its booker: the times on offer, holding one, asking for it, and what becomes of lost and late ones."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.availability import epoch_minute
from bookings.models import Attempt, Booking, BookingType, BusyTime, Hold, OutOfOffice
from bookings.rules.zones import day_bounds, zone
from tests.booker.conftest import Booker, confirm, form_value, page_of, snapshot
from tests.cast import Cast, at, day_ahead, make_type


@pytest.fixture
def made(cast: Cast) -> Booking:
    """Confirmed, at ten in Berlin, which is the clock of its booker too."""
    return confirm(cast.book(zone="Europe/Berlin"))


@pytest.fixture
def pool(cast: Cast) -> BookingType:
    """A round-robin of Ben and Cleo."""
    hosts = (cast.ben_host, cast.cleo_host)
    return make_type(cast.team, *hosts, name="Advice", assignment="round_robin", location=cast.place)


def choose(booker: Booker, booking: Booking, start: Any, **fields: Any) -> Any:
    """Press the button of another time."""
    return booker.post(f"{page_of(booking)}reschedule/hold/", {"start": epoch_minute(start), **fields})


def form_for(booker: Booker, booking: Booking, start: Any, **fields: Any) -> str:
    """Hold another time and come to the form; returns its address."""
    response = choose(booker, booking, start, **fields)
    assert response.status_code == 303, response.content.decode()
    return response["Location"]


def move(booker: Booker, booking: Booking, start: Any, **fields: Any) -> Any:
    return booker.post(form_for(booker, booking, start), {"reason": "Train is late", **fields})


def newest() -> Booking:
    return Booking.objects.latest("pk")


def offered(response: Any) -> list[int]:
    return [row["value"] for row in response.context["times"] if not row["mark"]]


def day_url(booking: Booking, day: date, query: str = "") -> str:
    return f"{page_of(booking)}reschedule/?month={day:%Y-%m}&day={day}{query}"


# -- The times on offer ----------------------------------------------------------------------------------------------------


def test_the_page_opens_on_the_present_day_and_marks_its_time(made: Booking, booker: Booker) -> None:
    response = booker.get(f"{page_of(made)}reschedule/")

    assert response.status_code == 200 and response.context["day"] == day_ahead(3)
    marks = [(row["label"], row["mark"]) for row in response.context["times"] if row["mark"]]
    assert marks == [("10:00", "Present time")]
    html = response.content.decode()
    assert f'value="{epoch_minute(at(10))}"' not in html
    assert f'value="{epoch_minute(at(10, 30))}"' in html
    assert "data-marked" in html and ", Present time" in html


def test_the_booking_is_no_hindrance_to_itself(cast: Cast, booker: Booker) -> None:
    """Break: search without `own` and `chain_id`, and the buffers and the cap of the booking close its whole day."""
    cast.demo.buffer_before_minutes = cast.demo.buffer_after_minutes = 60
    cast.demo.max_per_day = 1
    cast.demo.save()
    booking = confirm(cast.book(zone="Europe/Berlin"))

    response = booker.get(day_url(booking, day_ahead(3)))

    assert {epoch_minute(at(9, 30)), epoch_minute(at(10, 30))} <= set(offered(response))
    assert move(booker, booking, at(10, 30)).status_code == 303
    assert newest().starts_at == at(10, 30)


def test_what_others_have_is_not_offered(cast: Cast, made: Booking, booker: Booker) -> None:
    cast.book(hour=11, name="Max")

    assert epoch_minute(at(11)) not in offered(booker.get(day_url(made, day_ahead(3))))


def test_times_are_read_in_the_bookers_zone_or_another(cast: Cast, booker: Booker) -> None:
    booking = confirm(cast.book())

    own = booker.get(f"{page_of(booking)}reschedule/")
    other = booker.get(f"{page_of(booking)}reschedule/?zone=Asia/Tokyo")
    none = booker.get(f"{page_of(booking)}reschedule/?zone=../../etc/passwd")

    assert [response.context["zone"] for response in (own, other, none)] == [
        "America/Toronto",
        "Asia/Tokyo",
        "America/Toronto",
    ]
    assert "zone=Asia%2FTokyo" in other.content.decode()


def test_a_month_without_times_says_why_and_leads_on(cast: Cast, made: Booking, booker: Booker) -> None:
    OutOfOffice.objects.create(host=cast.ben_host, from_on=day_ahead(2), until_on=day_ahead(5))

    response = booker.get(day_url(made, day_ahead(4)))

    assert response.context["why"].startswith("No times are offered on")
    assert f"{page_of(made)}reschedule/?" in response.context["next_url"]
    assert response.context["next_day"] == day_ahead(6)


def test_the_page_keeps_the_language(made: Booking, booker: Booker) -> None:
    html = booker.get(f"{page_of(made)}reschedule/?lang=de").content.decode()

    assert '<html lang="de"' in html and "lang=de" in html


def test_looking_holds_and_changes_nothing(made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))
    before = (snapshot(), Hold.objects.get().expires_at)

    for path in (f"{page_of(made)}reschedule/", url):
        assert booker.get(path).status_code == 200
        assert booker.client.head(path).status_code == 200
        booker.client.options(path)
    led = booker.get(f"{page_of(made)}reschedule/hold/?start={epoch_minute(at(16))}")
    assert (led.status_code, led["Location"]) == (302, f"{page_of(made)}reschedule/")
    assert booker.client.post(f"{page_of(made)}reschedule/").status_code == 405
    assert booker.client.put(f"{page_of(made)}reschedule/hold/").status_code == 405

    assert (snapshot(), Hold.objects.get().expires_at) == before


@pytest.mark.parametrize("path", ["reschedule/", "reschedule/hold/", "reschedule/time/"])
def test_a_foreign_link_is_404(made: Booking, booker: Booker, path: str) -> None:
    for response in (booker.get(f"/m/1-nonsense/{path}"), booker.post(f"/m/1-nonsense/{path}", {})):
        # Of the choice there is only a page to read.
        assert response.status_code in (404, 405)
    assert booker.get(f"/m/1-nonsense/{path}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_choice_takes_nine_queries(
    cast: Cast, made: Booking, booker: Booker, django_assert_num_queries: Any, count: int
) -> None:
    for hour in range(count):
        cast.book(hour=13 + hour, name=f"Max {hour}")

    with django_assert_num_queries(9):
        booker.get(day_url(made, day_ahead(3)))


# -- Holding -----------------------------------------------------------------------------------------------------------------


def test_pressing_a_time_holds_it_for_the_chain(cast: Cast, made: Booking, booker: Booker) -> None:
    url = form_for(booker, made, at(15))

    assert url.startswith(f"{page_of(made)}reschedule/time/?form=")
    hold = Hold.objects.get()
    assert (hold.starts_at, hold.chain, hold.owner) == (at(15), made.chain, made.chain.owner)
    assert booker.press(at(15)).status_code == 409
    assert Booking.objects.get().status == "confirmed"


def test_another_time_takes_the_place_of_the_held_one(made: Booking, booker: Booker) -> None:
    form_for(booker, made, at(15))
    form_for(booker, made, at(16))

    assert [hold.starts_at for hold in Hold.objects.all()] == [at(16)]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (at(15) + timedelta(minutes=7), "not one of the times on offer"),
        (at(10, days=-2), "has passed"),
        (at(10, days=300), "beyond the dates open for booking"),
        (at(10), "the time the booking has already"),
    ],
)
def test_times_that_are_not_offered_are_refused(
    made: Booking, booker: Booker, start: Any, words: str
) -> None:
    response = choose(booker, made, start)

    assert response.status_code == 422
    assert words in response.content.decode() and offered(response)
    assert not Hold.objects.exists()


@pytest.mark.parametrize("start", ["", "abc", "-5", "1" * 40, "a\x00b", "99999999999999"])
def test_what_is_no_minute_is_refused(made: Booking, booker: Booker, start: str) -> None:
    response = booker.post(f"{page_of(made)}reschedule/hold/", {"start": start, "zone": "a\x00", "host": "é"})

    assert response.status_code == 422
    assert not Hold.objects.exists()


def test_a_time_in_the_gap_of_a_changing_clock_is_no_time(cast: Cast, booker: Booker) -> None:
    tz = zone("Europe/Berlin")
    day = timezone.now().date() + timedelta(days=5)
    while day_bounds(day, tz)[1] - day_bounds(day, tz)[0] != 1380:
        day += timedelta(days=1)
    BookingType.objects.update(
        window_kind="dates", window_from_on=day_ahead(0), window_until_on=day + timedelta(days=5)
    )
    booking = confirm(cast.book(zone="Europe/Berlin"))

    response = booker.get(day_url(booking, day))

    labels = [row["label"] for row in response.context["times"]]
    assert len(labels) == 46 and not {"02:00", "02:30"} & set(labels)


def test_a_taken_time_is_refused_with_the_days_other_times(cast: Cast, made: Booking, booker: Booker) -> None:
    cast.book(hour=15, name="Max")

    response = choose(booker, made, at(15), month=f"{at(15):%Y-%m}", day=f"{at(15):%Y-%m-%d}")

    assert response.status_code == 409 and "just taken" in response.content.decode()
    assert epoch_minute(at(15, 30)) in offered(response)


def test_holding_is_limited(made: Booking, booker: Booker) -> None:
    form_for(booker, made, at(15))
    who = Attempt.objects.get(scope="hold").who
    Attempt.objects.bulk_create(Attempt(scope="hold", who=who) for _ in range(119))

    assert choose(booker, made, at(16)).status_code == 429


def test_a_hold_is_kept_taken_again_and_let_go(made: Booking, booker: Booker) -> None:
    url, hold_url = form_for(booker, made, at(15)), f"{page_of(made)}reschedule/hold/"
    Hold.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    kept = booker.post(hold_url, {"form": form_value(url), "extend": "1"}, accept="application/json")
    assert kept.json()["expires"] == Hold.objects.get().expires_at.isoformat()

    Hold.objects.all().delete()
    gone = booker.post(hold_url, {"form": form_value(url), "extend": "1"}, accept="application/json")
    assert gone.status_code == 410 and "no longer held" in booker.get(url).content.decode()

    again = booker.post(hold_url, {"form": form_value(url), "again": "1"}, accept="application/json")
    plain = booker.post(hold_url, {"form": again.json()["form"], "again": "1"})
    assert plain.status_code == 303 and Hold.objects.get().starts_at == at(15)

    left = booker.post(hold_url, {"form": form_value(plain["Location"]), "release": "1"})
    assert left.status_code == 204 and not Hold.objects.exists()


def test_a_forged_or_foreign_value_is_worth_nothing(cast: Cast, made: Booking, booker: Booker) -> None:
    other = confirm(cast.book(hour=12, name="Max", email="max@riviere.example"))
    value = form_value(form_for(booker, other, at(16)))
    before = snapshot()

    for form in (value, value[:-3] + "xyz", "", "a\x00b"):
        for path in ("time/", "hold/"):
            url = f"{page_of(made)}reschedule/{path}"
            sent = {"form": form, "again": "1", "reason": "x"}
            response = booker.client.post(url, sent, query_params={"form": form})
            assert response.status_code == 422
            assert offered(response)

    assert snapshot() == before and Hold.objects.get().chain == other.chain


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


# -- Policy ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "hours", "words"),
    [("never", 0, "Can&#x27;t be moved online"), ("with_notice", 400, "Moving ended on")],
)
def test_what_the_policy_denies_is_said_and_refused(
    cast: Cast, booker: Booker, policy: str, hours: int, words: str
) -> None:
    cast.demo.reschedule_policy, cast.demo.reschedule_notice_hours = policy, hours
    cast.demo.save()
    booking = confirm(cast.book())

    shown, pressed = booker.get(f"{page_of(booking)}reschedule/"), choose(booker, booking, at(15))

    html = shown.content.decode()
    assert words in html and "<form" not in html and "Ask for an exception" in html
    assert pressed.status_code == 403
    assert not Hold.objects.exists()


def test_a_policy_that_ends_while_the_form_is_open_is_told(cast: Cast, booker: Booker) -> None:
    cast.demo.reschedule_policy, cast.demo.reschedule_notice_hours = "with_notice", 24
    cast.demo.save()
    booking = confirm(cast.book())
    url = form_for(booker, booking, at(15))
    snapshot_of_policy = {**booking.policy_snapshot, "reschedule_notice_hours": 400}
    Booking.objects.update(policy_snapshot=snapshot_of_policy)

    response = booker.post(url, {})

    assert response.status_code == 403
    assert "Moving ended on" in response.content.decode()
    assert "Ask for an exception" in response.content.decode()


@pytest.mark.parametrize("status", ["cancelled", "declined", "completed", "no_show", "waiting"])
def test_what_is_over_is_not_moved(made: Booking, booker: Booker, status: str) -> None:
    Booking.objects.update(status=status)

    shown, pressed = booker.get(f"{page_of(made)}reschedule/"), choose(booker, made, at(15))

    assert "moved any more" in shown.content.decode() and shown.status_code == 200
    assert pressed.status_code == 409
    assert not Hold.objects.exists()


def test_a_closed_type_moves_nothing(cast: Cast, made: Booking, booker: Booker) -> None:
    BookingType.objects.update(is_active=False)

    shown, pressed = booker.get(f"{page_of(made)}reschedule/"), choose(booker, made, at(15))

    assert "takes no bookings at present" in shown.content.decode()
    assert pressed.status_code == 422 and not Hold.objects.exists()


# -- Hosts -------------------------------------------------------------------------------------------------------------------


def test_the_host_stays_when_free_and_another_can_be_chosen(
    cast: Cast, pool: BookingType, booker: Booker
) -> None:
    booking = confirm(cast.book(kind=pool, zone="Europe/Berlin"))
    present = booking.booking_hosts.get().host
    other = cast.cleo_host if present == cast.ben_host else cast.ben_host

    page = booker.get(f"{page_of(booking)}reschedule/")
    assert [way["words"] for way in page.context["hosts_to_choose"]] == [
        f"Anybody, {present.name} if free",
        *sorted([present.name, other.name], key=lambda name: name != present.name),
    ]
    kept = booker.get(form_for(booker, booking, at(15))).content.decode()
    assert f"With {present.name}" in kept and "instead of" not in kept

    named = booker.get(day_url(booking, day_ahead(3), f"&host={other.pk}"))
    # With somebody else the present time is a choice too.
    assert epoch_minute(at(10)) in offered(named)
    url = form_for(booker, booking, at(10), host=other.pk)
    html = booker.get(url).content.decode()
    assert f"With <b>{other.name}</b>" in html and f"instead of {present.name}" in html
    assert booker.post(url, {}).status_code == 303
    assert newest().booking_hosts.get().host == other
    assert newest().starts_at == at(10)


def test_where_the_host_is_busy_the_form_names_who_it_would_be(
    cast: Cast, pool: BookingType, booker: Booker
) -> None:
    booking = confirm(cast.book(kind=pool, zone="Europe/Berlin"))
    present = booking.booking_hosts.get().host
    other = cast.cleo_host if present == cast.ben_host else cast.ben_host
    OutOfOffice.objects.create(host=present, from_on=day_ahead(4), until_on=day_ahead(4))

    url = form_for(booker, booking, at(10, days=4))

    assert f"instead of {present.name}" in booker.get(url).content.decode()
    OutOfOffice.objects.all().delete()
    booker.post(url, {})
    # Nobody else than the page said.
    assert newest().booking_hosts.get().host == other


def test_a_host_of_another_team_is_no_choice(cast: Cast, pool: BookingType, booker: Booker) -> None:
    booking = confirm(cast.book(kind=pool, zone="Europe/Berlin"))

    shown = booker.get(day_url(booking, day_ahead(3), f"&host={cast.dora_host.pk}"))
    pressed = choose(booker, booking, at(15), host=cast.dora_host.pk)

    assert "Dora" not in shown.content.decode() and shown.context["everybody_url"] == ""
    assert pressed.status_code == 422 and "host this booking type" in pressed.content.decode()
    assert not Hold.objects.exists()
