"""Reading the environment for settings.py: flags, secrets from files, and the two URL forms of database and mail."""

import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable `name`, or the content of the file that `name`_FILE points to, or `default`."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error.strerror}") from error
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable; raise ImproperlyConfigured for anything but 1/0, true/false, yes/no, on/off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def number(name: str, default: int) -> int:
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error


def words(name: str) -> list[str]:
    """Return a comma-separated variable as a list."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return a comma-separated variable of networks such as 192.168.0.0/16; raise ImproperlyConfigured for what is none."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must name networks such as 192.168.0.0/16: {error}") from error


def key(name: str, *, folder: Path, may_create: bool) -> str:
    """Return a secret key from the environment, else from `folder`/`name`, made there once if `may_create`.

    Raises ImproperlyConfigured when there is none or it is too short to be a secret.
    """
    value = text(name)
    if not value and may_create:
        value = _kept_key(folder, name.lower())
    _refuse_weak(name, value)
    return value


def keys(name: str) -> list[str]:
    """Return secret keys, separated by commas or by lines; none where the variable is not set.

    Raises ImproperlyConfigured when one of them is too short to be a secret, or stands there twice.
    """
    values = re.split(r"[,\s]+", text(name))
    found = [value for value in values if value]
    for value in found:
        _refuse_weak(name, value)
    if len(set(found)) < len(found):
        raise ImproperlyConfigured(f"{name} holds the same key twice.")
    return found


def _refuse_weak(name: str, value: str) -> None:
    if len(value) < 50 or len(set(value)) < 8 or "change" in value.lower() or "insecure" in value.lower():
        raise ImproperlyConfigured(
            f"{name} is missing or too weak. Set {name} or {name}_FILE to at least 50 random characters, "
            'for example from: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )


def _kept_key(folder: Path, name: str) -> str:
    """Return the key kept in `folder`, made at the first call; of two processes that make it at once, one wins."""
    kept = folder / name
    if not kept.exists():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder) as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            # A link appears whole or not at all, and not where somebody else's stands already.
            with suppress(FileExistsError):
                os.link(file.name, kept)
    return kept.read_text(encoding="ascii").strip()


def database(url: str, *, data_dir: Path) -> dict[str, Any]:
    """Return Django's DATABASES entry for sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME?host=SOCKETDIR."""
    parts = urlsplit(url or f"sqlite:///{data_dir / 'hub.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "/" + unquote(parts.path).lstrip("/"),
            "OPTIONS": {
                # IMMEDIATE, because a deferred transaction that turns into a writer fails at once with
                # "database is locked", however long the time-out is.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        query = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or "") or text("DATABASE_PASSWORD"),
            "HOST": query.pop("host", "") or parts.hostname or "",
            "PORT": str(parts.port or query.pop("port", "")),
            "CONN_MAX_AGE": number("DATABASE_CONN_MAX_AGE", 0),
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                # A lock that is not had within three seconds ends in an answer that can be repeated. A plan that was
                # kept is used: the server would compare costs and plan anew for few hosts, which takes longer than they do.
                "options": "-c lock_timeout=3000 -c plan_cache_mode=force_generic_plan",
                "connect_timeout": 5,
                # A statement that lets the server put in the values (bookings.slot_rows) is planned only so many times.
                "prepare_threshold": 5,
                **query,
            },
        }
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://")


@dataclass(frozen=True)
class Inbox:
    """A mailbox read over IMAP. `security`: "ssl" from the first byte, "tls" after STARTTLS, "" for none."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    security: str


def inbox(name: str, *, plain: Sequence[IPv4Network | IPv6Network]) -> Inbox | None:
    """Return the mailbox that `name`_URL names, with the password of `name`_PASSWORD; None where it is not set.

    imap+ssl://USER@HOST, imap+tls://USER@HOST (STARTTLS), and imap://USER@HOST without any encryption for this machine
    and addresses in `plain` alone. Raises ImproperlyConfigured for anything else.
    """
    url = text(f"{name}_URL")
    if not url:
        return None
    parts = urlsplit(url)
    ports = {"imap+ssl": 993, "imap+tls": 143, "imap": 143}
    if parts.scheme not in ports or not parts.hostname or not parts.username:
        raise ImproperlyConfigured(
            f"{name}_URL must read imap+ssl://USER@HOST, imap+tls://USER@HOST or imap://USER@HOST"
        )
    if parts.scheme == "imap" and not _may_be_plain(parts.hostname, plain):
        raise ImproperlyConfigured(
            f"{name}_URL: without encryption only this machine or an address in HUB_DAV_ALLOW_NETS is read"
        )
    return Inbox(
        parts.hostname,
        parts.port or ports[parts.scheme],
        unquote(parts.username),
        unquote(parts.password or "") or text(f"{name}_PASSWORD"),
        unquote(parts.path.strip("/")) or "INBOX",
        parts.scheme.partition("+")[2],
    )


def _may_be_plain(host: str, plain: Sequence[IPv4Network | IPv6Network]) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in plain)


def mail(url: str) -> dict[str, Any]:
    """Return the e-mail settings for smtp://, smtp+tls:// (STARTTLS), smtps://, console: or anymail:PROVIDER."""
    parts = urlsplit(url)
    if parts.scheme in {"smtp", "smtp+tls", "smtps"}:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or "") or text("EMAIL_PASSWORD"),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
        }
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "anymail" and parts.path.isidentifier():
        prefix = "ANYMAIL_"
        given = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefix)}
        return {
            "EMAIL_BACKEND": f"anymail.backends.{parts.path}.EmailBackend",
            "ANYMAIL": {name.removeprefix(prefix): text(name) for name in given},
        }
    raise ImproperlyConfigured(
        "EMAIL_URL must begin with smtp://, smtp+tls://, smtps://, console: or anymail:"
    )
