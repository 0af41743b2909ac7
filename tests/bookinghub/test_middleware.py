"""Headers, log lines and the answer while the database is away."""

import logging

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, re_path

from bookinghub.logging import NoLinks, RequestId
from bookinghub.middleware import server_error

TOKEN = "eyJzZWNyZXQiOiJ0b2tlbiJ9"


def public(request: HttpRequest, token: str = "") -> HttpResponse:
    return HttpResponse("times")


public.is_public = True  # as views.public marks the views that read no cookie


def personal(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


def broken_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection unexpectedly")


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("a mistake of ours")


urlpatterns = [
    path("public", public, name="public"),
    path("personal", personal, name="personal"),
    path("m/<token>", public, name="manage"),
    path("down", broken_database, name="down"),
    path("broken", broken, name="broken"),
    path("bookings/", include(([re_path("hub", public, name="hub")], "bookings"))),
]
handler500 = "bookinghub.middleware.server_error"

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def anybody():
    return Client(raise_request_exception=False)


def test_every_answer_carries_the_headers_of_the_baseline(anybody):
    headers = anybody.get("/public").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
        assert part in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "HX-Request" in headers["Vary"]
    assert len(headers["X-Request-ID"]) == 12


@pytest.mark.django_db
def test_personal_pages_are_not_kept(anybody):
    """Red when cache_rules forgets session.accessed or the manage links."""
    assert anybody.get("/personal").headers["Cache-Control"] == "private, no-store"
    assert anybody.get(f"/m/{TOKEN}").headers["Cache-Control"] == "private, no-store"
    assert anybody.get("/public").headers["Cache-Control"] == "no-cache"


def test_public_pages_neither_set_nor_read_a_cookie(anybody):
    answer = anybody.get("/public")
    assert answer.cookies == {}
    assert "Cookie" not in answer.headers["Vary"]


def test_database_away_is_503_with_a_time_to_retry(anybody):
    answer = anybody.get("/down")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_database_away_before_the_view_is_503_too(rf: RequestFactory):
    try:
        raise OperationalError("no session to be had")
    except OperationalError:
        assert server_error(rf.get("/personal")).status_code == 503


def test_a_mistake_of_ours_is_500(anybody):
    answer = anybody.get("/broken")
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


@pytest.fixture
def lines(caplog):
    caplog.handler.addFilter(NoLinks())
    caplog.handler.addFilter(RequestId())
    caplog.set_level(logging.INFO)
    yield caplog
    caplog.handler.filters.clear()


def test_log_lines_name_routes_and_no_tokens(anybody, lines):
    """Red when request_record writes request.path, or when NoLinks lets Django's own lines through."""
    anybody.get(f"/m/{TOKEN}")
    anybody.get(f"/m/{TOKEN}/nothing-here")
    anybody.post(f"/m/{TOKEN}")
    Client(enforce_csrf_checks=True).post(f"/m/{TOKEN}")
    text = "\n".join(record.getMessage() for record in lines.records)
    assert "GET manage 200" in text
    assert "(no route)" in text
    assert TOKEN not in text


def test_log_lines_of_one_request_share_its_id(anybody, lines):
    answer = anybody.get("/nowhere")
    ids = {
        record.request_id
        for record in lines.records
        if record.name in {"bookinghub.request", "django.request"}
    }
    assert answer.headers["X-Request-ID"] in ids


def test_links_in_other_messages_are_cut():
    record = logging.LogRecord(
        "x", 20, __file__, 1, "opened %s", (f"https://hub.example/m/{TOKEN}?a=1",), None
    )
    assert NoLinks().filter(record)
    assert record.getMessage() == "opened https://hub.example/m/…?a=1"


@pytest.mark.django_db
def test_log_line_names_the_actor(lines, client):
    ada = get_user_model().objects.create_user(email="ada@example.com", password=None)
    client.force_login(ada)
    client.get("/personal")
    assert f"actor={ada.pk}" in lines.text
