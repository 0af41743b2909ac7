"""Static files: what templates name exists, and production serves it under names that are cached for good."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"""\{%\s*static\s+['"]([^'"]+)['"]""")


def test_every_file_that_a_template_names_exists():
    """Production renders no page that names a missing file; the embedded run would not notice."""
    named = {
        (name, str(path.relative_to(ROOT)))
        for path in (ROOT / "templates").rglob("*.html")
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    }
    assert named
    assert {(name, path) for name, path in named if finders.find(name) is None} == set()


@pytest.mark.parametrize("method", ["get", "head"])
def test_static_files_are_served_whole(client, method):
    answer = getattr(client, method)("/static/icons.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert int(answer.headers["Content-Length"]) == (ROOT / "static" / "icons.svg").stat().st_size
    assert not answer.streaming
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_static_files_are_not_sent_twice(client):
    tag = client.get("/static/icons.svg").headers["ETag"]
    again = client.get("/static/icons.svg", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "%2e%2e/pyproject.toml", "//etc/passwd", "css/../../hub"]
)
def test_nothing_outside_the_folder_is_served(client, path):
    assert client.get(f"/static/{path}").status_code == 404


def test_embedded_run_serves_the_sources():
    assert settings.STORAGES["staticfiles"]["BACKEND"].endswith(".StaticFilesStorage")
