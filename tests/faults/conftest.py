"""A mail catcher, the hub's processes as they run on this database, and a cast that can be booked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.cast import Cast, gather, make_type
from tests.faults.running import Hub
from tests.oracles.smtp_catcher import Catcher


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The cast in committed rows, with a type that is confirmed at once, one that asks first and one that picks its host."""
    cast = gather()
    make_type(
        cast.team,
        cast.ben_host,
        cast.cleo_host,
        name="Ask first",
        location=cast.place,
        approval="always",
        assignment="collective",
    )
    hosts = (cast.ben_host, cast.cleo_host)
    make_type(cast.team, *hosts, name="Either", location=cast.place, assignment="round_robin")
    return cast


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    """A mail server that outlives every process of the hub."""
    (tmp_path / "caught").mkdir()
    with Catcher(folder=tmp_path / "caught") as catcher:
        yield catcher


@pytest.fixture
def hub(cast: Cast, catcher: Catcher, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hub]:
    """The hub on this database, not started yet."""
    redis = request.getfixturevalue("redis_server") if django_settings.IS_POSTGRES else None
    hub = Hub(catcher.port, tmp_path, redis)
    yield hub
    hub.stop()
    print(hub.log[-6000:] if (tmp_path / "hub.log").exists() else "")
