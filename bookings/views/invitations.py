"""Invitations: a manager sends, renews or takes them back; whoever holds the link joins the team, once."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings import access, links, setup
from bookings.forms.setup import JoinForm
from bookings.forms.team import InviteForm
from bookings.models import Invitation, User
from bookings.rules.refusals import Refused
from bookings.views.public import private_page
from bookings.views.signed_in import signed_in
from bookings.views.team import render_team, team_url


@signed_in
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody by mail; an open invitation to the same address is renewed."""
    team = access.team_managed_by(request.user, slug)
    form = InviteForm(request.POST, prefix="invite")
    if not form.is_valid():
        return render_team(request, team, invite=form, status=422)
    try:
        row = setup.invite(team, setup.Invitee(**form.cleaned_data), by=request.user, now=timezone.now())
    except Refused as refused:
        form.add_error("email", refused.sentence)
        return render_team(request, team, invite=form, status=refused.status)
    messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": row.email})
    return redirect(team_url(team))


@signed_in
@require_POST
def resend_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    row = access.invitation_managed_by(request.user, pk)
    setup.resend(row, by=request.user, now=timezone.now())
    messages.success(
        request, _("A new link is on its way to %(email)s. The old one has ended.") % {"email": row.email}
    )
    return redirect(team_url(row.team))


@signed_in
@require_POST
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    row = access.invitation_managed_by(request.user, pk)
    setup.revoke(row)
    messages.success(
        request, _("The invitation to %(email)s was taken back. Its link has ended.") % {"email": row.email}
    )
    return redirect(team_url(row.team))


def _answering_refusals(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a refused link as a page of its own, with the refusal's status."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return render(request, "accounts_setup/refused.html", {"refused": refused}, status=refused.status)

    return guarded


@private_page
@_answering_refusals
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show who invites to what; on POST make the account, or let the account that exists join, and sign in."""
    row = links.invitation_of(token)
    setup.check_open(row, now=timezone.now())
    known = User.objects.filter(email=row.email).first()
    if known is not None:
        return _accept_as_known(request, row, known)
    start = {"name": row.name, "zone": row.team.time_zone, "language": row.language}
    form = JoinForm(request.POST if request.method == "POST" else None, email=row.email, initial=start)
    if request.method == "POST" and form.is_valid():
        login(request, setup.accept_as_new(row, form.person(), now=timezone.now()))
        return _welcome(request, row)
    context = {"form": form, "invitation": row}
    return render(request, "accounts_setup/join.html", context, status=422 if form.is_bound else 200)


def _accept_as_known(request: HttpRequest, row: Invitation, known: User) -> HttpResponse:
    """An account is never overwritten by a link: its owner signs in first, then joins with one press."""
    if request.method == "POST" and request.user.pk == known.pk:
        setup.accept_as_known(row, known, now=timezone.now())
        return _welcome(request, row)
    context = {"invitation": row, "known": known, "is_signed_in": request.user.pk == known.pk}
    return render(
        request, "accounts_setup/join_known.html", context, status=403 if request.method == "POST" else 200
    )


def _welcome(request: HttpRequest, row: Invitation) -> HttpResponse:
    messages.success(
        request,
        _("You are in %(team)s. These are the hours in which you can be booked; change them as you like.")
        % {"team": row.team.name},
    )
    return redirect("bookings:hours")


urlpatterns = [
    path("join/<str:token>/", accept_invitation, name="accept_invitation"),
    path("team/<slug:slug>/invite/", invite, name="invite"),
    path("team/invitations/<int:pk>/resend/", resend_invitation, name="resend_invitation"),
    path("team/invitations/<int:pk>/revoke/", revoke_invitation, name="revoke_invitation"),
]
