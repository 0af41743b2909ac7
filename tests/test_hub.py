"""The `hub` command itself: how it counts, what it prints last, how it ends, and that it needs nothing installed."""

import ast
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def hub() -> ModuleType:
    loader = SourceFileLoader("hub_command", str(ROOT / "hub"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    # Dataclasses look their module up by name.
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "hub", *words], cwd=ROOT, capture_output=True, text=True)


def test_hub_needs_only_the_standard_library():
    files = [ROOT / "hub", ROOT / "tests" / "__init__.py", *(ROOT / "tests" / "services").glob("postgres.py")]
    files.append(ROOT / "tests" / "services" / "__init__.py")
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split(".")[0])
    assert names - set(sys.stdlib_module_names) == {"tests"}


def test_counts_come_from_the_report(hub, tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="3"></testsuite></testsuites>'
    )
    assert hub.count(report) == hub.Tally(passed=3, failed=3, skipped=3)
    assert hub.count(tmp_path / "absent.xml") == hub.Tally()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "code", "last"),
    [
        ("def test_a(): pass\ndef test_b(): pass\n", 0, "2 passed, 0 failed, 0 skipped"),
        ("def test_a(): pass\ndef test_b(): assert 0\n", 1, "1 passed, 1 failed, 0 skipped"),
        ("import nothing_of_that_name\n", 1, "0 passed, 1 failed, 0 skipped"),
        ("import warnings\ndef test_a(): warnings.warn('x')\n", 1, "0 passed, 1 failed, 0 skipped"),
    ],
    ids=["passes", "fails", "does not import", "warns"],
)
def test_last_line_and_exit_code(tmp_path, source, code, last):
    """Red when a suite that broke off counts as nothing."""
    path = tmp_path / "test_sample.py"
    path.write_text(source)
    done = run("test", str(path), "--quick", "-p", "no:cacheprovider")
    assert done.stdout.splitlines()[-1] == last
    assert done.returncode == code


def test_nothing_is_started_by_what_is_installed(hub, tmp_path):
    """A mail server that tests need must not listen on a developer's machine; their own rule stays as it is."""
    policy = tmp_path / "policy-rc.d"
    with hub.no_service_starts(policy):
        assert subprocess.run([policy, "cyrus-imapd", "start"]).returncode == 101
    assert not policy.exists()
    policy.write_text("#!/bin/sh\n")
    with hub.no_service_starts(policy):
        assert policy.read_text() == "#!/bin/sh\n"
    assert policy.exists()


def test_words_reach_pytest_as_they_were_given(hub, monkeypatch, tmp_path):
    """A part stays in one process; all tests are spread."""
    heard = []
    monkeypatch.setattr(hub, "obtain", lambda _tools: [])
    monkeypatch.setattr(hub, "prepare", lambda *_locks: None)
    monkeypatch.setattr(hub, "pytest", lambda _title, words: heard.append(words) or hub.Tally(passed=1))
    quick, processes = ["-m", "not browser and not slow"], str(len(os.sched_getaffinity(0)))
    for given, passed_on in [
        (["-k", "name", "--quick"], [*quick, "-n", processes, "-k", "name"]),
        (["--quick", f"{tmp_path}::test_a", "--pdb"], [*quick, f"{tmp_path}::test_a", "--pdb"]),
    ]:
        monkeypatch.setattr(sys, "argv", ["hub", "test", *given])
        assert hub.main() == 0
        assert heard.pop() == passed_on


def test_missing_tools_are_named_loudly(hub, monkeypatch, capsys):
    """What could not run is said, and is a failure where everything must run."""
    tool = hub.Tool("A thing", "thing-server", lambda: False)
    monkeypatch.setattr(hub, "TOOLS", [tool])
    monkeypatch.setattr(hub, "can_install", lambda: False)
    monkeypatch.setattr(hub, "prepare", lambda *_locks: None)
    monkeypatch.setattr(hub, "pytest", lambda *_words: hub.Tally(passed=1))
    monkeypatch.setattr(hub, "on_postgres", lambda *_words: hub.Tally(passed=1))
    options = hub.argparse.Namespace(paths=[], quick=False)
    monkeypatch.delenv("HUB_REQUIRE_ALL", raising=False)
    assert hub.run_tests(options, []) == 0
    assert (
        "NOT RUN: whatever needs A thing. To have it: apt-get install thing-server" in capsys.readouterr().out
    )
    monkeypatch.setenv("HUB_REQUIRE_ALL", "1")
    assert hub.run_tests(options, []) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 1 failed, 0 skipped"


def test_bench_lists_what_can_be_measured():
    done = run("bench")
    assert done.returncode == 0
    assert any(line.startswith("start ") for line in done.stdout.splitlines())
    assert run("bench", "nonsense").returncode == 2


def test_doctor_names_every_tool(hub):
    done = run("doctor")
    assert done.returncode == 0
    assert all(tool.name in done.stdout for tool in hub.TOOLS)
