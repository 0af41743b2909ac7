"""What servers and networks do that the three real ones do not do by themselves: said, or left out, by a proxy before one."""

import pytest

from tests.calendars.providers.conftest import event, window

CALLS = {
    "calendars": lambda ada, work, made: ada.calendars(),
    "read": lambda ada, work, made: ada.read(work, window(), token=""),
    "find": lambda ada, work, made: ada.find(work, made.link),
    "create": lambda ada, work, made: ada.create(work, event()),
    "update": lambda ada, work, made: ada.update(work, made, event(link=made.link, revision=9)),
    "delete": lambda ada, work, made: ada.delete(work, made),
    "written": lambda ada, work, made: ada.written(work, window()),
}


@pytest.fixture
def cut(radicale, cut_before):
    return cut_before(radicale)


@pytest.fixture
def ada(radicale, account, cut):
    return account(radicale, url=cut.url)


@pytest.fixture
def stored(radicale):
    """A calendar of Ada's, as it is called without the proxy."""
    return radicale.make("ada", "work", "Work")


@pytest.fixture
def work(stored, cut):
    return cut.through(stored)
