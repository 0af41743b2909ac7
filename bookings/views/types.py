"""One booking type on one page, all of it, with a preview beside it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import access, type_setup
from bookings.forms import standing
from bookings.forms.type_editor import editor
from bookings.forms.type_questions import MOST_QUESTIONS
from bookings.links import absolute
from bookings.models import BookingType
from bookings.views import type_folds
from bookings.views.signed_in import signed_in
from bookings.views.type_preview import preview, preview_context


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_type(request: HttpRequest) -> HttpResponse:
    """A new type: a name is enough, the rest stands at what most need."""
    teams = access.teams_managed_by(request.user)
    slug = request.GET.get("team", "")
    team = teams.filter(slug=slug).first() if slug else teams.order_by("name").first()
    if team is None:
        raise Http404
    return _edit(request, type_setup.begin(team))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def type_(request: HttpRequest, pk: int) -> HttpResponse:
    """One type, all of it."""
    return _edit(request, access.type_editable_by(request.user, pk))


#: Buttons that ask for more of the form, or for a look at what stands in it; nothing is saved.
LOOKS = ("add-question", "show-preview")


def _edit(request: HttpRequest, kind: BookingType) -> HttpResponse:
    is_new, name = kind.pk is None, kind.name
    link = "" if is_new else public_link(kind)
    is_look = any(button in request.POST for button in LOOKS)
    edited = editor(kind, by=request.user, data=_typed(request))
    about = type_folds.words(kind, questions=len(edited.questions.get_queryset()))
    mark = "" if is_new else edited.standing
    is_overtaken = not is_new and standing.is_overtaken(request.POST, mark)
    if edited.is_bound and not is_look and edited.is_valid() and not is_overtaken:
        saved = edited.save()
        messages.success(
            request,
            _("%(name)s is ready. Its link can be given to bookers now.") % {"name": saved.name}
            if is_new
            else _("%(name)s was saved.") % {"name": saved.name},
        )
        return redirect("bookings:type", pk=saved.pk)
    is_refused = edited.is_bound and not is_look
    context = {
        "edited": edited,
        # A look at more of the form is none at what others did.
        "standing": request.POST.get(standing.FIELD, mark) if is_look else mark,
        "is_overtaken": is_overtaken and not is_look,
        "team": edited.team,
        "is_new": is_new,
        "name": name,
        "kind": kind,
        "link": link,
        "preview": preview_context(edited),
        "folds": type_folds.folds_of(edited, about),
    }
    status = 200 if not is_refused else 409 if is_overtaken else 422
    return render(request, "setup/type.html", context, status=status)


def _typed(request: HttpRequest) -> QueryDict | None:
    if request.method != "POST":
        return None
    return _with_question(request.POST) if "add-question" in request.POST else request.POST


def _with_question(data: QueryDict) -> QueryDict:
    """What was typed, with one more empty question: the button's work where no script does it."""
    more = data.copy()
    total = data.get("q-TOTAL_FORMS", "")
    more["q-TOTAL_FORMS"] = str(
        min(int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0, MOST_QUESTIONS) + 1
    )
    return more


def public_link(kind: BookingType) -> str:
    """Where bookers find a type."""
    return absolute(f"/{kind.team.slug}/{kind.slug}/")


urlpatterns = [
    path("types/new/", new_type, name="new_type"),
    path("types/preview/", preview, name="preview_type"),
    path("types/<int:pk>/", type_, name="type"),
]
