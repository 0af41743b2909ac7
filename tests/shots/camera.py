"""Getting a browser to a page in a state, whoever asks for it: pictures and accessibility tests alike."""

from typing import Any

from tests.services import browser as chromium
from tests.shots.cast import BOOKER_ZONE
from tests.shots.shot import Shot
from tests.shots.stage import Stage

#: What a browser says about an answer that is meant to be a refusal.
_REFUSAL = "Failed to load resource: the server responded with a status of"


class Camera:
    """A browser that looks at pages. Contexts are kept: one for each person, language, and with or without script."""

    def __init__(self, browser: Any, stage: Stage) -> None:
        self._browser = browser
        self._stage = stage
        self._pages: dict[tuple[str, str, bool], Any] = {}
        #: What the browser complained about since the last page was opened.
        self.troubles: list[str] = []

    def open(self, shot: Shot) -> Any:
        """Bring a page into the state; fails when the first answer has another status than the list says."""
        page = self._page(shot.who, has_script=shot.has_script)
        page.set_viewport_size(chromium.DESKTOP)
        self.troubles.clear()
        answer = page.goto(self._stage.site.url + shot.path(self._stage))
        assert answer.status == shot.status, f"{shot.name}: {answer.status} instead of {shot.status}"
        if shot.steps:
            shot.steps(self._stage, page)
        return page

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()

    def _page(self, who: str, *, has_script: bool) -> Any:
        language = self._stage.language
        key = (who, language, has_script)
        if key not in self._pages:
            context = self._browser.new_context(
                locale={"en": "en-GB", "de": "de-DE"}[language],
                timezone_id="Europe/Berlin" if who else BOOKER_ZONE,
                reduced_motion="reduce",
                java_script_enabled=has_script,
            )
            context.set_default_timeout(chromium.PATIENCE)
            if who:
                context.add_cookies([self._stage.cookie(who)])
            self._pages[key] = context.new_page()
            self._pages[key].on("pageerror", lambda error: self.troubles.append(str(error)))
            self._pages[key].on("console", self._hear)
        return self._pages[key]

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSAL):
            self.troubles.append(message.text)
