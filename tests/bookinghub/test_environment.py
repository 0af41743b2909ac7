"""The two URL forms that the environment may hold."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured

from bookinghub import environment


def test_database_default_is_sqlite_in_the_data_folder(tmp_path):
    found = environment.database("", data_dir=tmp_path)
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert found["NAME"] == str(tmp_path / "hub.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://ada:p%40ss@db.example:5433/hub", ("hub", "ada", "p@ss", "db.example", "5433")),
        ("postgresql://hub@/hub?host=/tmp/sockets", ("hub", "hub", "", "/tmp/sockets", "")),
    ],
)
def test_database_url_names_a_postgres(tmp_path, url, expected):
    found = environment.database(url, data_dir=tmp_path)
    assert tuple(found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")) == expected
    assert found["OPTIONS"] == {
        "options": "-c lock_timeout=3000 -c plan_cache_mode=force_generic_plan",
        "connect_timeout": 5,
        "prepare_threshold": 5,
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost:2525", ("localhost", 2525, "", False, False)),
        (
            "smtp+tls://ada%40example.org:p@mail.example.org",
            ("mail.example.org", 587, "ada@example.org", True, False),
        ),
        ("smtps://ada@mail.example.org", ("mail.example.org", 465, "ada", False, True)),
    ],
)
def test_mail_url_names_a_server(url, expected):
    found = environment.mail(url)
    names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert tuple(found[name] for name in names) == expected


def test_mail_url_names_a_provider(monkeypatch, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("t0ken\n")
    monkeypatch.setenv("ANYMAIL_POSTMARK_SERVER_TOKEN_FILE", str(secret))
    assert environment.mail("anymail:postmark") == {
        "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
        "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "t0ken"},
    }


@pytest.mark.parametrize("value", ["x", "1.5", "ten"])
def test_numbers_must_be_whole(monkeypatch, value):
    monkeypatch.setenv("HUB_LEASE_SECONDS", value)
    with pytest.raises(ImproperlyConfigured, match="HUB_LEASE_SECONDS must be a whole number"):
        environment.number("HUB_LEASE_SECONDS", 120)


def test_networks_are_named_by_their_first_address(monkeypatch):
    monkeypatch.setenv("NETS", " 192.168.1.20/32, fd00::/8 ")
    assert [str(net) for net in environment.networks("NETS")] == ["192.168.1.20/32", "fd00::/8"]
    monkeypatch.setenv("NETS", "192.168.1.20/16")
    with pytest.raises(ImproperlyConfigured, match="NETS must name networks"):
        environment.networks("NETS")
    monkeypatch.delenv("NETS")
    assert environment.networks("NETS") == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("imap+ssl://hub@mail.example.org", ("mail.example.org", 993, "hub", "INBOX", "ssl")),
        ("imap+tls://hub%40example.org@mail.example.org:1143/Hub/Answers", ("mail.example.org", 1143, "hub@example.org", "Hub/Answers", "tls")),
        ("imap://hub@127.0.0.1:1143", ("127.0.0.1", 1143, "hub", "INBOX", "")),
        ("imap://hub@localhost", ("localhost", 143, "hub", "INBOX", "")),
        ("imap://hub@192.168.1.5", ("192.168.1.5", 143, "hub", "INBOX", "")),
    ],
)  # fmt: skip
def test_an_inbox_is_named_by_its_url_and_the_password_by_a_file(monkeypatch, tmp_path, url, expected):
    (tmp_path / "word").write_text("s3cret\n")
    monkeypatch.setenv("BOX_URL", url)
    monkeypatch.setenv("BOX_PASSWORD_FILE", str(tmp_path / "word"))
    found = environment.inbox("BOX", plain=[ip_network("192.168.1.0/24")])
    assert found is not None
    assert (found.host, found.port, found.user, found.folder, found.security) == expected
    assert found.password == "s3cret"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imap://hub@mail.example.org", "without encryption"),
        ("imap://hub@10.0.0.1", "without encryption"),
        ("imaps://hub@mail.example.org", "must read"),
        ("imap+ssl://mail.example.org", "must read"),
        ("imap+ssl://", "must read"),
    ],
)
def test_an_inbox_that_is_none_or_that_others_could_read_is_refused(monkeypatch, url, words):
    """Break: let imap:// lead anywhere."""
    monkeypatch.setenv("BOX_URL", url)
    with pytest.raises(ImproperlyConfigured, match=words):
        environment.inbox("BOX", plain=[ip_network("192.168.1.0/24")])


def test_without_its_url_there_is_no_inbox(monkeypatch):
    monkeypatch.delenv("BOX_URL", raising=False)
    assert environment.inbox("BOX", plain=[]) is None
