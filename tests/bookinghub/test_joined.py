"""The joined style sheets and scripts: all of their sources, in order, and each script on its own."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from bookinghub import joined
from bookinghub.joined import JOINED, JoinedFinder

STATIC = settings.BASE_DIR / "static"
#: What only some pages want, or pages of other websites.
ALONE = {
    "css/calendars.css",
    "css/dates.css",
    "css/dev_mail.css",
    "css/why.css",
    "js/framed.js",
}


@pytest.mark.parametrize("name", JOINED)
def test_joined_file_holds_its_sources_in_order(name):
    text = Path(finders.find(name)).read_text()
    kind = name.rpartition(".")[2]
    places = [text.index((STATIC / kind / f"{part}.{kind}").read_text()) for part in JOINED[name]]
    assert places == sorted(places)
    # The first says in which order the layers count.
    assert kind == "js" or "@layer" not in text[: places[0]]


def test_every_source_is_in_a_joined_file_or_stands_alone():
    """Break: leave one out of JOINED; no page would have it."""
    sources = {str(path.relative_to(STATIC)) for kind in ("css", "js") for path in (STATIC / kind).iterdir()}
    parts = {
        f"{name.rpartition('.')[2]}/{one}.{name.rpartition('.')[2]}"
        for name in JOINED
        for one in JOINED[name]
    }
    assert sources - parts == ALONE


def test_scripts_share_no_names():
    """As modules they had none in common, so each is a block; an import or export could not stand in one."""
    for name in JOINED:
        if name.endswith(".js"):
            text = joined.joined(name)
            assert text.count("/* js/") == len(JOINED[name])
            assert not [line for line in text.splitlines() if line.startswith(("import ", "export "))]


def test_changed_source_is_joined_again(monkeypatch):
    """Break: write the file only where there is none."""
    finder = JoinedFinder()
    path = Path(finder.find("calendar.js"))
    before = path.stat().st_mtime_ns
    assert Path(finder.find("calendar.js")).stat().st_mtime_ns == before, "nothing new, so it stays as it is"
    monkeypatch.setitem(JOINED, "calendar.js", ("now",))
    assert "timegrid" not in Path(finder.find("calendar.js")).read_text()
    monkeypatch.undo()
    assert "timegrid" in Path(finder.find("calendar.js")).read_text()


def test_collectstatic_gets_them_all():
    found = dict(JoinedFinder().list([]))
    assert found.keys() == JOINED.keys()
    assert all(storage.exists(name) for name, storage in found.items())
