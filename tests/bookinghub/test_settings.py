"""What the settings refuse, and what they become in production. Each case is a fresh process, as a start is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
STRONG = "q7Zx3mV0eTn5Kd8Rb1YwUj6GsHf2LcPa4XoIi9NvWt5Ek3Mb8Qy1"

PRODUCTION = {
    "HUB_MODE": "production",
    "SECRET_KEY": STRONG,
    "LINK_KEY": STRONG[::-1],
    "BASE_URL": "https://booking.example.org",
    "EMAIL_URL": "smtp+tls://hub:secret@mail.example.org",
}


def python(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    names = ("PATH", "HOME", "LANG")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env={**environment, **variables}, capture_output=True, text=True
    )


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    code = "from bookinghub import settings as s; print(s.BASE_URL, s.ALLOWED_HOSTS, s.SESSION_COOKIE_SECURE)"
    return python("-c", code, DATA_DIR=str(tmp_path), **variables)


def test_production_settings_start(tmp_path):
    done = start(tmp_path, **PRODUCTION)
    assert done.stdout.strip() == "https://booking.example.org ['booking.example.org'] True"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing or too weak"),
        ({"SECRET_KEY": "changeme" * 8}, "SECRET_KEY is missing or too weak"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing or too weak"),
        ({"LINK_KEY": ""}, "LINK_KEY is missing or too weak"),
        ({"LINK_KEY": STRONG}, "SECRET_KEY and LINK_KEY must differ"),
        ({"HUB_SEAL_KEYS": f"{STRONG[1:]},short"}, "HUB_SEAL_KEYS is missing or too weak"),
        ({"HUB_SEAL_KEYS": f"{STRONG[1:]},{STRONG[1:]}"}, "HUB_SEAL_KEYS holds the same key twice"),
        ({"HUB_SEAL_KEYS": STRONG}, "SECRET_KEY and HUB_SEAL_KEYS must differ"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name hosts"),
        ({"BASE_URL": ""}, "BASE_URL must be the address people open"),
        ({"BASE_URL": "booking.example.org"}, "BASE_URL must be the address people open"),
        ({"EMAIL_URL": ""}, "EMAIL_URL is missing"),
        ({"EMAIL_URL": "pigeon://loft"}, "EMAIL_URL must begin with"),
        ({"DATABASE_URL": "mysql://hub@db/hub"}, "DATABASE_URL must begin with"),
        ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0"),
        ({"SECRET_KEY_FILE": "/nonexistent/key"}, "SECRET_KEY_FILE: cannot read"),
        ({"HUB_MODE": "staging"}, "HUB_MODE must be embedded or production"),
    ],
)
def test_production_refuses_what_is_missing_or_unsafe(tmp_path, change, sentence):
    done = start(tmp_path, **{**PRODUCTION, **change})
    assert done.returncode != 0
    assert sentence in done.stderr


def test_several_keys_are_read_from_a_file_of_lines(tmp_path):
    kept = tmp_path / "seal_keys"
    kept.write_text(f"{STRONG[1:]}\n{STRONG[2:]}\n")
    code = "from bookinghub import settings; print(*settings.HUB_SEAL_KEYS)"
    done = python("-c", code, DATA_DIR=str(tmp_path), HUB_SEAL_KEYS_FILE=str(kept), **PRODUCTION)
    assert done.stdout.split() == [STRONG[1:], STRONG[2:]]


def test_python_without_assertions_is_refused(tmp_path):
    done = python("-O", "-c", "import bookinghub.settings", DATA_DIR=str(tmp_path), **PRODUCTION)
    assert done.returncode != 0
    assert "does not run under python -O" in done.stderr


def test_secrets_are_read_from_files(tmp_path):
    key = tmp_path / "mounted_secret"
    key.write_text(STRONG + "\n")
    variables = {**PRODUCTION, "SECRET_KEY": "", "SECRET_KEY_FILE": str(key)}
    code = "from bookinghub import settings; print(settings.SECRET_KEY)"
    assert python("-c", code, DATA_DIR=str(tmp_path), **variables).stdout.strip() == STRONG


def test_deployment_check_is_clean(tmp_path):
    words = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    done = python(*words, DATA_DIR=str(tmp_path), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_embedded_start_makes_keys_that_only_their_owner_reads(tmp_path):
    assert start(tmp_path).returncode == 0
    keys = {path.name: path for path in (tmp_path / "keys").iterdir()}
    assert set(keys) == {"secret_key", "link_key"}
    assert {path.stat().st_mode & 0o777 for path in keys.values()} == {0o600}
    first = {name: path.read_text() for name, path in keys.items()}
    assert first["secret_key"] != first["link_key"]
    assert start(tmp_path).returncode == 0
    assert {name: path.read_text() for name, path in keys.items()} == first


def test_keys_made_by_processes_that_start_together_are_the_same(tmp_path):
    """Red when the key file can be seen before it is whole."""
    code = "from bookinghub import settings; print(settings.SECRET_KEY)"
    names = ("PATH", "HOME", "LANG")
    variables = {name: os.environ[name] for name in names if name in os.environ} | {"DATA_DIR": str(tmp_path)}
    words = [sys.executable, "-c", code]
    starts = [subprocess.Popen(words, cwd=ROOT, env=variables, stdout=subprocess.PIPE) for _ in range(4)]
    assert len({start.communicate()[0] for start in starts}) == 1


def test_importing_the_celery_app_does_not_load_the_settings(tmp_path):
    code = "import bookinghub.celery; from django.conf import settings; print(settings.configured)"
    assert python("-c", code, DATA_DIR=str(tmp_path)).stdout.strip() == "False"


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("", {"polling_interval": 0.05}),
        (
            "redis://127.0.0.1:6379/0",
            {
                "socket_connect_timeout": 1,
                "socket_timeout": 1,
                "socket_keepalive": True,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        ),
    ],
)
def test_broker_options_follow_from_the_broker(tmp_path, redis_url, expected):
    code = "from bookinghub.celery import app; print(app.conf.broker_transport_options)"
    done = python("-c", code, DATA_DIR=str(tmp_path), REDIS_URL=redis_url)
    assert done.stdout.strip() == str(expected), done.stderr
