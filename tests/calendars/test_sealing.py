"""What is kept sealed: it opens with every key that is still there, is sealed anew with the first, and without any it is noise."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from calendars import reseal, sealing
from calendars.models import Access, CalendarAccount, CalendarEvent, KeptFile
from tests.calendars.test_read import DENTIST, add, meeting
from tests.cast import Cast

LINK, OLD, NEW = (f"{name} key, as long as it has to be for a test of what is sealed" for name in "LON")
PASSWORD = "correct-horse-battery-staple"
ADDRESS = "https://cloud.private.example/dav/"


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.LINK_KEY, settings.HUB_SEAL_KEYS = LINK, []


@pytest.fixture
def kept(cast: Cast) -> CalendarAccount:
    """A file with an event, and an account with a password."""
    add(cast, meeting(10))
    secret = CalendarAccount.sealed(Access(ADDRESS, "ben-at-cloud", PASSWORD))
    return CalendarAccount.objects.create(host=cast.ben_host, kind="caldav", secret=secret)


def opened() -> tuple[object, ...]:
    """Whatever can be opened at present: an account, a title, a file."""
    account = CalendarAccount.objects.get(kind="caldav")
    content = sealing.unseal(KeptFile.objects.get().content)
    return (
        account.access and account.access.password,
        CalendarEvent.objects.get().opened[0],
        content is not None,
    )


ALL, NOTHING = (PASSWORD, DENTIST, True), (None, "", False)


def run(capsys: Any) -> list[str]:
    call_command("reseal")
    return capsys.readouterr().out.splitlines()


def test_what_was_sealed_before_there_were_keys_still_opens(kept: CalendarAccount, settings: Any) -> None:
    settings.HUB_SEAL_KEYS = [NEW]
    assert opened() == ALL
    assert not sealing.is_sealed_anew(kept.secret)
    assert sealing.is_sealed_anew(sealing.seal(b"new"))


def test_everything_is_sealed_anew_and_earlier_keys_can_go(
    kept: CalendarAccount, settings: Any, capsys: Any
) -> None:
    """Break: leave one of SEALED out, and what it holds is lost with the old key."""
    settings.HUB_SEAL_KEYS = [NEW, OLD]
    assert run(capsys) == [
        "Accounts: 1 sealed anew, 0 were already.",
        "Kept files: 1 sealed anew, 0 were already.",
        "Titles of events: 1 sealed anew, 0 were already.",
        "Everything is sealed with the first key; the earlier ones can be taken away.",
    ]
    assert run(capsys)[0] == "Accounts: 0 sealed anew, 1 were already."
    settings.HUB_SEAL_KEYS, settings.LINK_KEY = [NEW], f"another {LINK}"
    assert opened() == ALL
    settings.HUB_SEAL_KEYS = [OLD]
    assert opened() == NOTHING


def test_what_can_not_be_opened_is_told_and_left(kept: CalendarAccount, settings: Any, capsys: Any) -> None:
    before = bytes(kept.secret)
    settings.LINK_KEY = f"another {LINK}"
    with pytest.raises(SystemExit) as end:
        call_command("reseal")
    assert end.value.code == 1
    said = capsys.readouterr().out
    assert f"Accounts: 0 sealed anew, 0 were already, 1 can't be opened (numbers {kept.pk})." in said
    kept.refresh_from_db()
    assert bytes(kept.secret) == before


def test_it_may_be_stopped_in_between(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break: seal all rows in one transaction, and a stop takes back what was done."""
    add(cast, *(meeting(hour) for hour in range(8, 18)))
    settings.HUB_SEAL_KEYS = [NEW]
    monkeypatch.setattr(reseal, "SEALED", (("Titles", CalendarEvent, "words", 4),))
    real, seen = reseal._one, []

    def stops(*args: Any) -> None:
        seen.append(args)
        if len(seen) == 6:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr(reseal, "_one", stops)
    with pytest.raises(KeyboardInterrupt):
        list(reseal.reseal())
    monkeypatch.setattr(reseal, "_one", real)
    [count] = reseal.reseal()
    assert (count.anew, count.before, count.lost) == (6, 4, [])


def test_what_somebody_writes_meanwhile_stays(kept: CalendarAccount, settings: Any) -> None:
    """A host signs in anew between the look and the write. Break: write by the number alone."""
    settings.HUB_SEAL_KEYS = [NEW]
    [seen] = reseal._some(CalendarAccount, "secret", after=0, most=10)
    newer = CalendarAccount.sealed(Access(ADDRESS, "ben-at-cloud", "newer"))
    CalendarAccount.objects.filter(pk=kept.pk).update(secret=newer)
    count = reseal.Count(reseal.SEALED[0][0])
    reseal._one(CalendarAccount, "secret", *seen, count)
    kept.refresh_from_db()
    assert kept.access is not None
    assert (kept.access.password, count.anew) == ("newer", 0)


def test_a_copy_of_the_database_opens_nothing(kept: CalendarAccount) -> None:
    """Break: keep an account's user name in a column of its own."""
    dump = b""
    with connection.cursor() as cursor:
        for table in {model._meta.db_table for model in apps.get_models()}:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                dump += b"\n".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )
    assert b"Ben Okafor" in dump
    for secret in (PASSWORD, ADDRESS, "cloud.private", "ben-at-cloud", "Dentist", "root canal", LINK):
        assert secret.encode() not in dump
