"""Every mail's HTML on a phone, by day and by night, compared with a picture that a person has looked at.

HUB_WRITE_GOLDENS=1 takes those anew that differ. Break: take `padding:12px 20px` from _button.html, the fill from the tag
in _when.html, or `.m-card` or `.m-soft` from the colours of the night in _layout.html, and this is red.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookings import mails
from tests.conftest import missing
from tests.mails import pictures
from tests.mails.letters import ALL, a_calendar_broken, a_team_invitation, named
from tests.services import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PICTURES = Path(__file__).parent / "goldens"
#: Mails that are about no booking.
OTHERS = {"team_invitation-member": a_team_invitation, "calendar_broken-host": a_calendar_broken}
NAMES = [*("-".join(pair) for pair in ALL), *OTHERS]


@pytest.fixture(scope="module")
def phone(browser: Any) -> Iterator[Any]:
    """A page as wide as a phone, on which no script of the mail would run; ours do."""
    context = browser.new_context(
        viewport=chromium.PHONE, device_scale_factor=pictures.SCALE, reduced_motion="reduce"
    )
    page = context.new_page()
    if not pictures.has_typeface(page):
        missing(f"the typeface {pictures.TYPEFACE}")
    yield page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_mail_looks_as_its_picture(name: str, scheme: str, phone: Any) -> None:
    delivery = OTHERS[name]() if name in OTHERS else named(name)
    found = pictures.take(phone, str(mails.compose(delivery).alternatives[0].content), scheme=scheme)
    assert phone.evaluate("document.documentElement.scrollWidth") <= chromium.PHONE["width"]
    path = PICTURES / f"{name}-{scheme}.png"
    if os.environ.get("HUB_WRITE_GOLDENS") and not (path.exists() and _is_alike(phone, path, found)):
        path.write_bytes(found)
    assert _is_alike(phone, path, found), pictures.difference(phone, path.read_bytes(), found)


def _is_alike(page: Any, path: Path, found: bytes) -> bool:
    return pictures.difference(page, path.read_bytes(), found).is_small
