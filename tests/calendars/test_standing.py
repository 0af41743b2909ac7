"""How a host's accounts stand together: the columns of the host, and the one mail when they break."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Delivery, Host
from bookings.rules.refusals import REFUSALS
from calendars import standing
from calendars.models import Calendar, CalendarAccount
from calendars.providers.base import Busy, Failure, Gone, Rejected, SignInRefused, Silent, Unreadable
from tests.calendars.accounts import connected, write_to
from tests.calendars.fake import Server
from tests.cast import Cast

HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Server:
    made = Server()
    made.calendar("Personal")
    made.calendar("Family")
    return made


@pytest.fixture
def account(cast: Cast, server: Server) -> CalendarAccount:
    """Ben's account, read a minute ago."""
    made = connected(cast.ben_host, server, read_at=timezone.now() - timedelta(minutes=1))
    standing.settle(cast.ben_host.pk)
    return made


def columns(cast: Cast) -> tuple[str, str, str]:
    host = Host.objects.get(pk=cast.ben_host.pk)
    return host.calendar_state, host.calendar_label, host.calendar_cause


def told() -> int:
    return Delivery.objects.filter(kind="calendar_broken").count()


def age(account: CalendarAccount, **fields: Any) -> None:
    """Let some of its times have been so long ago."""
    now = timezone.now()
    CalendarAccount.objects.filter(pk=account.pk).update(**{name: now - ago for name, ago in fields.items()})


def test_a_connected_account_is_in_step(cast: Cast, account: CalendarAccount) -> None:
    assert columns(cast) == ("ok", "Family (Nextcloud)", "")
    host = Host.objects.get(pk=cast.ben_host.pk)
    assert host.busy_as_of == account.read_at
    assert not host.has_write_calendar


def test_the_write_calendar_gives_its_name(cast: Cast, account: CalendarAccount) -> None:
    write_to(account.calendars.get(name="Personal"))
    standing.settle(cast.ben_host.pk)
    assert columns(cast)[1] == "Personal (Nextcloud)"
    assert Host.objects.get(pk=cast.ben_host.pk).has_write_calendar
    Calendar.objects.update(written_for=None)
    standing.settle(cast.ben_host.pk)
    assert not Host.objects.get(pk=cast.ben_host.pk).has_write_calendar


@pytest.mark.parametrize(("failure", "cause"), [(SignInRefused(), "refused"), (Gone(), "gone")])
def test_what_waiting_does_not_mend_is_told_at_once(
    cast: Cast, account: CalendarAccount, failure: Any, cause: str
) -> None:
    """Break: let `cause_of` have patience with everything."""
    standing.failed(account.pk, failure)
    assert columns(cast) == ("broken", "Family (Nextcloud)", cause)
    standing.failed(account.pk, failure)
    assert told() == 1


@pytest.mark.parametrize("failure", [Silent(), Busy(), Unreadable()])
def test_a_server_is_waited_for_an_hour(cast: Cast, account: CalendarAccount, failure: Any) -> None:
    """Break: set PATIENCE to nothing, and a host is mailed for a server that restarts."""
    standing.failed(account.pk, failure)
    age(account, failing_since=HOUR - timedelta(minutes=2))
    standing.failed(account.pk, failure)
    assert columns(cast)[0] == "ok"
    assert told() == 0
    age(account, failing_since=HOUR)
    standing.failed(account.pk, failure)
    assert columns(cast)[0] == "broken"
    assert told() == 1
    standing.worked(account.pk)
    assert columns(cast) == ("ok", "Family (Nextcloud)", "")
    account.refresh_from_db()
    assert (account.state, account.error, account.failures, account.failing_since) == ("ok", "", 0, None)


def test_the_hour_begins_with_the_first_failure(cast: Cast, account: CalendarAccount) -> None:
    """Nothing was read for hours as no worker ran; its first try fails, and no hour has passed since.

    Break: count from the last reading.
    """
    age(account, read_at=5 * HOUR)
    standing.failed(account.pk, Silent())
    assert columns(cast)[0] == "ok"


def test_what_says_nothing_of_the_account_leaves_it_alone(cast: Cast, account: CalendarAccount) -> None:
    standing.failed(account.pk, Rejected())
    account.refresh_from_db()
    assert (account.state, account.failing_since) == ("ok", None)
    assert columns(cast)[0] == "ok"


def test_one_calendar_of_an_account_can_be_lost(cast: Cast, account: CalendarAccount) -> None:
    personal = account.calendars.get(name="Personal")
    standing.lost(personal.pk, Gone())
    assert columns(cast) == ("broken", "Personal (Nextcloud)", "gone")
    Calendar.objects.filter(pk=personal.pk).update(counts_as_busy=False)
    standing.settle(cast.ben_host.pk)
    assert columns(cast) == ("ok", "Family (Nextcloud)", "")


def test_the_oldest_of_what_counts_decides(cast: Cast, account: CalendarAccount) -> None:
    """Break: take the newest reading, and six hours of one calendar hide behind the other."""
    other = Server("https://other.example.org/")
    other.calendar("Work")
    second = connected(cast.ben_host, other, name="Office", read_at=timezone.now() - 7 * HOUR)
    standing.settle(cast.ben_host.pk)
    assert columns(cast)[0] == "stale"
    assert Host.objects.get(pk=cast.ben_host.pk).busy_as_of == second.read_at
    second.calendars.update(counts_as_busy=False)
    standing.settle(cast.ben_host.pk)
    assert columns(cast)[0] == "ok"
    standing.failed(second.pk, SignInRefused())
    assert columns(cast)[0] == "ok"


def test_a_file_and_what_is_only_shown_connect_nothing(cast: Cast, account: CalendarAccount) -> None:
    CalendarAccount.objects.create(host=cast.ben_host, kind="file", state="unreadable").calendars.create(
        name="Kept", hue=1
    )
    account.calendars.update(counts_as_busy=False)
    standing.settle(cast.ben_host.pk)
    assert columns(cast) == ("none", "", "")
    account.delete()
    standing.settle(cast.ben_host.pk)
    assert told() == 0


def test_whatever_a_provider_raises_has_words_for_its_host() -> None:
    """Break: raise `Unreadable("packed")` somewhere, and the page that asked falls over."""
    folder = Path(standing.__file__).parent
    sources = [folder / "remote.py", *folder.glob("providers/*.py")]
    named = re.compile(r"(?:Gone|Unreadable|Rejected|Silent|Busy|SignInRefused|Conflict)\(\s*\"(\w+)\"")
    codes = {code for source in sources for code in named.findall(source.read_text())}
    codes |= {kind.code for kind in Failure.__subclasses__()}
    assert {"calendar_key_gone", "calendar_address", "calendar_silent"} < codes
    assert codes - set(REFUSALS) == set()
