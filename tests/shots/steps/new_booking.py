"""How far a new booking is filled in before the picture, and whom it is for."""

from collections.abc import Callable

from bookings import lifecycle
from bookings.models import BookingType
from tests.shots.deeds import first_free
from tests.shots.shot import Page
from tests.shots.stage import Stage
from tests.shots.steps.pressing import click


def answers(kind: Callable[[Stage], BookingType]) -> Callable[[Stage], str]:
    """The address of a new booking of a type, answered but for the booker: the first free time, the next fair host."""

    def query(stage: Stage) -> str:
        time = first_free(kind(stage))
        place = time.location.pk if time.location else ""
        start = int(time.starts_at.timestamp()) // 60
        return f"?type={time.booking_type.pk}&location={place}&start={start}&host="

    return query


def book_nothing(_stage: Stage, page: Page) -> None:
    click(page, "#new-booking button.primary")


def name_no_time(_stage: Stage, page: Page) -> None:
    page.locator("details.more summary").click()
    page.locator("[name=other_time]").fill("10:00")
    click(page, "details.more button")


def go_back_to_time(_stage: Stage, page: Page) -> None:
    page.locator("[name=name]").fill("Zoë Lefèvre")
    click(page, ".steps li:nth-child(2) button")


def book_over_another(stage: Stage, page: Page) -> None:
    """Somebody else takes the time while the form is filled in."""
    page.locator("#new-booking [name=name]").fill("Zoë Lefèvre")
    time = first_free(stage.free)
    booker = lifecycle.Booker(name="Omar Field", email="omar@field.example", zone="Europe/Berlin")
    lifecycle.book(time, booker, actor=lifecycle.booker(booker.name))
    click(page, "#new-booking button.primary")


def type_a_name(_stage: Stage, page: Page) -> None:
    page.locator("#contact-words").press_sequentially("an")
    page.locator("[role=option]").first.wait_for()
    page.locator("#contact-words").press("ArrowDown")
