"""The shared fragments and frames: what each shows, and that error pages stand without request, session and database."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory


def web_request(path="/", *, htmx=False, cookies=None):
    request = RequestFactory().get(path)
    request.htmx = htmx
    request.user = AnonymousUser()
    request.COOKIES = cookies or {}
    return request


def a_day(number, **facts):
    day = date(2027, 3, number)
    known = {
        "number": number,
        "date": day,
        "url": f"?day={day}",
        "is_today": False,
        "is_selected": False,
        "label": f"{number} March",
    }
    return SimpleNamespace(**known | facts)


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "500", "503"])
def test_error_pages_stand_alone(code):
    html = get_template(f"{code}.html").render()

    assert html.count("<h1>") == 1
    assert "<script" not in html
    assert 'href="' in html


def test_conflict_page_says_what_happened():
    assert "Ben confirmed this at 13:20." in render_to_string(
        "409.html", {"sentence": "Ben confirmed this at 13:20."}
    )


def test_public_page_sets_no_cookie_and_ignores_the_theme():
    request = web_request("/heliograf/demo/?day=2027-03-11", cookies={"theme": "dark"})

    html = get_template("public.html").render(
        {"team": SimpleNamespace(name="Heliograf", privacy_url="")}, request
    )

    assert "data-theme" not in html
    assert "csrf" not in html
    assert "CSRF_COOKIE" not in request.META
    assert 'href="?day=2027-03-11&amp;lang=de"' in html


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ('"><script>', "")],
)
def test_hub_page_takes_the_theme_from_the_cookie(cookie, attribute):
    html = get_template("allauth/layouts/base.html").render({}, web_request(cookies={"theme": cookie}))

    assert f'<html lang="en"{attribute}>' in html


def test_month_grid_links_open_days_only():
    week = [
        None,
        a_day(2, url=None, label="2 March, no times"),
        a_day(3, is_today=True),
        a_day(4, is_selected=True),
        None,
        None,
        None,
    ]
    month = SimpleNamespace(title="March 2027", prev_url=None, next_url="?month=2027-04", weeks=[week])

    html = render_to_string("bookings/_month_grid.html", {"month": month})

    assert '<span class="vh">2 March, no times</span>' in html
    assert (
        '<a href="?day=2027-03-03" id="day-2027-03-03" class="today" aria-current="date" aria-label="3 March">3</a>'
        in html
    )
    assert '<td aria-selected="true"><a href="?day=2027-03-04"' in html
    assert html.count("<td></td>") == 4
    assert 'rel="next"' in html
    assert 'rel="prev"' not in html


def test_times_are_buttons_grouped_by_part_of_day():
    slots = [
        SimpleNamespace(part="morning", label="09:00", value=1),
        SimpleNamespace(part="morning", label="09:30", value=2, note="UTC+1"),
        SimpleNamespace(part="evening", label="18:00", value=30_000_000),
    ]

    html = render_to_string("bookings/_times.html", {"slots": slots, "action": "/hold/"})

    assert html.count("<section") == 2
    assert '<button class="time" name="start" value="1"><span>09:00</span></button>' in html
    assert (
        '<button class="time" name="start" value="2"><span>09:30</span><small>UTC+1</small></button>' in html
    )
    assert 'value="30000000"' in html
    assert "csrf" not in html


def test_timeline_tells_who_when_and_why():
    change = {
        "status": "rescheduled",
        "title": "Rescheduled",
        "was": "Mon 8 March, 16:00",
        "who": "Ana",
        "at": "5 March, 09:01",
        "reason": "<travelling>",
    }

    html = render_to_string("bookings/_timeline.html", {"changes": [change]})

    assert '<li data-status="rescheduled">' in html
    assert "<s>Mon 8 March, 16:00</s>" in html
    assert "<q>&lt;travelling&gt;</q>" in html


def test_receipts_offer_retry_where_something_failed():
    failed = {
        "state": "failed",
        "title": "Invitation, Zoë",
        "text": "Refused",
        "retry_url": "/deliveries/1/retry/",
    }
    done = {"state": "done", "title": "Request received", "at": "4 March"}

    html = render_to_string("bookings/_receipts.html", {"receipts": [failed, done]}, web_request())

    assert html.count("Retry") == 1
    assert 'action="/deliveries/1/retry/"' in html
    assert '<li class="failed">' in html


def test_dialog_is_modal_for_htmx_and_a_page_without():
    context = {
        "action": "/b/1/cancel/",
        "version": 7,
        "title": "Cancel?",
        "safe": "Keep booking",
        "deed": "Cancel booking",
        "deed_kind": "danger",
        "back_url": "/b/1/",
        "form": None,
    }

    modal = render_to_string("bookings/_dialog.html", context, web_request(htmx=True))
    page = render_to_string("bookings/_dialog.html", context, web_request())

    assert modal.startswith("<dialog")
    assert 'hx-post="/b/1/cancel/"' in modal
    assert "<dialog" not in page
    assert '<a class="button" href="/b/1/">Keep booking</a>' in page
    for html in (modal, page):
        assert '<input type="hidden" name="version" value="7">' in html
        assert html.index("Keep booking") < html.index("Cancel booking")


def test_follows_are_left_out_when_there_are_none():
    assert render_to_string("bookings/_follows.html", {"follows": []}).strip() == ""
    assert "free at once" in render_to_string(
        "bookings/_follows.html",
        {"follows": [{"symbol": "clock", "lead": "14:30", "text": "is free at once"}]},
    )


def test_toast_counts_down_where_it_can_be_undone():
    html = render_to_string(
        "_toast.html",
        {
            "kind": "good",
            "title": "Declined",
            "undo_url": "/b/1/undo/",
            "seconds": 10,
            "undo_fields": [("version", "8")],
        },
        web_request(),
    )

    assert 'data-seconds="10"' in html
    assert '<progress class="needs-script" max="10" value="10"' in html
    assert "data-seconds" not in render_to_string("_toast.html", {"kind": "trouble", "title": "No answer"})
