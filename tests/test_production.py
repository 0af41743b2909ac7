"""Production as docs/operating.md describes it: collected files, granian for pages, https in front."""

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.services.processes import database_url
from tests.services.redis import RedisServer, free_port

ROOT = Path(__file__).resolve().parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HOST = "booking.example.org"
THROUGH_PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def environment(tmp_path: Path, redis_server: RedisServer) -> dict[str, str]:
    names = ("PATH", "HOME", "LANG")
    return {name: os.environ[name] for name in names if name in os.environ} | {
        "HUB_MODE": "production",
        "SECRET_KEY": "q7Zx3mV0eTn5Kd8Rb1YwUj6GsHf2LcPa4XoIi9NvWt5Ek3Mb8Qy1",
        "LINK_KEY": "1yQ8bM3kE5tWvN9iIoX4aPcL2fHsG6jUwY1bR8dK5nTe0Vm3xZ7q",
        "BASE_URL": f"https://{HOST}",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DATA_DIR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "static"),
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_server.url,
    }


@pytest.fixture
def port(environment: dict[str, str]) -> Iterator[int]:
    """Granian serving pages, after collectstatic, on a loopback port."""
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    port = free_port()
    granian = str(Path(sys.executable).with_name("granian"))
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4"]
    process = subprocess.Popen([granian, *words, "bookinghub.wsgi:application"], cwd=ROOT, env=environment)
    try:
        wait_until_ready(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 180
    while True:
        assert process.poll() is None
        assert time.monotonic() < deadline
        try:
            if ask(port, "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)


def ask(port: int, path: str, headers: dict[str, str] = THROUGH_PROXY) -> http.client.HTTPResponse:
    """Answer of granian, its body read into `text`."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer


def test_pages_over_https(port: int, environment: dict[str, str]):
    page = ask(port, "/accounts/login/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Secure" in page.headers["Set-Cookie"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]

    style = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page.text)[1]
    answer = ask(port, style)
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    manifest = json.loads((Path(environment["STATIC_ROOT"]) / "staticfiles.json").read_text())
    assert style.removeprefix("/static/") in manifest["paths"].values()


def test_plain_http_is_sent_to_https_and_strange_hosts_are_refused(port: int):
    plain = ask(port, "/accounts/login/", {"Host": HOST, "X-Forwarded-Proto": "http"})
    assert plain.status == 301
    assert plain.headers["Location"] == f"https://{HOST}/accounts/login/"
    assert ask(port, "/accounts/login/", {**THROUGH_PROXY, "Host": "evil.example"}).status == 400
    assert ask(port, "/dev/mail/").status == 404
