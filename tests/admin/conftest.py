"""The cast with the people of Django admin, and a hub in which every table has rows."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from bookings import lifecycle, links, private_links
from bookings.models import (
    AssignmentDecision,
    Attempt,
    BookingChain,
    ContactAlias,
    ContactChange,
    Conversation,
    DateOverride,
    ExceptionRequest,
    Guest,
    Inbox,
    Invitation,
    InvitationReply,
    Location,
    MeetingRoom,
    Membership,
    OutOfOffice,
    Payment,
    Question,
    ReadMail,
    SubmittedForm,
    Team,
    User,
)
from calendars.demo import sample_calendar
from calendars.models import EventLink, Feed, HiddenCalendar
from tests.cast import Cast, at, gather, make_host, make_type, make_user


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast; `extra` holds the staff: with no permissions, with those to look, with those to change, and a superuser."""
    people = gather()
    people.extra["by_hand"] = make_type(
        people.team, people.ben_host, name="Energy advice", location=people.place, approval="always"
    )
    people.extra |= gather_staff()
    return people


def gather_staff() -> dict[str, User]:
    staff = {
        name: make_user(f"Staff {name}", f"{name}@hub.example", is_staff=True)
        for name in ("bare", "viewer", "changer", "super")
    }
    User.objects.filter(pk=staff["super"].pk).update(is_superuser=True)
    allow(staff["viewer"], "view")
    allow(staff["changer"], "view", "add", "change", "delete")
    return {name: User.objects.get(pk=user.pk) for name, user in staff.items()}


def allow(user: User, *deeds: str, model: type | None = None) -> None:
    """Give somebody the permissions for these deeds, on one table or on all."""
    rows = Permission.objects.filter(codename__regex=f"^({'|'.join(deeds)})_")
    if model is not None:
        rows = rows.filter(content_type=ContentType.objects.get_for_model(model))
    user.user_permissions.add(*rows)


@pytest.fixture
def as_person() -> Callable[[User], Client]:
    """Sign somebody in by the back door."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def staff(cast: Cast, as_person: Callable[[User], Client]) -> Client:
    """Somebody with every model permission, and no superuser."""
    return as_person(cast.extra["changer"])


@pytest.fixture
def root(cast: Cast, as_person: Callable[[User], Client]) -> Client:
    return as_person(cast.extra["super"])


def fill(cast: Cast, count: int) -> None:
    """Put `count` rows or more into every table of the domain, each with rows of its own to point at."""
    now = timezone.now()
    for n in range(count):
        user = make_user(f"Person {n}", f"person{n}@hub.example")
        host = make_host(user)
        team = Team.objects.create(name=f"Team {n}", slug=f"team-{n}", time_zone="UTC")
        Membership.objects.create(team=team, user=user, role="manager")
        Group.objects.create(name=f"Group {n}")
        place = Location.objects.create(team=team, name=f"Place {n}", kind="meeting")
        kind = make_type(team, host, name=f"Type {n}", location=place, approval="always")
        Question.objects.create(booking_type=kind, label=f"Why {n}?")
        DateOverride.objects.create(host=host, on="2031-01-01", intervals=[[540, 600]])
        OutOfOffice.objects.create(host=host, from_on="2031-02-01", until_on="2031-02-02")
        Invitation.objects.create(
            team=team,
            email=f"join{n}@hub.example",
            nonce=links.new_nonce(),
            invited_by=user,
            expires_at=now + timedelta(days=7),
        )
        private_links.make(kind, private_links.Facts(note=f"Note {n}"), by=user)
        booking = cast.book(hour=10, kind=kind, name=f"Booker {n}", email=f"booker{n}@riviere.example")
        money = Payment.objects.create(amount_cents=4500, currency="EUR", state="waived", leads_to="pending")
        BookingChain.objects.filter(pk=booking.chain_id).update(payment=money)
        Guest.objects.create(chain=booking.chain, email="guest@riviere.example")
        ContactAlias.objects.create(contact=booking.chain.contact, team=team, value=f"old{n}@riviere.example")
        ContactChange.objects.create(contact=booking.chain.contact, actor=user, action="edit")
        Conversation.objects.create(contact=booking.chain.contact, channel="Chat", last_message_at=now)
        AssignmentDecision.objects.create(booking=booking, host=host, occasion="book", candidates=[])
        ExceptionRequest.objects.create(booking=booking, wish="cancel", reason="Ill")
        InvitationReply.objects.create(
            booking=booking, email=f"a{n}@hub.example", audience="guest", answer="accepted", stamped_at=now
        )
        Inbox.objects.create()
        ReadMail.objects.create(key=f"{n}")
        MeetingRoom.objects.create(chain=booking.chain, location=place, service="test", key=f"key {n}")
        SubmittedForm.objects.create(scope="book", key=f"key {n}", body_hash="0" * 64, booking=booking)
        Attempt.objects.create(scope="book", who=f"{n}")
        calendar = sample_calendar(host, now)
        Feed.objects.create(host=host, shows="busy", nonce=links.new_nonce())
        EventLink.objects.create(chain=booking.chain, host=host, calendar=calendar)
        HiddenCalendar.objects.create(user=user, calendar=calendar)
        time = lifecycle.Time(kind, place, at(15), 30)
        lifecycle.hold(time, visitor=uuid.uuid4().hex)


def formset(prefix: str, *rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def errors(answer: Any) -> dict[str, list[str]]:
    """The errors of a refused form by field; those of the rows below it under "rows"."""
    assert answer.status_code == 200, answer.status_code
    found = dict(answer.context["adminform"].form.errors)
    rows = [
        error for formset in answer.context["inline_admin_formsets"] for error in formset.non_form_errors()
    ]
    return found | ({"rows": rows} if rows else {})
