"""One's own calendars from elsewhere: what they are, what was read of them, and how one comes and goes."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bookings import access
from bookings.availability import epoch_minute
from bookings.consequences import Follow
from bookings.models import Host, User
from bookings.rules.refusals import Refused
from bookings.views.signed_in import signed_in
from calendars import accounts, feeds, read
from calendars.account_pages import ask_to_remove, cause, count_try, events_leave, times_freed
from calendars.forms import CalendarForm, NewFileForm
from calendars.models import COUNTING, Calendar, CalendarAccount


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
        count_try(request)
        made = read.add_file(host, file.read(), file_name=file.name, name=form.cleaned_data["name"])
    except Refused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return _list(request, host, form, status=refused.status)
    messages.success(request, gettext("%(calendar)s is added.") % {"calendar": made.name})
    return redirect("calendars:mine")


@dataclass(frozen=True)
class Group:
    """One account with its calendars; the cause of its last failure in words."""

    account: CalendarAccount
    calendars: list[Calendar]
    cause: str


def _list(request: HttpRequest, host: Host, form: NewFileForm, *, status: int = 200) -> HttpResponse:
    rows = (
        Calendar.objects.filter(account__host=host)
        .select_related("account", "file")
        .defer("file__content")
        .annotate(coming=Count("events", filter=Q(events__ends__gt=epoch_minute(timezone.now()))))
        .order_by("account", "name", "pk")
    )
    groups = [Group(one, list(of), cause(one)) for one, of in groupby(rows, key=lambda row: row.account)]
    context = {
        "connected": [group for group in groups if group.account.is_remote],
        "files": [group for group in groups if not group.account.is_remote],
        "form": form,
        "feeds": feeds.listed(host),
    }
    return render(request, "calendars/mine.html", context, status=status)


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
    file = form.cleaned_data.get("file")
    try:
        if file:
            count_try(request)
            read.replace_file(calendar, file.read(), file_name=file.name)
        accounts.change(calendar)
    except Refused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return _page(request, calendar, form, name=name, status=refused.status)
    messages.success(request, gettext("%(calendar)s is saved.") % {"calendar": calendar.name})
    return redirect("calendars:mine")


def _page(request: HttpRequest, calendar: Calendar, form: CalendarForm, **options: Any) -> HttpResponse:
    status = options.pop("status", 200)
    context = {"calendar": calendar, "form": form, "error": cause(calendar.account), **options}
    return render(request, "calendars/own.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows, then take away a calendar that was read from a file, or one that is gone at its server."""
    calendar = _own(request.user, pk)
    if calendar.account.is_remote and calendar.state != Calendar.State.GONE:
        raise Http404
    if request.method == "POST":
        try:
            (accounts.forget if calendar.account.is_remote else read.remove)(calendar)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, gettext("%(calendar)s is removed.") % {"calendar": calendar.name})
        return redirect("calendars:mine")
    return ask_to_remove(
        request,
        title=gettext("Remove %(calendar)s") % {"calendar": calendar.name},
        follows=_follows(calendar),
        safe=gettext("Keep calendar"),
        deed=gettext("Remove calendar"),
        back_url=reverse("calendars:own", args=[pk]),
    )


def _follows(calendar: Calendar) -> list[Follow]:
    """What is gone with a calendar."""
    coming = calendar.events.filter(ends__gt=epoch_minute(timezone.now()))
    busy = coming.filter(COUNTING).count()
    lines = events_leave(coming.count())
    if busy:
        lines.append(times_freed(busy))
    if calendar.written_for_id:
        lines.append(Follow("mail", gettext("Invitations come to you by mail again.")))
    if not calendar.account.is_remote:
        lines.append(
            Follow(
                "note", gettext("The kept file is deleted."), gettext("Where it came from, nothing changes.")
            )
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
