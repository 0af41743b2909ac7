"""Where pictures lie, and the sheets that show many at once."""

from html import escape
from pathlib import Path
from typing import Any

from tests.shots.shot import Shot

#: Pictures on a sheet are this much smaller than the page, and cut at this height of the page.
SCALE = 0.56
CUT = 1700
#: What stands side by side: on the first sheet a page in English in light colours, on the second all else.
FIRST = (("en", 390, "light"), ("en", 768, "light"), ("en", 1440, "light"))
SECOND = (("en", 390, "dark"), ("de", 390, "light"), ("en", 1440, "dark"), ("de", 1440, "light"))


class Sheet:
    """The folder of pictures: `NAME/LANGUAGE-WIDTH-SCHEME.png`, `sheets/NAME.png`, `sheets/NAME-more.png`, `index.html`."""

    def __init__(self, folder: Path, browser: Any) -> None:
        self.folder = folder
        self._page = browser.new_page(viewport={"width": 1600, "height": 800})

    def path(self, shot: Shot, language: str, width: int, scheme: str) -> Path:
        return self.folder / shot.name / f"{language}-{width}-{scheme}.png"

    def mount(self, shot: Shot) -> None:
        """Put the pictures of one page side by side, twice."""
        self._mount(shot, FIRST, self.folder / "sheets" / f"{shot.name}.png", scale=SCALE)
        self._mount(shot, SECOND, self.folder / "sheets" / f"{shot.name}-more.png", scale=SCALE * 0.8)

    def _mount(
        self, shot: Shot, parts: tuple[tuple[str, int, str], ...], path: Path, *, scale: float
    ) -> None:
        images = "".join(
            f'<div style="width:{width * scale}px;max-height:{CUT * scale}px"><img src="{self.path(shot, language, width, scheme).resolve().as_uri()}" width="{width * scale}"></div>'
            for language, width, scheme in parts
        )
        source = path.with_suffix(".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(
            "<!doctype html><style>body{margin:8px;background:#888;display:flex;gap:8px;align-items:start;width:max-content}div{overflow:hidden}img{display:block}</style>"
            + images,
            encoding="utf-8",
        )
        self._page.goto(source.resolve().as_uri())
        self._page.locator("body").screenshot(path=path)
        source.unlink()

    def finish(self, shots: list[Shot]) -> None:
        """Write the page that shows all pictures there are."""
        rows = []
        for shot in shots:
            found = sorted((self.folder / shot.name).glob("*.png"))
            links = " ".join(
                f'<a href="{shot.name}/{path.name}"><img loading="lazy" height="260" src="{shot.name}/{path.name}" alt="{path.stem}"></a>'
                for path in found
            )
            if found:
                rows.append(f"<h2>{escape(shot.name)}</h2><p>{links}</p>")
        style = "<style>body{font:14px system-ui;margin:24px;background:#ddd}img{border:1px solid #999;max-width:380px;object-fit:cover;object-position:top}</style>"
        page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Booking Hub, all pages</title>{style}{"".join(rows)}'
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "index.html").write_text(page, encoding="utf-8")
        self._page.close()
