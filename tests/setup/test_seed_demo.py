"""Loading the demonstration: the same each time, at whatever hour, and never beside a team that is real."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings.demo import load
from bookings.models import (
    Booking,
    BookingChange,
    BookingHost,
    BusyTime,
    Contact,
    Delivery,
    Team,
    User,
)
from bookings.rules.statuses import Status

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def counts() -> dict[str, int]:
    return {
        model.__name__: model.objects.count()
        for model in (Team, User, Booking, BookingChange, BookingHost, BusyTime, Contact, Delivery)
    }


def test_twice_is_once_and_the_sign_ins_come_last(capsys: Any) -> None:
    call_command("seed_demo")
    first = counts()
    call_command("seed_demo")
    assert counts() == first
    lines = capsys.readouterr().out.strip().splitlines()
    assert "demo-demo-demo" in "\n".join(lines)
    assert lines[-1].strip().startswith("ruth@heliograf.example")
    assert User.objects.get(email="ada@heliograf.example").check_password("demo-demo-demo")


@pytest.mark.slow
@pytest.mark.parametrize(("weekday", "hour"), [(2, 15), (5, 1)])
def test_it_stands_on_a_working_day_and_on_a_night_of_the_weekend(
    monkeypatch: Any, weekday: int, hour: int
) -> None:
    today = timezone.now()
    start = (today + timedelta(days=(weekday - today.weekday()) % 7)).replace(hour=hour)
    monkeypatch.setattr(timezone, "now", lambda: start)
    load.load(start)
    assert set(Booking.objects.values_list("status", flat=True)) == {str(status) for status in Status}
    # What a booker says stands where it belongs: a column more among those of `Booker` moved all behind it on.
    assert Booking.objects.filter(notes="We are three, please send the link to all.").exists()
    assert set(Booking.objects.values_list("booker_hour_cycle", flat=True)) == {"language"}


def test_the_same_day_gives_the_same_bookings() -> None:
    now = datetime(2027, 3, 9, 13, 24, tzinfo=UTC)

    def told() -> list[Any]:
        load.past.relate(load.cast.build(now), random=load.Random(load.SEED), now=now)
        return list(
            Booking.objects.order_by("pk").values_list(
                "chain__reference", "starts_at", "status", "booker_name"
            )
        )

    first = told()
    assert len(first) > 60
    Delivery.objects.all().delete()
    BookingChange.objects.all().delete()
    Booking.objects.update(replaces=None)
    Booking.objects.all().delete()
    for model in (load.Team.objects.first().chains.model, Contact):
        model.objects.all().delete()
    Team.objects.all().delete()
    User.objects.all().delete()
    assert told() == first


def test_it_refuses_a_hub_with_teams_of_its_own() -> None:
    Team.objects.create(name="Real", slug="real", time_zone="UTC")
    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert Team.objects.count() == 1
    call_command("seed_demo", "--force")
    assert Team.objects.count() == 3
