"""One's own calendars from elsewhere: what they are, what was read of them, and how one comes and goes."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from bookings import access
from bookings.availability import epoch_minute
from bookings.consequences import Follow
from bookings.models import Host, User
from bookings.rules.refusals import REFUSALS, Refused
from bookings.views.signed_in import signed_in
from calendars import feeds, read
from calendars.forms import CalendarForm, NewFileForm
from calendars.models import Calendar


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """List one's calendars; on POST add one from a file."""
    host = access.host_of(request.user)
    if request.method != "POST":
        return _list(request, host, NewFileForm())
    form = NewFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, host, form, status=422)
    file = form.cleaned_data["file"]
    try:
        made = read.add_file(host, file.read(), file_name=file.name, name=form.cleaned_data["name"])
    except Refused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return _list(request, host, form, status=refused.status)
    messages.success(request, gettext("%(calendar)s is added.") % {"calendar": made.name})
    return redirect("calendars:mine")


def _list(request: HttpRequest, host: Host, form: NewFileForm, *, status: int = 200) -> HttpResponse:
    calendars = (
        Calendar.objects.filter(account__host=host)
        .select_related("account", "file")
        .defer("file__content")
        .annotate(coming=Count("events", filter=Q(events__ends__gt=epoch_minute(timezone.now()))))
    )
    context = {
        "calendars": [(row, _error(row)) for row in calendars],
        "form": form,
        "feeds": feeds.listed(host),
    }
    return render(request, "calendars/mine.html", context, status=status)


def _error(calendar: Calendar) -> str:
    """Why its last reading failed."""
    refusal = REFUSALS.get(calendar.account.error)
    return str(refusal.sentence) if refusal else ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one of one's calendars; on POST save what was set, after reading a newer file where there is one."""
    calendar = _own(request.user, pk)
    name = calendar.name
    if request.method != "POST":
        return _page(request, calendar, CalendarForm(instance=calendar), name=name)
    form = CalendarForm(request.POST, request.FILES, instance=calendar)
    if not form.is_valid():
        return _page(request, calendar, form, name=name, status=422)
    file = form.cleaned_data["file"]
    try:
        if file:
            read.replace_file(calendar, file.read(), file_name=file.name)
    except Refused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return _page(request, calendar, form, name=name, status=refused.status)
    read.change(calendar)
    messages.success(request, gettext("%(calendar)s is saved.") % {"calendar": calendar.name})
    return redirect("calendars:mine")


def _page(request: HttpRequest, calendar: Calendar, form: CalendarForm, **options: Any) -> HttpResponse:
    status = options.pop("status", 200)
    context = {"calendar": calendar, "form": form, "error": _error(calendar), **options}
    return render(request, "calendars/own.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows, then take a calendar away."""
    calendar = _own(request.user, pk)
    if request.method == "POST":
        read.remove(calendar)
        messages.success(request, gettext("%(calendar)s is removed.") % {"calendar": calendar.name})
        return redirect("calendars:mine")
    context = {
        "title": gettext("Remove %(calendar)s") % {"calendar": calendar.name},
        "fragment": "calendars/_remove_dialog.html",
        "action": request.path,
        "follows": _follows(calendar),
        "form": None,
        "safe": gettext("Keep calendar"),
        "deed": gettext("Remove calendar"),
        "deed_kind": "danger",
        "back_url": reverse("calendars:own", args=[pk]),
    }
    template = "calendars/_remove_dialog.html" if request.htmx else "bookings/dialog_page.html"
    return render(request, template, context)


def _follows(calendar: Calendar) -> list[Follow]:
    """What is gone with a calendar."""
    coming = calendar.events.filter(ends__gt=epoch_minute(timezone.now()))
    count = coming.count()
    busy = coming.filter(is_busy=True).count() if calendar.counts_as_busy else 0
    gone = ngettext(
        "%(number)d coming event leaves the calendar.", "%(number)d coming events leave the calendar.", count
    )
    lines = [Follow("calendar", gone % {"number": count})]
    if busy:
        free = ngettext(
            "The time of %(number)d of them is offered to bookers again.",
            "The times of %(number)d of them are offered to bookers again.",
            busy,
        )
        lines.append(Follow("clock", free % {"number": busy}))
    lines.append(
        Follow("note", gettext("The kept file is deleted."), gettext("Where it came from, nothing changes."))
    )
    return lines


def _own(user: User, pk: int) -> Calendar:
    rows = Calendar.objects.select_related("account__host__user", "file").defer("file__content")
    return get_object_or_404(rows, pk=pk, account__host__user=user)


urlpatterns = [
    path("mine/", mine, name="mine"),
    path("mine/<int:pk>/", own, name="own"),
    path("mine/<int:pk>/remove/", remove, name="remove"),
]
