"""Setting up: the first team, people coming and going, hours. Each verb is one transaction; who may call it is decided before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext, override

from bookings import elsewhere, invitations, slugs
from bookings.links import new_nonce
from bookings.models import Host, Invitation, Location, Membership, Team, TypeHost, User
from bookings.rules.hours import WeeklyHours, weekly_json
from bookings.rules.refusals import Refused

#: Monday to Friday, nine to five: what a new host begins with.
OFFICE_HOURS: WeeklyHours = (((540, 1020),),) * 5 + ((), ())
INVITATION_DAYS = 14


class AlreadySetUp(Exception):
    """Somebody exists, so the first run is over."""


@dataclass(frozen=True)
class NewPerson:
    """Somebody who comes in: what they typed about themselves."""

    name: str
    email: str
    password: str
    zone: str
    language: str


# -- The first run -----------------------------------------------------------------------------------------------------


@transaction.atomic
def first_team(person: NewPerson, *, team_name: str, team_slug: str) -> User:
    """Make the administrator, the team they manage, their hours and a first place. Raises AlreadySetUp when anybody exists.

    Of two that come at once the second waits for the first, and then finds somebody.
    """
    _shut_out_others()
    if User.objects.exists():
        raise AlreadySetUp
    user = _make_user(person, is_administrator=True, is_staff=True, is_superuser=True)
    make_team(team_name, slug=team_slug, zone=person.zone, language=person.language, manager=user)
    make_host(user)
    return user


def _shut_out_others() -> None:
    # SQLite has the one write lock already (BEGIN IMMEDIATE); on PostgreSQL there is no row yet that could be locked.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {User._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


@transaction.atomic
def make_team(name: str, *, slug: str, zone: str, language: str, manager: User) -> Team:
    """Make a team with its first manager and a place where it can meet: a video call."""
    team = Team.objects.create(
        name=name,
        slug=slug or slugs.team_slug(name),
        time_zone=zone,
        language=language,
        hue=Team.objects.count() % 12 + 1,
    )
    Membership.objects.create(team=team, user=manager, role=Membership.Role.MANAGER)
    with override(language):
        Location.objects.create(team=team, name=gettext("Video call"), kind=Location.Kind.MEETING)
    return team


def make_host(user: User) -> Host:
    """Let somebody be booked, in office hours to begin with; who is a host already keeps their hours."""
    row, _made = Host.objects.get_or_create(
        user=user, defaults={"time_zone": user.time_zone, "weekly_hours": weekly_json(OFFICE_HOURS)}
    )
    return row


def _make_user(person: NewPerson, **extra: Any) -> User:
    hue = User.objects.count() % 12 + 1
    return User.objects.create_user(
        person.email,
        person.password,
        name=person.name,
        time_zone=person.zone,
        language=person.language,
        hue=hue,
        **extra,
    )


# -- People coming and going -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invitee:
    """Whom a manager invites."""

    email: str
    name: str
    role: str
    language: str


@transaction.atomic
def invite(team: Team, invitee: Invitee, *, by: User, now: datetime) -> Invitation:
    """Invite somebody by mail; an open invitation to that address is renewed. Raises Refused: already_member."""
    email = User.objects.normalize_email(invitee.email)
    if Membership.objects.filter(team=team, user__email=email).exists():
        raise Refused("already_member", field="email", email=email)
    row, _made = Invitation.objects.update_or_create(
        team=team,
        email=email,
        accepted_at=None,
        defaults={
            "name": invitee.name,
            "role": invitee.role,
            "language": invitee.language,
            "invited_by": by,
            "nonce": new_nonce(),
            "expires_at": _expiry(now),
        },
    )
    invitations.send(row, by=by, now=now)
    return row


@transaction.atomic
def resend(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Send an open invitation again, with a new link; the old one ends."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).update(
        nonce=new_nonce(), expires_at=_expiry(now)
    )
    invitations.send(invitation, by=by, now=now)


def revoke(invitation: Invitation) -> None:
    """Take an open invitation back; its link is worth nothing from now on."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).delete()


def _expiry(now: datetime) -> datetime:
    return now + timedelta(days=INVITATION_DAYS)


def check_open(invitation: Invitation, *, now: datetime) -> None:
    """Raise Refused: link_used, link_expired."""
    if invitation.accepted_at is not None:
        raise Refused("link_used")
    if invitation.expires_at <= now:
        raise Refused("link_expired")


@transaction.atomic
def accept_as_new(invitation: Invitation, person: NewPerson, *, now: datetime) -> User:
    """Bring in somebody who has no account: makes them, their place in the team and their hours. Raises as `check_open` does."""
    _claim(invitation, now=now)
    user = _make_user(person)
    _join(invitation, user)
    return user


@transaction.atomic
def accept_as_known(invitation: Invitation, user: User, *, now: datetime) -> User:
    """Bring somebody who is signed in into one more team. Raises as `check_open` does."""
    _claim(invitation, now=now)
    _join(invitation, user)
    return user


def _claim(invitation: Invitation, *, now: datetime) -> None:
    """Mark it accepted, once: of two that come at once, or with a link that was renewed, one is refused."""
    rows = Invitation.objects.filter(
        pk=invitation.pk, nonce=invitation.nonce, accepted_at__isnull=True, expires_at__gt=now
    )
    if not rows.update(accepted_at=now):
        check_open(
            Invitation.objects.filter(pk=invitation.pk, nonce=invitation.nonce).first() or _gone(), now=now
        )
        raise Refused("link_used")


def _gone() -> Invitation:
    raise Refused("bad_link")


def _join(invitation: Invitation, user: User) -> None:
    Membership.objects.get_or_create(team=invitation.team, user=user, defaults={"role": invitation.role})
    make_host(user)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)


@transaction.atomic
def change_role(membership: Membership, role: str) -> None:
    """Make somebody a manager or a host of the team. Raises Refused: last_manager."""
    if role != Membership.Role.MANAGER:
        keep_a_manager(membership)
    Membership.objects.filter(pk=membership.pk).update(role=role)


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """Take somebody out of the team: they get no new bookings of its types; what is booked stands. Raises Refused: last_manager."""
    keep_a_manager(membership)
    TypeHost.objects.filter(booking_type__team=membership.team_id, host__user=membership.user_id).update(
        is_paused=True
    )
    membership.delete()


def keep_a_manager(membership: Membership) -> None:
    """Refuse to lose the only manager of a team; to be asked in the transaction that would. Raises Refused: last_manager."""
    # The team's row is the lock: two managers who remove each other at once must not both succeed.
    list(Team.objects.select_for_update().filter(pk=membership.team_id).values_list("pk"))
    others = Membership.objects.filter(
        team=membership.team_id, role=Membership.Role.MANAGER, user__is_active=True
    ).exclude(pk=membership.pk)
    if membership.role == Membership.Role.MANAGER and not others.exists():
        raise Refused("last_manager", name=membership.user.name)


# -- Hours -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HostHours:
    """A host's week, the zone it is told in, and how many bookings they take at most; None for no limit."""

    weekly: WeeklyHours
    zone: str
    max_per_day: int | None
    max_per_week: int | None


def save_hours(host: Host, hours: HostHours) -> None:
    Host.objects.filter(pk=host.pk).update(
        weekly_hours=weekly_json(hours.weekly),
        time_zone=hours.zone,
        max_per_day=hours.max_per_day,
        max_per_week=hours.max_per_week,
    )
    if hours.zone != host.time_zone:
        elsewhere.zone_changed.ask(host.pk)


def offer_unchecked(host: Host, is_offered: bool) -> None:
    """Choose whether times are offered while a calendar of a host can't be relied on."""
    host.offers_nothing_unchecked = not is_offered
    Host.objects.filter(pk=host.pk).update(offers_nothing_unchecked=not is_offered)


def keep_holidays(host: Host, code: str) -> None:
    """Close a host's days on the public holidays of a country or a part of one; "" for none."""
    Host.objects.filter(pk=host.pk).update(holiday_country=code)


def work_on(host: Host, on: date) -> None:
    """Keep the hours of the week on a date that a public holiday would close."""
    save_override(host, on, host.week[on.weekday()])


def save_override(owner: Host | Location, on: date, intervals: Sequence[tuple[int, int]]) -> None:
    """Set other hours of a host or a place for one date, replacing what was set for it; no intervals means closed."""
    owner.overrides.update_or_create(
        on=on, defaults={"intervals": [list(pair) for pair in sorted(intervals)]}
    )


def clear_override(owner: Host | Location, on: date) -> None:
    """Let the week hold on that date again."""
    owner.overrides.filter(on=on).delete()
