"""The first run: one page that makes the administrator, the team and its zone. Gone once anybody exists."""

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings import setup
from bookings.access import teams_managed_by
from bookings.forms.setup import FirstRunForm
from bookings.links import absolute
from bookings.models import BookingType, Host, User
from bookings.rules.hours import weekly_json
from bookings.setup import OFFICE_HOURS
from bookings.views.signed_in import signed_in
from bookings.views.types import public_link


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Make the first account and team; 404 as soon as anybody exists, also for the later one of two at once."""
    if User.objects.exists():
        raise Http404
    form = FirstRunForm(
        request.POST or None, initial={"zone": "UTC", "language": getattr(request, "LANGUAGE_CODE", "en")}
    )
    if request.method != "POST":
        return render(request, "setup/first_run.html", {"form": form, "address": absolute("/")})
    if not form.is_valid():
        return render(request, "setup/first_run.html", {"form": form, "address": absolute("/")}, status=422)
    try:
        user = setup.first_team(
            form.person(), team_name=form.cleaned_data["team"], team_slug=form.cleaned_data["slug"]
        )
    except setup.AlreadySetUp:
        raise Http404 from None
    login(request, user)
    return redirect("bookings:welcome")


@require_safe
@signed_in
def welcome(request: HttpRequest) -> HttpResponse:
    """The three steps to a first link: hours, booking type, link. Each says whether it is done."""
    kind = (
        BookingType.objects.editable_by(request.user)
        .filter(archived_at__isnull=True)
        .select_related("team")
        .order_by("pk")
        .first()
    )
    host = Host.objects.filter(user=request.user).first()
    if not teams_managed_by(request.user).exists():
        raise Http404
    context = {
        "kind": kind,
        "link": public_link(kind) if kind else "",
        "has_own_hours": host is not None and host.weekly_hours != weekly_json(OFFICE_HOURS),
    }
    return render(request, "setup/welcome.html", context)


urlpatterns = [
    path("setup/", first_run, name="first_run"),
    path("setup/steps/", welcome, name="welcome"),
]
