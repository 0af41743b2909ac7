"""Settings that mails depend on, and the ways a test reads one."""

from collections.abc import Callable
from typing import Any

import pytest

from bookings import mails
from bookings.models import Delivery
from tests.oracles.mail import Mail, read_mail


@pytest.fixture(autouse=True)
def _known_hub(settings: Any) -> None:
    """A hub whose addresses and links are the same in every run."""
    settings.BASE_URL = "https://book.solar.example"
    settings.LINK_KEY = "link-key-of-the-tests-which-is-long-enough"
    settings.DEFAULT_FROM_EMAIL = "Booking Hub <booking@hub.example>"
    settings.HUB_ORGANIZER = "booking@hub.example"
    settings.HUB_MAIL_DOMAIN = "hub.example"


@pytest.fixture
def written(db: None) -> Callable[[Delivery], Mail]:
    """Compose the mail of a delivery, as the octets that an SMTP server would be given, and read it back."""

    def read(delivery: Delivery) -> Mail:
        return read_mail(mails.compose(delivery).message().as_bytes(linesep="\r\n"))

    return read


@pytest.fixture
def smtp_settings(smtp: Any, settings: Any) -> Any:
    """Send through the catcher; returns it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = smtp.host, smtp.port
    return smtp
