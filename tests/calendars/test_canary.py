"""The daily test of writing leaves nothing behind, and its account shows how it went."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from calendars import canary
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import Failure, Rejected, SignInRefused
from tests.calendars.desk import Desk

DAY = timedelta(days=1)


def account_of(desk: Desk) -> CalendarAccount:
    return Calendar.objects.get(written_for=desk.cast.ben_host).account


class Killed(BaseException):
    """The worker dies."""


def test_it_writes_reads_and_deletes(desk: Desk) -> None:
    account = account_of(desk)
    canary.test(account.pk)
    assert desk.calls(desk.ben) == ["create", "find", "delete"]
    assert desk.copies(desk.ben) == []
    account.refresh_from_db()
    assert (account.canary_error, account.canary_href) == ("", "")
    assert account.canary_at is not None


@pytest.mark.parametrize("failure", [Rejected(), SignInRefused()])
def test_a_failure_is_shown_until_it_goes_well(desk: Desk, failure: Failure) -> None:
    account = account_of(desk)
    desk.ben.fail(failure)
    canary.test(account.pk)
    account.refresh_from_db()
    assert account.canary_error == failure.code
    canary.test(account.pk)
    account.refresh_from_db()
    assert (account.canary_error, desk.copies(desk.ben)) == ("", [])


@pytest.mark.parametrize("verb", ["create", "find", "delete"])
@pytest.mark.parametrize("is_carried_out", [False, True])
def test_one_that_was_killed_leaves_nothing_behind(desk: Desk, verb: str, is_carried_out: bool) -> None:
    """Broken by hand: _try() without writing down where; the test event stood for ever."""
    account, seen = account_of(desk), []

    def kill(asked: str) -> None:
        if is_carried_out and seen and seen[-1] == verb:
            raise Killed
        seen.append(asked)
        if not is_carried_out and asked == verb:
            raise Killed

    desk.ben.meanwhile = kill
    if verb == "delete" and is_carried_out:
        desk.ben.meanwhile = lambda asked: desk.ben.lose_answers() if asked == "delete" else None
        canary.test(account.pk)
    else:
        with pytest.raises(Killed):
            canary.test(account.pk)
    desk.ben.meanwhile = lambda verb: None
    later = timezone.now() + timedelta(hours=1)
    assert account.pk in canary.due(now=later)
    canary.test(account.pk)
    assert desk.copies(desk.ben) == []
    assert account.pk not in canary.due(now=later)


def test_it_is_due_at_night_or_late(desk: Desk) -> None:
    account = account_of(desk)
    noon, night = datetime(2027, 5, 3, 10, tzinfo=UTC), datetime(2027, 5, 4, 1, tzinfo=UTC)
    assert account.pk in canary.due(now=noon)
    CalendarAccount.objects.update(canary_at=noon - DAY)
    assert canary.due(now=noon) == []
    CalendarAccount.objects.update(canary_at=night - DAY)
    assert account.pk in canary.due(now=night)
    CalendarAccount.objects.update(canary_at=noon - 2 * DAY)
    assert account.pk in canary.due(now=noon)


def test_without_a_calendar_to_write_to_there_is_none(desk: Desk) -> None:
    Calendar.objects.update(written_for=None)
    assert canary.due(now=timezone.now()) == []
