"""On whose clock a booker chooses: the zone of the address or the browser, and days on which clocks change."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle, mails
from bookings.availability import epoch_minute, instant
from bookings.lifecycle import NewTime
from bookings.models import Booking, BookingType, Delivery
from bookings.rules.zones import day_bounds, offset_minutes, zone
from tests.booker.choosing import day_url, starts_on
from tests.booker.conftest import TYPE_URL, Booker, confirm
from tests.cast import Cast, at, day_ahead

BERLIN = zone("Europe/Berlin")


def next_change(*, back: bool) -> date:
    """The next day in Berlin whose clocks go back (25 hours), or forward (23)."""
    day = timezone.now().date() + timedelta(days=2)
    while True:
        first, after = day_bounds(day, BERLIN)
        if after - first == (1500 if back else 1380):
            return day
        day += timedelta(days=1)


def test_days_and_times_are_those_of_the_bookers_zone(cast: Cast, booker: Booker) -> None:
    cast.ben_host.weekly_hours = [[[540, 600]]] * 7
    cast.ben_host.save()
    day = day_ahead(3)

    toronto = booker.get(day_url(day, zone_name="America/Toronto"))
    auckland = booker.get(day_url(day, zone_name="Pacific/Auckland"))

    assert starts_on(toronto) == starts_on(auckland) == [epoch_minute(at(9)), epoch_minute(at(9, 30))]
    shift = (
        offset_minutes(epoch_minute(at(9)), zone("America/Toronto"))
        - offset_minutes(epoch_minute(at(9)), BERLIN)
    ) // 60
    assert [row["label"] for row in toronto.context["times"]] == [f"{9 + shift:02}:00", f"{9 + shift:02}:30"]


def test_unknown_zone_gets_a_notice_and_the_teams_zone(cast: Cast, booker: Booker) -> None:
    response = booker.get(f"{TYPE_URL}?zone=../../etc/passwd")

    assert response.status_code == 200
    assert "is no time zone. Times are shown for Berlin." in response.content.decode()
    assert response.context["wish"].zone == "Europe/Berlin"


def test_every_zone_can_be_chosen(cast: Cast, booker: Booker) -> None:
    """Break: join the options as plain text, and the page shows them as words."""
    html = booker.get(TYPE_URL).content.decode()

    assert '<optgroup label="Asia">' in html and '<option value="Asia/Tokyo">' in html


def test_zone_is_escaped(cast: Cast, booker: Booker) -> None:
    assert "<script>x" not in booker.get(f"{TYPE_URL}?zone=<script>x").content.decode()


def test_zone_form_keeps_everything_else(cast: Cast, booker: Booker) -> None:
    day = day_ahead(3)

    response = booker.get(f"{day_url(day)}&name=Zo%C3%AB&lang=de")

    fields = dict(response.context["zone_fields"])
    assert fields["day"] == str(day) and fields["name"] == "Zoë" and fields["lang"] == "de"
    assert "zone" not in fields


# -- Clocks that change ----------------------------------------------------------------------------------------------------


def far_ahead(cast: Cast, day: date) -> None:
    """Open the demo around a day that may lie a year ahead."""
    BookingType.objects.filter(pk=cast.demo.pk).update(
        window_kind="dates", window_from_on=day - timedelta(days=40), window_until_on=day + timedelta(days=40)
    )


def test_day_of_25_hours_shows_both_instants_with_offsets(cast: Cast, booker: Booker) -> None:
    day = next_change(back=True)
    far_ahead(cast, day)

    response = booker.get(day_url(day))

    rows = response.context["times"]
    assert len(rows) == 50
    twice = [(row["label"], row["note"]) for row in rows if row["note"]]
    assert twice == [("02:00", "UTC+2"), ("02:30", "UTC+2"), ("02:00", "UTC+1"), ("02:30", "UTC+1")]
    assert response.context["clock_change"] == day
    assert "Clocks change on" in response.content.decode()


def test_either_of_the_two_instants_can_be_held(cast: Cast, booker: Booker) -> None:
    day = next_change(back=True)
    far_ahead(cast, day)
    first, second = [
        row["value"] for row in booker.get(day_url(day)).context["times"] if row["label"] == "02:00"
    ]

    assert second - first == 60
    assert booker.press(instant(first)).status_code == 303
    assert booker.press(instant(second)).status_code == 303


def test_day_of_23_hours_has_no_times_in_the_gap(cast: Cast, booker: Booker) -> None:
    day = next_change(back=False)
    far_ahead(cast, day)

    labels = [row["label"] for row in booker.get(day_url(day)).context["times"]]

    assert len(labels) == 46
    assert not {"02:00", "02:30"} & set(labels)


# -- The address or the browser --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "language", "clock"),
    [
        ("", "", "14:30"),
        ("", "en-US,en;q=0.9", "2:30 pm"),
        ("", "en-GB,en;q=0.9", "14:30"),
        ("", "de-DE,en-US;q=0.5", "14:30"),
        ("&lang=de", "en-US", "14:30"),
        ("&clock=24", "en-US", "14:30"),
        ("&clock=12", "", "2:30 pm"),
        ("&clock=13", "", "14:30"),
    ],
)
def test_the_clock_is_of_the_address_else_of_the_browser(
    cast: Cast, booker: Booker, query: str, language: str, clock: str
) -> None:
    page = booker.get(day_url(day_ahead(3)) + query, accept_language=language)
    assert clock in [slot["label"] for slot in page.context["times"]]


def test_the_chosen_clock_goes_along_to_the_booking(cast: Cast, booker: Booker) -> None:
    form = booker.post(
        f"{TYPE_URL}hold/?clock=12",
        {"start": epoch_minute(at(15)), "zone": "Europe/Berlin", "duration": "30"},
    )["Location"]
    assert "3:00–3:30 pm" in booker.get(form).content.decode()
    booked = booker.send(form)["Location"]
    assert "clock" not in booked
    assert "3:00–3:30 pm" in booker.get(booked).content.decode()


def test_the_chosen_clock_stays_with_the_booking(cast: Cast, booker: Booker) -> None:
    """Break: keep it in the address alone, and what the booker reads by mail and behind its link is on another clock."""
    url = f"{TYPE_URL}hold/?clock=12"
    form = booker.post(url, {"start": epoch_minute(at(15)), "zone": "Europe/Berlin", "duration": "30"})[
        "Location"
    ]
    page = booker.send(form, guests="guest@riviere.example")["Location"]
    booking = confirm(Booking.objects.get())
    lifecycle.reschedule(
        booking.pk, NewTime(at(14)), actor=lifecycle.person(cast.ben), version=booking.version, reason="Ill"
    )
    moved = confirm(Booking.objects.latest("pk"))
    Booking.objects.filter(pk=moved.pk).update(next_reminder_at=timezone.now())
    lifecycle.remind_bookers_due(now=timezone.now())
    read = {
        (str(row.kind), str(row.audience)): "2:00–2:30 pm" in str(mails.compose(row).body)
        for row in Delivery.objects.filter(booking=moved, channel="mail", audience__in=("booker", "guest"))
    }
    assert read == {
        ("rescheduled", "booker"): True,
        ("confirmed", "guest"): True,
        ("reminder", "booker"): True,
    }
    for path in (page, f"{page}cancel/", f"{page}reschedule/"):
        shown = booker.get(path).content.decode()
        assert "2:00–2:30 pm" in shown, path
        assert "14:00–14:30" in booker.get(f"{path}?clock=24").content.decode(), path
    assert "clock=12" in booker.get(page).context["again_url"]


def test_who_chose_no_clock_reads_the_usual_one(cast: Cast, booker: Booker) -> None:
    page = booker.book(at(15))
    assert Booking.objects.get().booker_hour_cycle == "language"
    assert "15:00–15:30" in booker.get(page).content.decode()
    assert "3:00–3:30 pm" in booker.get(page, accept_language="en-US").content.decode()
    confirm(Booking.objects.get())
    assert "15:00–15:30" in str(mails.compose(Delivery.objects.filter(audience="booker").latest("pk")).body)
