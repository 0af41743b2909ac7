"""The pages that show the kept mails: only on this machine, only where mail stays in files, and harmless to look at."""

from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import Client

from bookings import mail_folder, mails
from tests.mails.letters import a_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_in_files(settings: Any) -> None:
    settings.EMAIL_BACKEND = "bookings.mail_folder.FolderBackend"
    settings.HAS_DEV_MAIL = True


@pytest.fixture
def name() -> str:
    """One kept invitation."""
    mails.deliver(a_delivery("confirmed", "booker"))
    return mail_folder.newest(1)[0].stem


def test_empty_folder_says_what_belongs_there(client: Client) -> None:
    page = client.get("/dev/mail/")
    assert page.status_code == 200 and "No mail yet" in page.text


def test_list_shows_the_newest_first(client: Client, name: str) -> None:
    mails.deliver(a_delivery("requested", "host"))
    page = client.get("/dev/mail/").text
    assert page.index("Answer needed: Product demo") < page.index("Confirmed: Product demo")
    assert f"/dev/mail/{name}/" in page and "to zoe@riviere.example" in page


def test_mail_is_shown_with_its_invitation_and_source(client: Client, name: str) -> None:
    page = client.get(f"/dev/mail/{name}/").text
    assert "Confirmed: Product demo, Thu 11 March, 10:00" in page and "You can cancel until" in page
    assert "REQUEST" in page and "2027-03-11 15:00:00 UTC" in page and "mailto:zoe@riviere.example" in page
    assert "Message-ID: &lt;confirmed.booker@hub.example&gt;" in page


def test_html_stands_alone_under_its_own_policy(client: Client, name: str) -> None:
    """Seen red with the site's policy: no style of the mail was applied."""
    answer = client.get(f"/dev/mail/{name}/html/")
    assert answer.status_code == 200 and "10:00–11:00</h1>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "style-src 'unsafe-inline'" in policy and "script" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_pages_are_kept_by_nobody(client: Client, name: str) -> None:
    for address in ("/dev/mail/", f"/dev/mail/{name}/", f"/dev/mail/{name}/html/"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "private, no-store" and not answer.cookies


@pytest.mark.parametrize(
    "away", [{"REMOTE_ADDR": "192.168.1.7"}, {"REMOTE_ADDR": "::ffff:10.0.0.1"}, {"REMOTE_ADDR": ""}]
)
def test_other_machines_find_nothing(away: dict[str, str], client: Client, name: str) -> None:
    """Seen red without the guard: a neighbour in the network read a password link."""
    for address in ("/dev/mail/", f"/dev/mail/{name}/", f"/dev/mail/{name}/html/"):
        assert client.get(address, **away).status_code == 404


def test_absent_where_mail_is_sent(client: Client, name: str, settings: Any) -> None:
    settings.HAS_DEV_MAIL = False
    assert client.get("/dev/mail/").status_code == 404
    assert client.get(f"/dev/mail/{name}/").status_code == 404


def test_unknown_mail_is_not_found(client: Client) -> None:
    for address in ("/dev/mail/nothing/", "/dev/mail/20270101T000000000000-abcdef01/html/"):
        assert client.get(address).status_code == 404


def test_page_takes_no_post(client: Client) -> None:
    assert client.post("/dev/mail/").status_code == 405


def test_mail_without_html_and_with_a_broken_calendar_is_shown(client: Client) -> None:
    EmailMessage("Plain", "Only <text>", "a@hub.example", ["b@hub.example"]).send()
    plain = mail_folder.newest(1)[0].stem
    page = client.get(f"/dev/mail/{plain}/")
    assert "Only &lt;text&gt;" in page.text and "<iframe" not in page.text
    assert client.get(f"/dev/mail/{plain}/html/").status_code == 404
    broken = EmailMultiAlternatives("Broken", "Text", "a@hub.example", ["b@hub.example"])
    broken.attach_alternative("BEGIN:VCALENDAR\r\nEND:VEVENT", "text/calendar")
    broken.send()
    assert client.get(f"/dev/mail/{mail_folder.newest(1)[0].stem}/").status_code == 200
