"""A hub on a free port for benchmarks that look at it in a browser, and people who sign in there."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bench.databases import ROOT
from tests.services.redis import free_port

PASSWORD = "correct horse battery"


@contextmanager
def serving(variables: Mapping[str, str], *, scene: str) -> Iterator[str]:
    """Run `scene`, which is Python, on the database of `variables`, then yield the address of an embedded hub there."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {**variables, "BASE_URL": url, "DJANGO_SETTINGS_MODULE": "bookinghub.settings"}
    words = [sys.executable, "manage.py", "shell", "-v", "0", "-c", scene]
    subprocess.run(words, cwd=ROOT, env=variables, check=True)
    words = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(words, cwd=ROOT, env=variables, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield url
    finally:
        process.terminate()
        process.wait(60)


def signed_in(browser: Any, url: str, email: str) -> Any:
    """The page of somebody in a browser of their own, after the sign-in with PASSWORD, its live stream open."""
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(url)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#live:not([hidden])").wait_for()
    return page
