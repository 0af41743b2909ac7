"""The team: its members, what it is called, and the way from one team to another. Invitations, hosts and places have modules of their own."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import access, setup
from bookings.forms.team import InviteForm, NewTeamForm, RoleForm, TeamForm
from bookings.links import absolute
from bookings.models import Booking, Team
from bookings.rules.refusals import Refused
from bookings.views import hosts, places
from bookings.views.signed_in import signed_in


@signed_in
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """One team of somebody: the one the address names, else their first."""
    teams = access.teams_of(request.user)
    slug = request.GET.get("team", "")
    chosen = teams.filter(slug=slug).first() if slug else teams.order_by("name").first()
    if chosen is None:
        raise Http404
    return render_team(request, chosen)


def render_team(
    request: HttpRequest,
    chosen: Team,
    *,
    invite: InviteForm | None = None,
    settings: TeamForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a team, with a refused form where there is one."""
    now = timezone.now()
    can_manage = access.teams_managed_by(request.user).filter(pk=chosen.pk).exists()
    places_of_team = list(chosen.locations.all())
    ahead = Count("user__host__booking_hosts", filter=_ahead(chosen, now), distinct=True)
    context = {
        "team": chosen,
        "teams": access.teams_of(request.user).order_by("name"),
        "can_manage": can_manage,
        "members": chosen.memberships.select_related("user", "user__host")
        .annotate(ahead=ahead)
        .order_by("-role", "user__name"),
        "locations": [place for place in places_of_team if place.archived_at is None],
        "put_away": [place for place in places_of_team if place.archived_at and can_manage],
        "public_address": absolute(f"/{chosen.slug}/"),
        "roles": RoleForm.base_fields["role"].choices,
    }
    if can_manage:
        context |= {
            "invitations": chosen.invitations.filter(accepted_at__isnull=True),
            "now": now,
            "invite_form": invite or InviteForm(prefix="invite", initial={"language": chosen.language}),
            "settings_form": settings or TeamForm(instance=Team.objects.get(pk=chosen.pk), prefix="team"),
        }
    return render(request, "setup/team.html", context, status=status)


def _ahead(chosen: Team, now: Any) -> Q:
    """Bookings of a member in this team that still lie ahead."""
    booking = "user__host__booking_hosts__booking__"
    return Q(
        **{
            f"{booking}team": chosen,
            f"{booking}status__in": ("waiting", "pending", "confirming", "confirmed"),
            f"{booking}ends_at__gt": now,
        }
    )


def team_url(chosen: Team) -> str:
    return f"{reverse('bookings:team')}?{urlencode({'team': chosen.slug})}"


@signed_in
@require_POST
def team_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Save what the team is called, where its clock stands and how its mails sign."""
    chosen = access.team_managed_by(request.user, slug)
    form = TeamForm(request.POST, instance=Team.objects.get(pk=chosen.pk), prefix="team")
    if not form.is_valid():
        return render_team(request, chosen, settings=form, status=422)
    saved = form.save()
    messages.success(request, _("The settings of %(team)s were saved.") % {"team": saved.name})
    return redirect(team_url(saved))


@signed_in
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a member manager or host."""
    membership = access.membership_managed_by(request.user, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return render_team(request, membership.team, status=422)
    try:
        setup.change_role(membership, form.cleaned_data["role"])
    except Refused as refused:
        messages.error(request, refused.sentence)
        return render_team(request, membership.team, status=refused.status)
    messages.success(request, _("The role of %(name)s was changed.") % {"name": membership.user.name})
    return redirect(team_url(membership.team))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows, then take a member out of the team."""
    membership = access.membership_managed_by(request.user, pk)
    refused = None
    if request.method == "POST":
        try:
            setup.remove_member(membership)
        except Refused as error:
            refused = error
        else:
            messages.success(
                request,
                _("%(name)s is no longer in %(team)s.")
                % {"name": membership.user.name, "team": membership.team.name},
            )
            return redirect(team_url(membership.team))
    now = timezone.now()
    ahead = (
        Booking.objects.holding()
        .filter(team=membership.team, booking_hosts__host__user=membership.user, ends_at__gt=now)
        .count()
    )
    context = {
        "membership": membership,
        "ahead": ahead,
        "back": team_url(membership.team),
        "refused": refused,
    }
    return render(request, "setup/remove_member.html", context, status=refused.status if refused else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    """A further team, for administrators."""
    if not request.user.is_administrator:
        raise Http404
    form = NewTeamForm(
        request.POST if request.method == "POST" else None,
        initial={"zone": request.user.time_zone, "language": request.user.language},
    )
    if request.method == "POST" and form.is_valid():
        made = setup.make_team(
            form.cleaned_data["name"],
            slug=form.cleaned_data["slug"],
            zone=form.cleaned_data["zone"],
            language=form.cleaned_data["language"],
            manager=request.user,
        )
        messages.success(request, _("%(team)s is ready. Invite its people next.") % {"team": made.name})
        return redirect(team_url(made))
    return render(
        request,
        "setup/new_team.html",
        {"form": form, "address": absolute("/")},
        status=422 if form.is_bound else 200,
    )


urlpatterns = [
    path("team/", team, name="team"),
    path("team/new/", new_team, name="new_team"),
    path("team/members/<int:pk>/role/", change_role, name="change_role"),
    path("team/members/<int:pk>/remove/", remove_member, name="remove_member"),
    path("team/<slug:slug>/settings/", team_settings, name="team_settings"),
    *hosts.urlpatterns,
    *places.urlpatterns,
]
