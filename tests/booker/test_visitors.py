"""Who counts as one visitor, and limits that hold in the database."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from bookings import attempts
from bookings.attempts import Limit
from bookings.models import Attempt
from bookings.rules.refusals import Refused
from bookings.visitors import address_of, visitor_of

FEW = Limit("few", 2, 10)


def visitor(address: str, **headers: str) -> str:
    return visitor_of(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers))


def test_a_visitor_is_a_keyed_hash_of_the_address(settings) -> None:
    one = visitor("192.0.2.7")

    assert one == visitor("192.0.2.7") != visitor("192.0.2.8")
    assert len(one) == 43 and "192" not in one
    settings.LINK_KEY = "another key, as long as it has to be"
    assert visitor("192.0.2.7") != one


def test_an_ipv6_line_counts_once_and_a_mapped_address_as_itself() -> None:
    assert visitor("2001:db8:1:2::1") == visitor("2001:db8:1:2:ffff::9") != visitor("2001:db8:1:3::1")
    assert visitor("::ffff:192.0.2.7") == visitor("192.0.2.7")
    assert visitor("nonsense") == visitor("nonsense")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(settings, proxies: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": forwarded})

    assert address_of(request) == address


def test_a_limit_refuses_and_forgets(db: None) -> None:
    attempts.count(FEW, "ana")
    attempts.count(FEW, "ana")

    with pytest.raises(Refused) as refused:
        attempts.count(FEW, "ana")
    assert refused.value.code == "too_many_requests"
    assert Attempt.objects.count() == 2
    attempts.count(FEW, "ben")
    Attempt.objects.filter(who="ana").update(at=timezone.now() - timedelta(minutes=11))
    attempts.count(FEW, "ana")


def test_several_tries_count_together_or_not_at_all(db: None, django_assert_num_queries) -> None:
    other = Limit("other", 5, 10)
    attempts.count(FEW, "ana")
    attempts.count(FEW, "ana")

    with pytest.raises(Refused):
        attempts.count_all([(other, "ana"), (FEW, "ana")])
    assert not Attempt.objects.filter(scope="other").exists()
    with django_assert_num_queries(2):
        attempts.count_all([(other, "ana"), (FEW, "ben")])
