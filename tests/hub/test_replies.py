"""What invited people answered, on the pages: shown to who sees the booking, and asked about where somebody declines."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from bookinghub.environment import Inbox
from bookings import lifecycle
from bookings.models import Booking, InvitationReply
from bookings.rules.statuses import Action
from tests.hub.conftest import HTMX, settle
from tests.hub.test_bell import news


@pytest.fixture(autouse=True)
def _with_inbox(settings: Any) -> None:
    settings.HUB_INBOX = Inbox("127.0.0.1", 1, "answers", "", "INBOX", "")
    settings.HUB_INBOX_ADDRESS = "answers@hub.example"


def answer(booking: Booking, answer: str = "declined", **more: Any) -> InvitationReply:
    values = {
        "email": "zoe@riviere.example",
        "name": "Zoë Lefèvre",
        "audience": "booker",
        "state": "open" if answer in ("declined", "proposed") else "noted",
        "stamped_at": timezone.now(),
        **more,
    }
    return InvitationReply.objects.create(booking=booking, answer=answer, **values)


def test_a_refusal_is_asked_about_on_the_row_and_the_page(cast, as_person, confirmed):
    reply = answer(confirmed, comment="We have to <b>travel</b>.")
    ben = as_person(cast.ben)
    assert "Zoë Lefèvre declined" in ben.get("/?tab=upcoming").content.decode()
    text = ben.get(f"/bookings/{confirmed.pk}/").content.decode()
    assert "<b>Zoë Lefèvre</b> declined the invitation." in text
    assert "We have to &lt;b&gt;travel&lt;/b&gt;." in text
    assert f'href="/bookings/{confirmed.pk}/cancel/?back=booking"' in text
    assert f'action="/replies/{reply.pk}/keep/"' in text
    assert "Zoë Lefèvre: Declined" in text


def test_keeping_it_ends_the_question_and_leaves_the_booking(cast, as_person, confirmed):
    reply = answer(confirmed)
    ben = as_person(cast.ben)
    for headers in ({}, HTMX):
        answered = ben.post(f"/replies/{reply.pk}/keep/", {"back": "booking"}, headers=headers)
        assert answered.status_code == (200 if headers else 302)
    reply.refresh_from_db()
    assert reply.state == "kept"
    text = ben.get(f"/bookings/{confirmed.pk}/").content.decode()
    assert "declined the invitation.</p>" not in text
    assert "Zoë Lefèvre: Declined" in text
    confirmed.refresh_from_db()
    assert confirmed.status == "confirmed"


def test_cancelling_or_moving_ends_the_question(cast, as_person, confirmed):
    answer(confirmed)
    lifecycle.cancel(confirmed.pk, actor=lifecycle.person(cast.ben), version=confirmed.version)
    text = as_person(cast.ben).get(f"/bookings/{confirmed.pk}/").content.decode()
    assert "/keep/" not in text


def test_a_proposed_time_leads_to_the_dialog_that_moves_it_there(cast, as_person, confirmed):
    at = confirmed.starts_at + timedelta(minutes=7)
    answer(confirmed, "proposed", proposed_at=at)
    text = as_person(cast.ben).get(f"/bookings/{confirmed.pk}/").content.decode()
    start = int(at.timestamp() // 60)
    assert f"/bookings/{confirmed.pk}/reschedule/?back=booking&amp;start={start}" in text
    assert "<b>Zoë Lefèvre</b> proposes <b>" in text


@pytest.mark.parametrize("person", ["cleo", "dora"])
def test_who_does_not_see_the_booking_answers_nothing(cast, as_person, confirmed, person):
    reply = answer(confirmed)
    assert as_person(getattr(cast, person)).post(f"/replies/{reply.pk}/keep/").status_code == 404
    reply.refresh_from_db()
    assert reply.state == "open"


def test_an_acceptance_is_shown_and_asks_nothing(cast, as_person, confirmed):
    answer(confirmed, "accepted")
    text = as_person(cast.ben).get(f"/bookings/{confirmed.pk}/").content.decode()
    assert "Zoë Lefèvre: Accepted" in text
    assert "/keep/" not in text


def test_the_history_and_the_bell_tell_it(cast, as_person, confirmed):
    for said, words in (
        ({"reply": ["Zoë Lefèvre", "declined"]}, "Zoë Lefèvre declined the invitation"),
        ({"reply": ["Guy", "accepted"], "is_old": [False, True]}, "Guy accepted the invitation"),
        (
            {"reply": ["Guy", "proposed"], "proposed_at": ["", confirmed.starts_at.isoformat()]},
            "Guy proposes another time",
        ),
    ):
        confirmed.changes.create(
            chain=confirmed.chain,
            actor_kind="booker",
            actor_name="Zoë Lefèvre",
            action=Action.REPLY,
            from_status="confirmed",
            to_status="confirmed",
            version=confirmed.version,
            changed=said,
            team_before=cast.team,
            team_after=cast.team,
            hosts_before=[cast.ben_host.pk],
            hosts_after=[cast.ben_host.pk],
        )
        text = as_person(cast.ben).get(f"/bookings/{confirmed.pk}/").content.decode()
        assert words in text
        assert words in news(as_person(cast.ben))
    assert "overtaken by a newer invitation or answer" in text


@pytest.mark.parametrize("count", [1, 5])
def test_the_hub_takes_one_query_more_where_answers_are_read(
    cast, as_person, django_assert_num_queries, settings, count
):
    for n in range(count):
        answer(settle(cast.book(hour=8 + n)))
    client = as_person(cast.ada)
    with django_assert_num_queries(9):
        assert "declined" in client.get("/?tab=upcoming").content.decode()
    settings.HUB_INBOX = None
    with django_assert_num_queries(8):
        assert "declined" not in client.get("/?tab=upcoming").content.decode()
