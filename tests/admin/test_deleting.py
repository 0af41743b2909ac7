"""Deleting in Django admin: what bookings hang on stays, with a sentence, by the page and by the list alike."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client

from bookings.admin.base import HubAdmin
from bookings.models import (
    Booking,
    BookingType,
    BusyTime,
    Contact,
    Conversation,
    Delivery,
    Host,
    Invitation,
    Location,
    Membership,
    Team,
    TypeHost,
    User,
)
from tests.admin.conftest import fill
from tests.admin.test_persons import url
from tests.cast import Cast, make_host, make_type, make_user

pytestmark = pytest.mark.django_db

HELD = {
    Team: "Team 0 can't be deleted, because bookings belong to it. Nothing was changed.",
    BookingType: "Type 0 can't be deleted, because bookings belong to it. Nothing was changed. Put it away instead.",
    Location: "Place 0 can't be deleted, because bookings belong to it. Nothing was changed. Put it away instead.",
    Host: "Person 0 can't be deleted, because bookings belong to it. Nothing was changed. Let the host no longer be booked instead.",
    User: "Person 0 can't be deleted, because bookings belong to it. Nothing was changed. Make the person inactive instead.",
    Contact: "Booker 0 can't be deleted, because bookings belong to it. Nothing was changed.",
}


def said(answer: Any) -> str:
    return "\n".join(str(message) for message in get_messages(answer.wsgi_request)).replace("&#x27;", "'")


def everything() -> dict[str, int]:
    return {
        model.__name__: model.objects.count() for model in (*HELD, Booking, TypeHost, BusyTime, Membership)
    }


@pytest.mark.parametrize("model", HELD, ids=lambda model: model.__name__)
@pytest.mark.parametrize("by", ["page", "list", "list, told it was asked"])
def test_what_bookings_hang_on_stays(cast: Cast, root: Client, model: type, by: str) -> None:
    """Break: empty `held_by` of teams and contacts, and contacts are deleted from under their bookings."""
    fill(cast, 1)
    row, before = model.objects.latest("pk"), everything()
    if by == "page":
        answer = root.post(url(model, "delete", row.pk), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [row.pk]} | (
            {"post": "yes"} if "told" in by else {}
        )
        answer = root.post(url(model, "changelist"), data)
    assert answer.status_code == 302
    assert said(answer) == f"<div>{HELD[model]}</div>"
    assert everything() == before


def test_of_several_chosen_all_are_deleted_or_none(cast: Cast, root: Client) -> None:
    cast.book()
    free = make_type(cast.team, cast.ben_host, name="Free")
    chosen = {"action": "delete_selected", "_selected_action": [free.pk, cast.demo.pk], "post": "yes"}
    root.post(url(BookingType, "changelist"), chosen)
    assert BookingType.objects.filter(pk__in=[free.pk, cast.demo.pk]).count() == 2


def test_what_nothing_hangs_on_is_deleted_with_what_only_goes_along(cast: Cast, staff: Client) -> None:
    """Parts, questions, external busy time and mails have no permission of their own to be asked for."""
    host = make_host(make_user("Eve", "eve@hub.example"))
    kind = make_type(cast.team, host, name="Free")
    BusyTime.objects.create(
        host=host, owner=host.user.pk and "0" * 32, starts=1, ends=2, source="external", exclusive=False
    )
    assert staff.post(url(BookingType, "delete", kind.pk), {"post": "yes"}).status_code == 302
    assert staff.post(url(Host, "delete", host.pk), {"post": "yes"}).status_code == 302
    assert staff.post(url(User, "delete", host.user.pk), {"post": "yes"}).status_code == 302
    assert (
        not User.objects.filter(name="Eve").exists() and not BookingType.objects.filter(name="Free").exists()
    )


def test_a_team_with_types_or_contacts_stays(cast: Cast, staff: Client) -> None:
    answer = staff.post(url(Team, "delete", cast.team.pk), {"post": "yes"})
    assert "because booking types belong to it" in said(answer)
    Contact.objects.create(team=cast.other_team, name="Zoë")
    answer = staff.post(url(Team, "delete", cast.other_team.pk), {"post": "yes"})
    assert "because contacts belong to it" in said(answer)
    Contact.objects.all().delete()
    Delivery.objects.create(
        key="k", team=cast.other_team, channel="mail", kind="team_invitation", message_id="m"
    )
    staff.post(url(Team, "delete", cast.other_team.pk), {"post": "yes"})
    assert list(Team.objects.all()) == [cast.team]


def test_a_conversation_of_a_booking_stays(cast: Cast, staff: Client) -> None:
    booking = cast.book()
    row = Conversation.objects.create(contact=booking.chain.contact, channel="Chat")
    booking.chain.conversation = row
    booking.chain.save()
    assert "bookings belong to it" in said(staff.post(url(Conversation, "delete", row.pk), {"post": "yes"}))
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("by", ["page", "list"])
def test_the_last_manager_stays_in_the_team(cast: Cast, staff: Client, by: str) -> None:
    row = Membership.objects.get(user=cast.ada)
    if by == "page":
        answer = staff.post(url(Membership, "delete", row.pk), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        answer = staff.post(url(Membership, "changelist"), chosen)
    assert "Ada Brandt is the only manager of this team." in said(answer)
    assert "Successfully" not in said(answer)
    assert Membership.objects.filter(pk=row.pk).exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("by", ["page", "list"])
def test_the_person_who_is_the_last_manager_stays(cast: Cast, staff: Client, by: str) -> None:
    if by == "page":
        answer = staff.post(url(User, "delete", cast.ada.pk), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [cast.ada.pk], "post": "yes"}
        answer = staff.post(url(User, "changelist"), chosen)
    assert "Ada Brandt is the only manager of this team." in said(answer)
    assert User.objects.filter(pk=cast.ada.pk).exists()


def test_two_managers_at_once_leave_one(cast: Cast, staff: Client) -> None:
    """Break: let the list delete without remove_member, and the team is left without a manager."""
    Membership.objects.filter(user=cast.ben).update(role="manager")
    both = list(Membership.objects.filter(team=cast.team, role="manager").values_list("pk", flat=True))
    chosen = {"action": "delete_selected", "_selected_action": both, "post": "yes"}
    staff.post(url(Membership, "changelist"), chosen)
    assert Membership.objects.filter(pk__in=both).count() == 2


def test_who_leaves_a_team_gets_no_new_bookings_of_its_types(cast: Cast, staff: Client) -> None:
    row = Membership.objects.get(user=cast.ben)
    staff.post(url(Membership, "delete", row.pk), {"post": "yes"})
    assert set(TypeHost.objects.filter(host=cast.ben_host).values_list("is_paused", flat=True)) == {True}


def test_who_worked_here_is_kept_for_the_log(cast: Cast, staff: Client, root: Client) -> None:
    changer = cast.extra["changer"]
    staff.post(url(Contact, "add"), {"team": cast.team.pk, "name": "Zoë"})
    assert LogEntry.objects.filter(user=changer).count() == 1
    assert "entries of the log" in said(root.post(url(User, "delete", changer.pk), {"post": "yes"}))
    assert LogEntry.objects.filter(user=changer).count() == 1


def test_nobody_deletes_themselves(cast: Cast, root: Client) -> None:
    assert root.post(url(User, "delete", cast.extra["super"].pk), {"post": "yes"}).status_code == 403


def test_deleting_an_open_invitation_takes_it_back(cast: Cast, staff: Client) -> None:
    fill(cast, 1)
    staff.post(url(Invitation, "delete", Invitation.objects.get().pk), {"post": "yes"})
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("by", ["page", "list"])
def test_what_turns_up_while_it_is_being_deleted_is_told(
    cast: Cast, staff: Client, monkeypatch: Any, by: str
) -> None:
    """A booking that is made between the look and the deed."""
    free = make_type(cast.team, cast.ben_host, name="Free", location=cast.place)
    look = HubAdmin.get_deleted_objects

    def look_and_be_late(self: Any, objs: Any, request: Any) -> Any:
        found = look(self, objs, request)
        cast.book(kind=free)
        return found

    monkeypatch.setattr(HubAdmin, "get_deleted_objects", look_and_be_late)
    if by == "page":
        answer = staff.post(url(BookingType, "delete", free.pk), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [free.pk], "post": "yes"}
        answer = staff.post(url(BookingType, "changelist"), chosen)
    assert (
        said(answer)
        == "<div>This row can't be deleted, because bookings belong to it. Nothing was changed.</div>"
    )
    assert BookingType.objects.filter(pk=free.pk).exists()


def test_put_away_instead(cast: Cast, staff: Client) -> None:
    cast.book()
    staff.post(url(BookingType, "changelist"), {"action": "put_away", "_selected_action": [cast.demo.pk]})
    cast.demo.refresh_from_db()
    assert cast.demo.archived_at is not None and not cast.demo.is_active
    staff.post(url(Location, "changelist"), {"action": "put_away", "_selected_action": [cast.place.pk]})
    cast.place.refresh_from_db()
    assert cast.place.archived_at is not None
