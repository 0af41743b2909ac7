"""The stage as fixtures: put up once for a whole module of tests, from an empty database, and away at the end.

A module takes part by importing them. `transactional_db` stands in for the fixture of that name, which would empty the
database after each test: furnishing the stage takes longer than most pictures.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from bookinghub.environment import Inbox
from tests.services.asgi import LiveSite
from tests.shots.camera import Camera
from tests.shots.stage import Stage

__all__ = ["camera", "served_stage", "stage", "transactional_db"]


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield
        assert "test" in str(connection.settings_dict["NAME"]), "only a database made for tests is emptied"
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def served_stage(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The site, with its troubles, over an empty database."""
    site = LiveSite()
    with override_settings(
        ROOT_URLCONF="tests.shots.urls",
        BASE_URL=site.url,
        CSRF_TRUSTED_ORIGINS=[site.url],
        # Answers to invitations are shown; no mailbox is ever asked.
        HUB_INBOX=Inbox("127.0.0.1", 1, "answers", "", "INBOX", ""),
        HUB_INBOX_ADDRESS="answers@hub.example",
    ):
        site.start()
        yield Stage(site, tmp_path_factory.mktemp("mail"))
        site.stop()


@pytest.fixture
def stage(served_stage: Stage, settings: Any) -> Stage:
    """The stage, empty until somebody furnishes it."""
    settings.MAIL_DIR = served_stage.mail_folder
    return served_stage


@pytest.fixture(scope="module")
def camera(browser: Any, served_stage: Stage) -> Iterator[Camera]:
    camera = Camera(browser, served_stage)
    yield camera
    camera.close()
