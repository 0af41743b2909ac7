"""Who may enter which room. Bookings are decided by `Booking.objects.visible_to`; this decides about everything else.

What somebody may not see answers 404, the same as what does not exist.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from bookings.models import (
    Booking,
    BookingType,
    Contact,
    Conversation,
    Host,
    Invitation,
    Location,
    Membership,
    SingleUseLink,
    Team,
    User,
)

View = Callable[..., HttpResponse]


def teams_of(user: User) -> Any:
    """Teams somebody belongs to; all of them for an administrator."""
    return (
        Team.objects.all()
        if user.is_administrator
        else Team.objects.filter(memberships__user=user).distinct()
    )


def teams_managed_by(user: User) -> Any:
    if user.is_administrator:
        return Team.objects.all()
    return Team.objects.filter(memberships__user=user, memberships__role=Membership.Role.MANAGER).distinct()


def booking_for(user: User, pk: int) -> Booking:
    """The booking, with what a row shows, if somebody may see it; else 404."""
    return get_object_or_404(Booking.objects.visible_to(user).for_rows(), pk=pk)


def of_editable_bookings(user: User) -> Exists:
    """That a row is of a booking that somebody may act on. Asked for each row, because rows are few where bookings are many."""
    return Exists(Booking.objects.editable_by(user).filter(pk=OuterRef("booking")))


def team_managed_by(user: User, slug: str) -> Team:
    return get_object_or_404(teams_managed_by(user), slug=slug)


def type_editable_by(user: User, pk: int) -> BookingType:
    return get_object_or_404(BookingType.objects.editable_by(user).select_related("team"), pk=pk)


def type_visible_to(user: User, pk: int) -> BookingType:
    """A type of a team somebody belongs to, unless it was put away."""
    rows = BookingType.objects.visible_to(user).filter(archived_at__isnull=True)
    return get_object_or_404(rows.select_related("team"), pk=pk)


def type_shared_by(user: User, pk: int) -> BookingType:
    """A type whose private links somebody may make: of a team they manage, or one they host."""
    rows = BookingType.objects.shared_by(user).filter(archived_at__isnull=True)
    return get_object_or_404(rows.select_related("team"), pk=pk)


def single_use_link_of(user: User, kind: int, pk: int) -> SingleUseLink:
    """A link of this type that somebody may see: as its manager, or because they made it."""
    return get_object_or_404(SingleUseLink.objects.visible_to(user), booking_type=kind, pk=pk)


def host_of(user: User) -> Host:
    """Somebody's own host row; 404 for who hosts nothing."""
    host = Host.objects.filter(user=user).select_related("user").first()
    if host is None:
        raise Http404
    return host


def contact_visible_to(user: User, pk: int) -> Contact:
    """A contact of a team somebody belongs to, whoever hosts their bookings."""
    return get_object_or_404(Contact.objects.visible_to(user).select_related("team"), pk=pk)


def contact_managed_by(user: User, pk: int) -> Contact:
    return get_object_or_404(
        Contact.objects.select_related("team").filter(team__in=teams_managed_by(user)), pk=pk
    )


def conversation_visible_to(user: User, pk: int) -> Conversation:
    rows = Conversation.objects.filter(contact__in=Contact.objects.visible_to(user))
    return get_object_or_404(rows.select_related("contact__team"), pk=pk)


def manager_required(view: View) -> View:
    """Let in who manages a team, or is an administrator; 404 for the others, sign-in for strangers."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not teams_managed_by(request.user).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def host_editable_by(user: User, pk: int) -> Host:
    """A host whose hours somebody may set: their own, or one of a team they manage."""
    rows = Host.objects.select_related("user")
    if not user.is_administrator:
        rows = rows.filter(Q(user=user) | Q(user__memberships__team__in=teams_managed_by(user))).distinct()
    return get_object_or_404(rows, pk=pk)


def host_managed_by(user: User, pk: int) -> Host:
    """A host of a team somebody manages, be it themselves."""
    rows = Host.objects.select_related("user").filter(user__memberships__team__in=teams_managed_by(user))
    return get_object_or_404(rows.distinct(), pk=pk)


def hosts_editable_by(user: User) -> Any:
    """Everybody whose hours somebody may set, by name."""
    rows = Host.objects.select_related("user").filter(user__is_active=True)
    if user.is_administrator:
        return rows
    return rows.filter(Q(user=user) | Q(user__memberships__team__in=teams_managed_by(user))).distinct()


def membership_managed_by(user: User, pk: int) -> Membership:
    return get_object_or_404(
        Membership.objects.select_related("team", "user").filter(team__in=teams_managed_by(user)), pk=pk
    )


def invitation_managed_by(user: User, pk: int) -> Invitation:
    """An open invitation to a team somebody manages."""
    return get_object_or_404(
        Invitation.objects.select_related("team").filter(
            team__in=teams_managed_by(user), accepted_at__isnull=True
        ),
        pk=pk,
    )


def location_managed_by(user: User, pk: int) -> Location:
    return get_object_or_404(
        Location.objects.select_related("team").filter(team__in=teams_managed_by(user)), pk=pk
    )
