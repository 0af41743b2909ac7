"""Every page and state is usable by everybody: axe-core finds nothing, nothing scrolls sideways, every target can be hit.

Each is looked at wide and narrow, light and dark, and narrow in German, whose words are longer. The list of pages is that
of the pictures (tests/shots/pages).
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.journeys.axe import layout, violations
from tests.services import browser as chromium
from tests.shots.camera import Camera
from tests.shots.furniture import furnish
from tests.shots.pages import SHOTS
from tests.shots.shot import Shot
from tests.shots.stage import Stage
from tests.shots.theatre import *  # noqa: F403 -- the fixtures of the stage

pytestmark = pytest.mark.browser

#: Mails are tables on purpose, shown in programs with rules of their own; tests/mails looks after them.
LOOKED_AT = [shot for shot in SHOTS if shot.view != "dev_mail:html"]


@pytest.mark.parametrize(
    "shot",
    sorted(LOOKED_AT, key=lambda shot: not shot.is_blank),
    ids=lambda shot: shot.name,
)
def test_page_is_usable_by_everybody(shot: Shot, stage: Stage, camera: Camera, axe_source: str) -> None:
    # Without script axe could not run; what stands in the page is the same.
    shot = replace(shot, has_script=True)
    if not shot.is_blank:
        furnish(stage)
    stage.speak("en")
    page = camera.open(shot)
    found = [*look(page, axe_source), *camera.troubles]
    stage.speak("de")
    page = camera.open(shot)
    page.set_viewport_size(chromium.PHONE)
    found += [f"German: {one}" for one in [*layout(page), *camera.troubles]]
    assert found == []


def look(page: Any, axe_source: str) -> list[str]:
    """All rules wide and light, all rules narrow and dark, and the colours wide and dark: what light and narrow adds is size."""
    page.emulate_media(color_scheme="light")
    _to_the_first_hour(page)
    found = [*violations(page, axe_source), *layout(page)]
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in violations(page, axe_source, rules=("color-contrast",))]
    page.set_viewport_size(chromium.PHONE)
    if not page.locator("dialog[open]").count():
        # All of the page at once: the bar at the bottom covers whatever happens to lie below it.
        high = page.evaluate("() => document.documentElement.scrollHeight")
        page.set_viewport_size({**chromium.PHONE, "height": high})
    _to_the_first_hour(page)
    found += [f"narrow: {one}" for one in [*violations(page, axe_source), *layout(page)]]
    return list(dict.fromkeys(found))


def _to_the_first_hour(page: Any) -> None:
    """A grid that has followed the clock has hours half below its head, which nobody has to hit there."""
    page.evaluate("() => document.querySelectorAll('.time-grid').forEach((grid) => { grid.scrollTop = 0; })")
