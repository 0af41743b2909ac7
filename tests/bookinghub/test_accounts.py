"""Sign-in as we set allauth up: by e-mail, by invitation only, slowly for guessers, and never to another host."""

import re
import threading

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.urls import reverse

from bookinghub import settings as site_settings

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def ada():
    return get_user_model().objects.create_user(email="ada@example.com", password=PASSWORD)


def sign_in(client, *, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": "ada@example.com", "password": password, **more})


def test_sign_in_takes_the_address_in_any_case(client, ada):
    answer = client.post(reverse("account_login"), {"login": "Ada@Example.com", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_passwords_are_hashed_with_argon2(ada, settings):
    settings.PASSWORD_HASHERS = site_settings.PASSWORD_HASHERS
    ada.set_password(PASSWORD)
    assert ada.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "http:evil.example", "javascript:alert(1)"]
)
def test_next_stays_on_our_host(client, ada, elsewhere):
    """Red when is_safe_url answers True, or asks ALLOWED_HOSTS only."""
    answer = sign_in(client, next=elsewhere)
    assert answer.status_code == 302
    assert answer.url == "/"


def test_next_leads_to_the_page_asked_for(client, ada):
    assert sign_in(client, next="/accounts/password/change/").url == "/accounts/password/change/"


def test_nobody_signs_up_alone(client):
    answer = client.post(
        reverse("account_signup"),
        {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code == 200
    assert not get_user_model().objects.filter(email="eve@example.com").exists()


def test_guessing_is_slowed_down_for_one_address(client, ada):
    """Red when the cache is per process or the limit is gone: the sixth try with the right password gets in."""
    for _ in range(5):
        sign_in(client, password="wrong")
    answer = sign_in(client)
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_reset_link_comes_from_base_url(client, ada, settings):
    """Red when the adapter builds the link from the request's Host."""
    settings.BASE_URL = "https://booking.example.org"
    settings.ALLOWED_HOSTS = ["another.example"]
    client.post(reverse("account_reset_password"), {"email": ada.email}, headers={"host": "another.example"})
    assert len(mail.outbox) == 1
    assert re.findall(r"https?://[^/\s]+", mail.outbox[0].body) == ["https://booking.example.org"]
    assert "another.example" not in mail.outbox[0].body


def test_reset_does_not_tell_who_is_here(client, ada):
    known = client.post(reverse("account_reset_password"), {"email": ada.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [[ada.email]]


def test_reset_works_to_the_end(client, ada):
    client.post(reverse("account_reset_password"), {"email": ada.email})
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    new = "another horse battery"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    ada.refresh_from_db()
    assert ada.check_password(new)


def test_mail_server_away_does_not_break_the_page(client, ada, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert client.post(reverse("account_reset_password"), {"email": ada.email}).status_code == 302


@pytest.mark.parametrize(
    "name", ["account_email", "account_confirm_email", "account_email_verification_sent"]
)
def test_addresses_cannot_be_changed_unproven(name):
    with pytest.raises(Exception, match="not a valid view function or pattern name"):
        reverse(name)


def test_signing_out_needs_a_post(client, ada):
    client.force_login(ada)
    assert "Clear-Site-Data" not in client.get(reverse("account_logout")).headers
    assert "_auth_user_id" in client.session
    answer = client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
    assert answer.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.django_db(transaction=True)
def test_limit_holds_across_threads(client, ada):
    """The counters are in the database, so that another process or thread starts from the same count."""

    def guess():
        for _ in range(5):
            sign_in(client, password="wrong")
        connection.close()

    thread = threading.Thread(target=guess)
    thread.start()
    thread.join()
    assert "_auth_user_id" not in client.session
    sign_in(client)
    assert "_auth_user_id" not in client.session
