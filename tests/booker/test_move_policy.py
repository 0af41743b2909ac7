"""What may not be moved by its booker: by the policy, at the end, and where the type is closed."""

import pytest

from bookings.models import Booking, BookingType, Hold
from tests.booker.conftest import Booker, confirm, page_of
from tests.booker.moving import choose, form_for
from tests.cast import Cast, at


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
