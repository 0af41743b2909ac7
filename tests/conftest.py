"""What every test may ask for: the live site, a browser, Redis, a mail catcher, a worker.

The database is the one that DATABASE_URL names; `./hub test` runs once without it (SQLite) and once with it
(PostgreSQL). A tool that is not installed skips the test, or fails it when HUB_REQUIRE_ALL=1.
"""

import fcntl
import gc
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.conf import settings as django_settings
from django.utils import timezone, translation
from hypothesis import HealthCheck, settings

from tests.oracles.node import OracleMissing
from tests.services import browser as chromium
from tests.services.asgi import LiveSite
from tests.services.cut import Cut
from tests.services.dav import CalendarServer
from tests.services.radicale import Radicale
from tests.services.redis import RedisServer
from tests.services.xandikos import Xandikos

ROOT = Path(__file__).resolve().parent.parent

# Playwright runs an event loop in the main thread, and Django would refuse the ORM there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# The same cases each time, and none is wrong because the machine is slow.
settings.register_profile(
    "hub", deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("hub")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_site", "client", "admin_client"}


#: Whole folders that are left out by --quick: all but what a booking goes through (rules, lifecycle, hub, booker, mails).
LEFT_TO_THE_WHOLE_RUN = {"admin", "setup", "calendars", "contacts", "live", "outbox", "faults", "oracles"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-pass", action="store_true", help="only tests whose outcome can depend on the database"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what does not belong to this database, so that nothing is counted as skipped that never applied.

    First come those that leave the database as it was made, then what takes long: begun last, it would keep one process
    busy while the others are done.
    """
    for item in items:
        if item.path.parent.name in LEFT_TO_THE_WHOLE_RUN:
            item.add_marker(pytest.mark.slow)
        # A page, a worker and a person share two cores: what fails and then passes is named at the end, and is to be looked into.
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    kept = [item for item in items if _applies(item, second_pass=config.getoption("--second-pass"))]
    if len(kept) != len(items):
        gone = set(items) - set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item in gone])
        items[:] = kept
    items.sort(key=lambda item: (not _rolls_back(item), not item.get_closest_marker("slow")))


def _rolls_back(item: pytest.Item) -> bool:
    uses, mark = set(getattr(item, "fixturenames", ())), item.get_closest_marker("django_db")
    is_committed = "transactional_db" in uses or (mark is not None and mark.kwargs.get("transaction", False))
    return (mark is not None or "db" in uses) and not is_committed


def pytest_collection_finish() -> None:
    """Let the collector leave alone what stays anyway: looking through all modules again and again is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was tried twice and why, and how many lives of bookings were played (tests/lives), from whatever process they ran in."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"Tried twice: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
    played: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, found in getattr(report, "user_properties", ()):
                if name == "lives" and report.when == "teardown":
                    played.update(found)
    if played:
        terminalreporter.write_line(
            f"{played['lives']} lives of bookings, {played['steps']} steps, {played['refused']} of them refused"
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Spread the tests our way over the processes of `-n`."""
    from tests.spread import Spreading  # Only where pytest-xdist is at work.

    return Spreading(config, log)


def _applies(item: pytest.Item, *, second_pass: bool) -> bool:
    if item.get_closest_marker("postgres"):
        return django_settings.IS_POSTGRES
    if item.get_closest_marker("sqlite"):
        return not django_settings.IS_POSTGRES
    if not second_pass:
        return True
    if item.get_closest_marker("browser"):
        return item.get_closest_marker("both_databases") is not None
    uses = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(uses & DATABASE_FIXTURES)


def missing(what: str) -> NoReturn:
    """Skip the test because a tool is missing; fail instead where everything must run."""
    _not_run(f"{what} is missing")


def _not_run(why: str) -> NoReturn:
    if os.environ.get("HUB_REQUIRE_ALL") == "1":
        pytest.fail(f"NOT RUN: {why} (HUB_REQUIRE_ALL=1)")
    pytest.skip(f"NOT RUN: {why}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    yield from _unless_a_judge_is_missing()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, None, None]:
    yield from _unless_a_judge_is_missing()


def _unless_a_judge_is_missing() -> Generator[None, None, None]:
    """Let a judge of calendars that this machine has not be a missing tool like any other."""
    try:
        yield
    except OracleMissing as problem:
        _not_run(str(problem))


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Path) -> None:
    """Keep mail, locks and whatever else a test writes out of the developer's data folder."""
    settings.DATA_DIR = tmp_path
    settings.MAIL_DIR = tmp_path / "mail"


@pytest.fixture(autouse=True)
def _plain_language_and_clock() -> Iterator[None]:
    """Begin in English and UTC: a page that the test before asked for leaves its reader's language and zone behind."""
    translation.activate("en")
    timezone.deactivate()
    yield
    translation.activate("en")
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Hash passwords the cheap way: a cast of five would cost every test half a second of argon2."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def live_site(transactional_db: None, settings: Any) -> Iterator[LiveSite]:
    """The site on a free port over ASGI; BASE_URL is its address. Rows must be committed to be seen by it."""
    site = LiveSite()
    settings.BASE_URL = site.url
    settings.CSRF_TRUSTED_ORIGINS = [site.url]
    site.start()
    yield site
    site.stop()


live_asgi = live_site


@pytest.fixture
def embedded_worker(transactional_db: None) -> Iterator[None]:
    """Celery's worker and clock as threads of the test, as in the embedded run."""
    # Imported here: Celery's worker is slow to load and seldom needed.
    from bookings.management.commands.serve import worker_and_clock

    with worker_and_clock():
        yield


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[RedisServer]:
    if not RedisServer.is_installed():
        missing("redis-server")
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_server(_redis_server: RedisServer) -> Iterator[RedisServer]:
    """A running Redis that holds nothing; the test may stop, freeze and start it."""
    _redis_server.stop()
    _redis_server.start()
    yield _redis_server
    _redis_server.stop()
    _redis_server.start()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    return redis_server.url


def _server_of(kind: type[CalendarServer]) -> Iterator[CalendarServer]:
    if not kind.is_installed():
        missing(kind.title)
    server = kind()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _radicale() -> Iterator[CalendarServer]:
    yield from _server_of(Radicale)


@pytest.fixture(scope="session")
def _xandikos() -> Iterator[CalendarServer]:
    yield from _server_of(Xandikos)


@pytest.fixture(scope="session")
def _cyrus() -> Iterator[CalendarServer]:
    from tests.services.cyrus import Cyrus  # Needs aiosmtpd, which few tests do.

    yield from _server_of(Cyrus)


@pytest.fixture
def loopback_allowed(settings: Any) -> None:
    """Let calendars be connected that are on this machine."""
    settings.HUB_DAV_ALLOW_NETS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def radicale(_radicale: Radicale, loopback_allowed: None) -> Radicale:
    """A running Radicale, in which Ada and Ben have no calendar yet."""
    _radicale.reset()
    return _radicale


@pytest.fixture
def xandikos(_xandikos: Xandikos, loopback_allowed: None) -> Xandikos:
    _xandikos.reset()
    return _xandikos


@pytest.fixture
def cyrus(_cyrus: CalendarServer, loopback_allowed: None) -> CalendarServer:
    """The same of Cyrus, which gives everybody a calendar that can't be taken away."""
    _cyrus.reset()
    return _cyrus


@pytest.fixture(params=["radicale", "xandikos", "cyrus"])
def calendar_server(request: pytest.FixtureRequest) -> CalendarServer:
    """Each of the calendar servers, one after another."""
    server: CalendarServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def cut_before() -> Iterator[Callable[[CalendarServer], Cut]]:
    """Put a proxy before a calendar server that breaks off, waits or says something else; it ends with the test."""
    cuts: list[Cut] = []

    def put(server: CalendarServer) -> Cut:
        cut = Cut(server.port)
        cut.start()
        cuts.append(cut)
        return cut

    yield put
    for cut in cuts:
        cut.stop()


@pytest.fixture
def smtp(settings: Any) -> Iterator[Any]:
    """A real SMTP server that keeps what it was given; the test's own process sends through it."""
    from tests.oracles.smtp_catcher import Catcher  # Needs aiosmtpd, which few tests do.

    with Catcher() as catcher:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", catcher.port
        yield catcher


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Any]:
    if chromium.EXECUTABLE is None:
        missing("chromium")
    from playwright.sync_api import expect, sync_playwright  # Half a second that only browser tests need.

    expect.set_options(timeout=chromium.PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(_playwright: Any) -> Iterator[Any]:
    browser = _playwright.chromium.launch(executable_path=chromium.EXECUTABLE, args=chromium.SWITCHES)
    yield browser
    browser.close()


@pytest.fixture
def new_context(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open browser contexts that see each other's cookies never: one for each person in a story.

    Takes Playwright's arguments; without them a desktop in Berlin, reading British English, in light colours.
    """
    contexts = []

    def open_context(**options: Any) -> Any:
        plain = {
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
            "viewport": chromium.DESKTOP,
            "color_scheme": "light",
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**{**plain, **options})
        context.set_default_timeout(chromium.PATIENCE)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def browser_context(new_context: Callable[..., Any]) -> Any:
    return new_context()


@pytest.fixture
def page(browser_context: Any) -> Iterator[Any]:
    """One page; the test fails at its end if a script threw or the content security policy was broken."""
    page = browser_context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: troubles.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert troubles == []


@pytest.fixture(params=["light", "dark"])
def colour_scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The script of axe-core, to be put into a page and asked for what it finds."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        if shutil.which("npm") is None:
            missing("npm")
        descriptor = os.open(ROOT, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not script.exists():
                command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
                subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
        finally:
            os.close(descriptor)
    return script.read_text(encoding="utf-8")
