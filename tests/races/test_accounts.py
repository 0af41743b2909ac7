"""A host changes something of an account while it is being read: one waits for the other, and nobody waits in a circle."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from bookings.models import BusyTime
from calendars import accounts
from calendars.models import Calendar, CalendarAccount
from tests.calendars.accounts import connected
from tests.calendars.fake import Server
from tests.cast import Cast

pytestmark = pytest.mark.postgres


#: Locks of this database that somebody waits for; the list of activities would stay the same for the whole transaction.
_WAITED_FOR = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
        SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database()
    )
"""


def is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR)
        return bool(cursor.fetchone()[0])


def choose(account: CalendarAccount) -> None:
    accounts.choose(account, list(account.calendars.select_related("account")), write_to=None)


@pytest.mark.parametrize("deed", [choose, accounts.disconnect], ids=["choose", "disconnect"])
def test_a_reading_that_is_stored_goes_first(
    cast: Cast, deed: Callable[[CalendarAccount], None], caplog: pytest.LogCaptureFixture
) -> None:
    """The reading holds its calendar and comes to the host last, with its busy time. Break: let `_lock` begin with the host,
    and the database ends one of the two after a second."""
    caplog.set_level(logging.INFO, "bookings.lifecycle.step")
    server = Server()
    server.calendar()
    account = connected(cast.ben_host, server)
    calendar = account.calendars.get()
    failures: list[BaseException] = []

    def change() -> None:
        try:
            deed(CalendarAccount.objects.get(pk=account.pk))
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    thread = threading.Thread(target=change, daemon=True)
    with transaction.atomic():
        list(CalendarAccount.objects.select_for_update().filter(pk=account.pk))
        list(Calendar.objects.select_for_update().filter(pk=calendar.pk))
        thread.start()
        until = time.monotonic() + 60
        while not is_waited_for():
            assert thread.is_alive(), failures
            assert time.monotonic() < until
            time.sleep(0.01)
        BusyTime.objects.create(
            host=cast.ben_host, owner=calendar.owner, starts=1, ends=2, source="external", exclusive=False
        )
    thread.join(60)
    assert failures == []
    assert "starts over" not in caplog.text
    assert BusyTime.objects.filter(source="external").count() == 0
