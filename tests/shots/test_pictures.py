"""Take a picture of every page and state into the folder that HUB_SHOTS names, with a sheet of all of them.

English at three widths, light and dark; German at the narrowest and the widest. A picture that can't be taken fails,
and so does a page that scrolls sideways; everything else is for the eye.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shots.camera import Camera
from tests.shots.furniture import furnish
from tests.shots.pages import SHOTS
from tests.shots.sheet import Sheet
from tests.shots.shot import Shot
from tests.shots.stage import Stage
from tests.shots.theatre import *  # noqa: F403 -- the fixtures of the stage

pytestmark = pytest.mark.browser

WIDTHS = (390, 768, 1440)
HEIGHTS = {390: 844, 768: 1024, 1440: 900}
#: A page longer than this is cut: the rest looks like what is above.
LONGEST = 4000


@pytest.fixture(scope="module")
def sheet(browser: Any) -> Iterator[Sheet]:
    sheet = Sheet(Path(os.environ["HUB_SHOTS"]), browser)
    yield sheet
    sheet.finish(SHOTS)


@pytest.mark.parametrize(
    "shot", sorted(SHOTS, key=lambda shot: not shot.is_blank), ids=lambda shot: shot.name
)
def test_picture(shot: Shot, stage: Stage, camera: Camera, sheet: Sheet) -> None:
    if not shot.is_blank:
        furnish(stage)
    stage.speak("en")
    page = camera.open(shot)
    for width in WIDTHS:
        take(page, width, sheet.path(shot, "en", width, "light"), scheme="light")
        take(page, width, sheet.path(shot, "en", width, "dark"), scheme="dark")
    stage.speak("de")
    page = camera.open(shot)
    for width in (WIDTHS[0], WIDTHS[-1]):
        take(page, width, sheet.path(shot, "de", width, "light"), scheme="light")
    sheet.mount(shot)


def take(page: Any, width: int, path: Path, *, scheme: str) -> None:
    """Let the whole page be seen at once; under an open dialog, what a screen shows."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    if not page.locator("dialog[open]").count():
        for _ in range(2):  # margins that depend on the height grow with it
            high = page.evaluate("() => document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(high, LONGEST)})
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
