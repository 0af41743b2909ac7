"""Private links: of a type, and those that book once. Who may come in by them, and what becomes of them."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookings import lifecycle, links, private_links
from bookings.models import Booking, Hold, SingleUseLink
from bookings.private_links import Facts
from bookings.rules.refusals import Refused
from tests.booker.conftest import Booker, form_value
from tests.cast import Cast, at, day_ahead


def private_path(cast: Cast) -> str:
    private_links.renew(cast.demo)
    return f"/private/{links.private_token(cast.demo)}/"


def make_once(cast: Cast, facts: Facts = Facts()) -> tuple[SingleUseLink, str]:  # noqa: B008 - frozen
    link = private_links.make(cast.demo, facts, by=cast.ben)
    return link, f"/once/{links.once_token(link)}/"


def close(cast: Cast) -> None:
    cast.demo.is_active = cast.demo.is_listed = False
    cast.demo.save(update_fields=["is_active", "is_listed"])


# -- The private link of a type ------------------------------------------------------------------------------------------


def test_a_closed_type_is_booked_by_its_private_link(cast: Cast, booker: Booker) -> None:
    path = private_path(cast)
    close(cast)
    assert booker.get("/heliograf/product-demo/").status_code == 404

    assert booker.get(path).status_code == 200
    form = booker.form_for(at(10), url=path)
    assert form.startswith(f"{path}details/?form=")
    assert booker.send(form)["Location"].startswith("/m/")
    assert Booking.objects.get().booker_name == "Zoë Lefèvre"


def test_the_form_of_a_private_link_is_worth_nothing_at_the_closed_address(
    cast: Cast, booker: Booker
) -> None:
    """Break: let `lifecycle.book` take the type as open whatever the admission."""
    form = booker.form_for(at(10), url=private_path(cast))
    close(cast)
    response = booker.send(f"/heliograf/product-demo/details/?form={form_value(form)}")
    assert response.status_code == 404
    assert not Booking.objects.exists()


def test_a_new_private_link_ends_the_old_one(cast: Cast, booker: Booker) -> None:
    old = private_path(cast)
    form = booker.form_for(at(10), url=old)
    new = private_path(cast)
    assert old != new
    assert booker.get(old).status_code == 404
    assert booker.send(form).status_code == 404
    assert booker.get(new).status_code == 200
    private_links.end(cast.demo)
    assert booker.get(new).status_code == 404
    assert not Booking.objects.exists()


def test_a_private_link_that_ends_while_the_form_is_sent_books_nothing(cast: Cast) -> None:
    admission = lifecycle.PrivateLink(cast.demo.link_nonce)
    time = lifecycle.Time(cast.demo, cast.place, at(10), 30)
    with pytest.raises(Refused) as refused:
        lifecycle.book(time, lifecycle.Booker("Zoë"), actor=lifecycle.booker("Zoë"), admission=admission)
    assert refused.value.code == "booking_link_revoked"


@pytest.mark.parametrize("path", ["/private/1-absent/", "/once/1-absent/", "/private/x/", "/once/%00/"])
def test_a_link_that_is_none_is_404(cast: Cast, booker: Booker, path: str) -> None:
    assert booker.get(path).status_code == 404
    assert booker.get(f"{path}details/").status_code == 404
    assert booker.client.post(f"{path}hold/", {"start": "1"}).status_code == 404


def test_a_link_is_of_one_purpose(cast: Cast, booker: Booker) -> None:
    """Break: leave the purpose out of `links.token_for`."""
    private_links.renew(cast.demo)
    link, _ = make_once(cast)
    foreign = links.token_for(links.PRIVATE, pk=link.pk, nonce=link.nonce)
    assert booker.get(f"/once/{foreign}/").status_code == 404
    foreign = links.token_for(links.ONCE, pk=cast.demo.pk, nonce=cast.demo.link_nonce)
    assert booker.get(f"/private/{foreign}/").status_code == 404


def test_guessing_is_limited(cast: Cast, booker: Booker, settings: Any) -> None:
    settings.HUB_LIMITS_TIMES = 0
    assert booker.get("/private/1-absent/").status_code == 429


def test_the_address_is_told_to_nobody(cast: Cast, booker: Booker, caplog: pytest.LogCaptureFixture) -> None:
    _, once = make_once(cast)
    with caplog.at_level(logging.INFO):
        for path in (private_path(cast), once):
            form = booker.form_for(at(10), url=path)
            for page in (
                booker.get(path),
                booker.get(form),
                booker.press(at(11), url=path),
                booker.post(f"{path}hold/", {}),
            ):
                assert page.headers["Referrer-Policy"] == "no-referrer"
                assert "no-store" in page.headers["Cache-Control"]
                assert "noindex" in page.headers["X-Robots-Tag"]
            assert '<meta name="referrer" content="no-referrer">' in booker.get(path).content.decode()
            Hold.objects.all().delete()
        logging.getLogger("bookinghub").error("Something about %s", once)
    from bookinghub.logging import NoLinks

    record = logging.LogRecord("x", logging.INFO, "x", 1, f"GET {once} and /private/2-abc/details/", (), None)
    NoLinks().filter(record)
    assert record.getMessage() == "GET /once/…/ and /private/…/details/"


# -- Links that book once ------------------------------------------------------------------------------------------------


def test_a_single_use_link_books_once(cast: Cast, booker: Booker) -> None:
    close(cast)
    link, path = make_once(cast, Facts(name="Zoë Lefèvre", email="zoe@riviere.example", note="secret note"))
    first, second = booker.form_for(at(10), url=path), booker.form_for(at(12), url=path)
    page = booker.get(first).content.decode()
    assert 'value="Zoë Lefèvre"' in page
    assert 'value="zoe@riviere.example"' in page
    assert "secret note" not in page

    done = booker.send(first)
    again = booker.send(second)

    assert done.status_code == 303
    assert again.status_code == 410
    assert "it books once" in again.content.decode()
    assert [
        page.status_code for page in (booker.get(path), booker.press(at(14), url=path), booker.get(second))
    ] == [410] * 3
    link.refresh_from_db()
    assert (link.chain, link.state_at(timezone.now())) == (Booking.objects.get().chain, "used")


def test_sending_twice_is_answered_with_the_one_booking(cast: Cast, booker: Booker) -> None:
    _, path = make_once(cast)
    form = booker.form_for(at(10), url=path)
    first, second = booker.send(form), booker.send(form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert "This form was sent" in booker.get(form).content.decode()


def test_a_cancelled_booking_gives_no_link_back(cast: Cast, booker: Booker) -> None:
    _, path = make_once(cast)
    booker.send(booker.form_for(at(10), url=path))
    booking = Booking.objects.get()
    lifecycle.cancel_by_booker(booking.pk, version=booking.version, name="Zoë", reason="")
    assert booker.get(path).status_code == 410


def test_a_link_that_ran_out_or_was_taken_back_says_so(cast: Cast, booker: Booker) -> None:
    soon = Facts(expires_at=timezone.now() + timedelta(minutes=5))
    late, late_path = make_once(cast, soon)
    gone, gone_path = make_once(cast)
    forms = [booker.form_for(at(10), url=late_path), booker.form_for(at(12), url=gone_path)]
    SingleUseLink.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    assert private_links.revoke(gone, now=timezone.now())
    pages = [booker.get(late_path), booker.get(gone_path), *(booker.send(form) for form in forms)]
    words = [page.content.decode() for page in pages]
    assert [page.status_code for page in pages] == [410] * 4
    assert ["has run out" in word for word in words] == [True, False, True, False]
    assert ["was taken back" in word for word in words] == [False, True, False, True]
    assert not Booking.objects.exists()


def test_a_lost_race_for_the_time_uses_nothing_up(cast: Cast, booker: Booker) -> None:
    link, path = make_once(cast)
    form = booker.form_for(at(10), url=path)
    Hold.objects.all().delete()
    cast.book(hour=10)
    assert booker.send(form).status_code == 409
    link.refresh_from_db()
    assert link.used_at is None
    assert booker.send(booker.form_for(at(12), url=path)).status_code == 303


def test_a_type_that_was_put_away_is_booked_by_no_link(cast: Cast, booker: Booker) -> None:
    path = private_path(cast)
    _, once = make_once(cast)
    cast.demo.archived_at = timezone.now()
    cast.demo.save()
    assert booker.get(path).status_code == 410
    assert booker.get(once).status_code == 410


def test_pages_of_links_are_found_in_few_queries(
    cast: Cast, booker: Booker, django_assert_num_queries: Any
) -> None:
    path = private_path(cast)
    _, once = make_once(cast)
    month = f"?month={day_ahead(3):%Y-%m}"
    with django_assert_num_queries(5):
        booker.get(path + month)
    with django_assert_num_queries(5):
        booker.get(once + month)
