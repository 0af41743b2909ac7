"""How long a server wants to be left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from calendars.providers.status import wait_of

NOW = datetime(2027, 3, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("90", timedelta(seconds=90)),
        (" 0 ", timedelta(0)),
        ("9" * 40, timedelta(hours=6)),
        ("Mon, 08 Mar 2027 09:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 08 Mar 2027 08:00:00 GMT", timedelta(0)),
        ("Mon, 08 Mar 2027 10:10:00 +0100", timedelta(minutes=10)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=6)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("\u0661\u0662", None),
        ("Mon, 99 Foo 2027", None),
    ],
)
def test_the_wait_is_read_and_bounded(said, expected):
    assert wait_of(said, now=NOW) == expected
