"""What every call says of an answer, or of none."""

from datetime import timedelta

import pytest

from calendars.providers.base import Busy, Failure, Gone, SignInRefused, Silent
from tests.calendars.providers.conftest import event
from tests.calendars.providers.quirks.conftest import CALLS
from tests.services.cut import BEFORE, says, waits


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("fault", "failure", "after"),
    [
        (says(401), SignInRefused, None),
        (says(429, Retry_After="90"), Busy, timedelta(seconds=90)),
        (says(503, Retry_After="999999"), Busy, timedelta(hours=6)),
        (says(503), Busy, None),
        (says(500), Silent, None),
        (says(502), Silent, None),
        (says(504, Retry_After="soon"), Silent, None),
        (says(302, Location="/login"), Silent, None),
        (BEFORE, Silent, None),
    ],
    ids=lambda value: None if callable(value) else str(getattr(getattr(value, "says", None), "status", "")),
)
def test_a_failure_is_called_what_it_is(ada, cut, work, call, fault, failure, after):
    made = ada.create(work, event())
    cut.always(fault)
    with pytest.raises(Failure) as caught:
        CALLS[call](ada, work, made)
    if call == "calendars" and fault.says and fault.says.status in (500, 302):
        # Whoever looks around asks at the next place.
        assert isinstance(caught.value, Silent | Gone)
        return
    assert (type(caught.value), caught.value.after) == (failure, after)
    assert "http" not in str(caught.value)


@pytest.mark.parametrize("call", ["read", "find", "create", "update", "delete", "written"])
def test_a_server_that_hangs_is_left(radicale, account, cut, work, call):
    made = account(radicale, url=cut.url).create(work, event())
    cut.always(waits(60))
    with pytest.raises(Silent):
        CALLS[call](account(radicale, url=cut.url, seconds=0.3), work, made)
