"""The pages of accounts at calendar servers: connect one, subscribe to an address, choose from it, sign in again, leave it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from bookings import access, attempts, localtime
from bookings.availability import epoch_minute
from bookings.consequences import Follow
from bookings.links import keyed_hash
from bookings.models import Host, User
from bookings.rules.refusals import REFUSALS, Refused
from bookings.views.signed_in import signed_in
from calendars import accounts, standing
from calendars.forms import (
    AccountForm,
    ChoiceForm,
    ConnectForm,
    LostForm,
    NewAddressForm,
    SignInForm,
    SubscribeForm,
    WriteForm,
)
from calendars.models import COUNTING, Access, Calendar, CalendarAccount, CalendarEvent, EventLink
from calendars.services import SERVICES

Kind = CalendarAccount.Kind
#: What is about the password stands beside it; what is about the server beside its address; the rest above the form.
_OF_PASSWORD = ("calendar_refused", "calendar_key_gone")
_OF_FORM = ("calendar_connected", "calendars_enough", "too_many_requests", "busy")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def connect(request: HttpRequest) -> HttpResponse:
    """Ask for an account at a server; on POST sign in there."""
    host = access.host_of(request.user)
    form = ConnectForm(request.POST or None)
    values = form.cleaned_data if form.is_valid() else {}
    if values:
        service = SERVICES[values["service"]]
        found = Access(values["address"], values["username"], values["password"])
        name = "" if service.key == "other" else str(service.name)
        if done := _connected(request, host, form, Kind.CALDAV, found, name=name):
            return done
    context = {"form": form, "services": SERVICES.values()}
    return render(request, "calendars/connect.html", context, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for the address of a feed; on POST look at it."""
    host = access.host_of(request.user)
    form = SubscribeForm(request.POST or None)
    if form.is_valid():
        found, name = Access(form.cleaned_data["address"]), form.cleaned_data["name"]
        if done := _connected(request, host, form, Kind.FEED, found, name=name):
            return done
    return render(request, "calendars/subscribe.html", {"form": form}, status=_status(form))


def _connected(
    request: HttpRequest,
    host: Host,
    form: forms.Form,
    kind: CalendarAccount.Kind,
    found: Access,
    *,
    name: str,
) -> HttpResponse | None:
    """Go on to the page of the new account; None where the form says why there is none."""
    try:
        count_try(request)
        account = accounts.connect(host, kind, found, name=name)
    except Refused as refused:
        _put(form, refused)
        return None
    messages.success(request, gettext("%(account)s is connected.") % {"account": account.name})
    return redirect(f"{reverse('calendars:account', args=[account.pk])}?connected")


def count_try(request: HttpRequest) -> None:
    """Count that somebody has us ask a server, or read a file. Raises Refused: too_many_requests."""
    attempts.count(attempts.CALENDARS, keyed_hash("person", str(request.user.pk)))


def _put(form: forms.Form, refused: Refused) -> None:
    """Let a form say why a server was not reached, beside the field that it is about."""
    form.refused_status = refused.status  # type: ignore[attr-defined]
    service = SERVICES.get(form.cleaned_data.get("service", ""))
    field: str | None = "service" if service and service.url else "address"
    if refused.code in _OF_PASSWORD:
        field = "password"
    if refused.code in _OF_FORM or field not in form.fields:
        field = None
    form.add_error(field, refused.sentence)


def _status(form: forms.Form) -> int:
    return getattr(form, "refused_status", 422) if form.errors else 200


# -- One account -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an account and what is chosen of it; on POST save the choice."""
    row = _own(request.user, pk)
    name = row.name
    data = request.POST if request.method == "POST" else None
    form = AccountForm(data, instance=row)
    choices = [ChoiceForm(data, instance=one, prefix=f"calendar-{one.pk}") for one in row.calendars.all()]
    writable = _writable(row.host)
    write_form = _write_form(request, row, writable)
    every = [form, *choices, *([write_form] if write_form else [])]
    # Each of them, so that each says what is wrong with it.
    valid = [one.is_valid() for one in every]
    status = 200 if data is None else 422
    if data is not None and all(valid):
        chosen = write_form.cleaned_data["write_to"] if write_form else 0
        target = next((one for one in writable if one.pk == chosen), None)
        try:
            accounts.choose(row, [choice.instance for choice in choices], write_to=target)
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = refused.status
        else:
            messages.success(request, gettext("%(account)s is saved.") % {"account": row.name})
            return redirect("calendars:mine")
    context = {
        "account": row,
        "name": name,
        "form": form,
        "choices": choices,
        "write_form": write_form,
        "is_fresh": "connected" in request.GET,
        "cause": cause(row),
        "cause_of_writing": _of_writing(row),
        "there": row.access,
    }
    return render(request, "calendars/account.html", context, status=status)


def cause(account: CalendarAccount) -> str:
    """Why the last try failed, and what to do; in our words, never the server's."""
    return _sentence(account.error)


def _of_writing(account: CalendarAccount) -> str:
    """Why the last test event could not be written there, where that is not what all of it fails by."""
    return _sentence(account.canary_error) if account.canary_error != account.error else ""


def _sentence(code: str) -> str:
    refusal = REFUSALS.get(code)
    return str(refusal.sentence) if refusal else ""


def _writable(host: Host) -> list[Calendar]:
    """The calendars that bookings can be written to, or are."""
    rows = Calendar.objects.filter(account__host=host, account__kind=Kind.CALDAV).select_related("account")
    kept = [row for row in rows if row.written_for_id or (row.can_write and row.state == Calendar.State.OK)]
    return sorted(kept, key=lambda row: (row.account.name.casefold(), row.name.casefold(), row.pk))


def _write_form(request: HttpRequest, account: CalendarAccount, writable: list[Calendar]) -> WriteForm | None:
    """Which calendar is written to. Right after connecting the first of the new ones is proposed to who has none yet."""
    if not writable:
        return None
    choices = [
        *((one.pk, standing.label_of(one)) for one in writable),
        (0, gettext("Nowhere: invitations come by mail")),
    ]
    written = next((one.pk for one in writable if one.written_for_id), 0)
    if not written and "connected" in request.GET:
        written = next((one.pk for one in writable if one.account_id == account.pk), 0)
    data = request.POST if request.method == "POST" else None
    return WriteForm(data, choices=choices, initial={"write_to": written})


@require_POST
@signed_in
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the server of an account what it holds, and say so."""
    row = _own(request.user, pk)
    try:
        count_try(request)
        found = accounts.test(row)
    except Refused as refused:
        messages.error(request, str(refused.sentence))
    else:
        messages.success(request, _told(row, found, request.user))
    return redirect("calendars:account", pk=pk)


def _told(account: CalendarAccount, found: accounts.Found, reader: User) -> str:
    """What a server said it holds, and when."""
    now = localtime.clock(localtime.in_zone(timezone.now(), reader))
    words = [
        ngettext(
            "%(account)s answered at %(clock)s: %(number)d calendar.",
            "%(account)s answered at %(clock)s: %(number)d calendars.",
            found.there,
        )
        % {"account": account.name, "clock": now, "number": found.there}
    ]
    if found.new:
        words.append(gettext("New there: %(names)s.") % {"names": ", ".join(found.new)})
    if found.gone:
        words.append(gettext("No longer there: %(names)s.") % {"names": ", ".join(found.gone)})
    return " ".join(words)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another password, or for another address of a feed; on POST try it, and keep it where it works."""
    row = _own(request.user, pk)
    there = row.access
    form = _sign_in_form(request, row, there)
    if form.is_valid():
        values = form.cleaned_data
        address = values.get("address") or (there.url if there else "")
        try:
            count_try(request)
            found = accounts.sign_in(
                row, Access(address, values.get("username", ""), values.get("password", ""))
            )
        except Refused as refused:
            _put(form, refused)
        else:
            messages.success(request, _told(row, found, request.user))
            return redirect("calendars:account", pk=pk)
    context = {"account": row, "form": form, "there": there}
    return render(request, "calendars/sign_in.html", context, status=_status(form))


def _sign_in_form(request: HttpRequest, account: CalendarAccount, there: Access | None) -> forms.Form:
    """What has to be asked for: of a feed its address, of a server the password, and where it is where that is lost."""
    if account.kind == Kind.FEED:
        return NewAddressForm(request.POST or None)
    if there is None:
        return LostForm(request.POST or None)
    return SignInForm(request.POST or None, initial={"username": there.username})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what follows, then take an account away."""
    row = _own(request.user, pk)
    if request.method == "POST":
        back = reverse("calendars:mine")
        try:
            accounts.disconnect(row)
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, gettext("%(account)s is disconnected.") % {"account": row.name})
        return HttpResponseClientRedirect(back) if request.htmx else redirect(back)
    return ask_to_remove(
        request,
        title=gettext("Disconnect %(account)s") % {"account": row.name},
        follows=_follows(row),
        safe=gettext("Keep account"),
        deed=gettext("Disconnect"),
        back_url=reverse("calendars:account", args=[pk]),
    )


def ask_to_remove(request: HttpRequest, **words: Any) -> HttpResponse:
    """Say what follows before something is taken away. `words`: title, follows, safe, deed, back_url."""
    context = {
        **words,
        "fragment": "calendars/_remove_dialog.html",
        "action": request.path,
        "form": None,
        "deed_kind": "danger",
    }
    template = context["fragment"] if request.htmx else "bookings/dialog_page.html"
    return render(request, template, context)


def _follows(account: CalendarAccount) -> list[Follow]:
    """What is gone with an account, and what stays behind."""
    now = epoch_minute(timezone.now())
    coming = CalendarEvent.objects.filter(calendar__account=account, ends__gt=now)
    busy = coming.filter(COUNTING).count()
    lines = events_leave(coming.count())
    if busy:
        lines.append(times_freed(busy))
    if written := next((one for one in account.calendars.all() if one.written_for_id), None):
        left = EventLink.objects.filter(
            calendar__account=account, applied_revision__gt=0, ends__gt=now
        ).count()
        stay = ngettext(
            "%(number)d coming booking stays in %(calendar)s as it is; nothing that happens to it reaches there.",
            "%(number)d coming bookings stay in %(calendar)s as they are; nothing that happens to them reaches there.",
            left,
        )
        if left:
            lines.append(Follow("pen", stay % {"number": left, "calendar": written.name}))
        lines.append(Follow("mail", gettext("Invitations come to you by mail again.")))
    lines.append(Follow("key", gettext("Address, user name and password are deleted here.")))
    return lines


def events_leave(count: int) -> list[Follow]:
    """What goes with a calendar, where anything does."""
    gone = ngettext(
        "%(number)d coming event leaves the calendar.", "%(number)d coming events leave the calendar.", count
    )
    return [Follow("calendar", gone % {"number": count})] if count else []


def times_freed(busy: int) -> Follow:
    free = ngettext(
        "The time of %(number)d of them is offered to bookers again.",
        "The times of %(number)d of them are offered to bookers again.",
        busy,
    )
    return Follow("clock", free % {"number": busy})


def _own(user: User, pk: int) -> CalendarAccount:
    rows = CalendarAccount.objects.exclude(kind=Kind.FILE).select_related("host__user")
    found = get_object_or_404(rows.prefetch_related("calendars"), pk=pk)
    if found.host.user_id != user.pk:
        raise Http404
    for one in found.calendars.all():
        one.account = found
    return found


urlpatterns = [
    path("mine/connect/", connect, name="connect"),
    path("mine/subscribe/", subscribe, name="subscribe"),
    path("mine/accounts/<int:pk>/", account, name="account"),
    path("mine/accounts/<int:pk>/test/", test, name="test"),
    path("mine/accounts/<int:pk>/sign-in/", sign_in, name="sign_in"),
    path("mine/accounts/<int:pk>/disconnect/", disconnect, name="disconnect"),
]
