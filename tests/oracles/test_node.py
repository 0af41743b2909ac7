"""How the JavaScript judges are installed and run, and that no judge leans on what it judges."""

import ast
import shutil
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.oracles import node

HERE = Path(__file__).parent
PRODUCT = {"bookinghub", "bookings", "calendars", "django", "icalendar"}


@pytest.fixture
def with_node():
    if not shutil.which("node"):
        missing("Node")


@pytest.fixture
def fresh_copy(tmp_path, monkeypatch):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, tmp_path)
    monkeypatch.setattr(node, "HERE", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_packages_are_installed_once_and_again_when_the_lock_changes(fresh_copy):
    modules = node.ensure_node_modules()
    marker = modules / "still-the-same"
    marker.touch()
    node.ensure_node_modules()
    assert (modules / "ical.js" / "package.json").exists()
    assert marker.exists()

    with (fresh_copy / "package-lock.json").open("a") as lock:
        lock.write("\n")
    node.ensure_node_modules()
    assert not marker.exists()


def test_missing_node_is_named(fresh_copy, monkeypatch):
    monkeypatch.setenv("PATH", str(fresh_copy))

    with pytest.raises(node.OracleMissing, match="apt-get install nodejs npm"):
        node.ensure_node_modules()


@pytest.mark.usefixtures("with_node")
def test_a_broken_lock_is_named(fresh_copy):
    (fresh_copy / "package-lock.json").write_text("{}")

    with pytest.raises(node.OracleMissing, match="npm ci failed"):
        node.ensure_node_modules()


@pytest.mark.usefixtures("with_node")
def test_a_failing_script_shows_its_error():
    with pytest.raises(RuntimeError, match="TypeError"):
        node.run_script("replay.mjs", 7)


def test_judges_import_nothing_of_the_product():
    for path in HERE.glob("*.py"):
        for found in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in found.names] if isinstance(found, ast.Import) else []
            names += [found.module or ""] if isinstance(found, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & PRODUCT, path.name
