"""Two tabs, or two people, at one form of set-up: who comes second is told, and overwrites only what they mean to."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from bookings.models import BookingType, Host, Question
from tests.cast import Cast
from tests.setup.test_hours import week
from tests.setup.test_types import typed

OVERTAKEN = "This was changed meanwhile, perhaps by you in another tab. Nothing was saved"


def mark_on(page: HttpResponse) -> str:
    found = re.search(r'name="standing" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def test_a_type_changed_in_another_tab_is_not_overwritten(cast: Cast, ada: Client) -> None:
    """Break: leave `is_overtaken` out of `_edit`, and the second tab takes the lengths of the first back."""
    url = f"/types/{cast.demo.pk}/"
    mark = mark_on(ada.get(url))
    assert ada.post(url, typed(cast, lengths="20, 40", standing=mark)).status_code == 302

    late = ada.post(url, typed(cast, description="From the other tab", standing=mark))
    assert late.status_code == 409
    assert OVERTAKEN in late.content.decode() and "From the other tab" in late.content.decode()
    kind = BookingType.objects.get(pk=cast.demo.pk)
    assert (kind.durations, kind.description) == ([20, 40], "")

    meant = ada.post(url, typed(cast, description="From the other tab", standing=mark_on(late)))
    assert meant.status_code == 302
    assert BookingType.objects.get(pk=cast.demo.pk).description == "From the other tab"


@pytest.mark.parametrize("what", ["hosts", "questions", "places", "price"])
def test_all_of_a_type_counts(cast: Cast, ada: Client, what: str) -> None:
    url = f"/types/{cast.demo.pk}/"
    mark = mark_on(ada.get(url))
    assert mark_on(ada.get(url)) == mark
    change: dict[str, Any] = {
        "hosts": lambda: cast.demo.type_hosts.update(weight=3),
        "questions": lambda: Question.objects.create(booking_type=cast.demo, label="Roof?", position=0),
        "places": lambda: cast.demo.locations.clear(),
        "price": lambda: BookingType.objects.update(price_cents=900, currency="EUR"),
    }
    change[what]()
    assert mark_on(ada.get(url)) != mark


def test_what_was_refused_or_only_looked_at_is_saved_as_it_was_meant(cast: Cast, ada: Client) -> None:
    url = f"/types/{cast.demo.pk}/"
    mark = mark_on(ada.get(url))
    wrong = ada.post(url, typed(cast, name="", standing=mark))
    assert (wrong.status_code, mark_on(wrong)) == (422, mark)
    looked = ada.post(url, typed(cast, standing=mark) | {"show-preview": "1"})
    assert (looked.status_code, mark_on(looked)) == (200, mark)
    assert ada.post(url, typed(cast, description="Yes", standing=mark)).status_code == 302


def test_hours_changed_in_another_tab_are_not_overwritten(cast: Cast, ada: Client) -> None:
    """Break: leave `is_overtaken` out of `_week`, and the second tab takes Monday back."""
    url = f"/hours/{cast.ben_host.pk}/"
    mark = mark_on(ada.get(url))
    first, second = week(mon=[("09:00", "16:00")]), week(tue=[("10:00", "12:00")])
    assert ada.post(url, first | {"standing": mark}).status_code == 302
    stood = Host.objects.get(pk=cast.ben_host.pk).weekly_hours

    late = ada.post(url, second | {"standing": mark})
    assert late.status_code == 409 and OVERTAKEN in late.content.decode()
    assert Host.objects.get(pk=cast.ben_host.pk).weekly_hours == stood
    assert ada.post(url, second | {"standing": mark_on(late)}).status_code == 302
    assert Host.objects.get(pk=cast.ben_host.pk).weekly_hours != stood
