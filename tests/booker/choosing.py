"""The addresses of the choice of a time, and the times on its pages."""

from datetime import date

from tests.booker.conftest import TYPE_URL


def day_url(day: date, *, zone_name: str = "Europe/Berlin", url: str = TYPE_URL) -> str:
    return f"{url}?month={day:%Y-%m}&day={day}&zone={zone_name}"


def starts_on(response) -> list[int]:
    return [row["value"] for row in response.context["times"]]
