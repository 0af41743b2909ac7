"""The admin site of staff: signing in, out and changing passwords go through the hub's own pages."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class HubAdminSite(AdminSite):
    """Strangers are sent to sign in; who is signed in and no staff finds nothing here, whatever the address."""

    site_header = "Booking Hub"
    site_title = "Booking Hub"
    index_title = _("Data care")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            # No row holds NUL, and PostgreSQL takes a question with one for an error.
            if not self.has_permission(request) or any("\0" in part for part in _asked(request)):
                raise Http404
            return guarded(request, *args, **kwargs)

        return inner

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the hub's own sign-in, whose limits on tries hold for staff too."""
        index = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or index)
        if not self.has_permission(request):
            raise Http404
        return redirect(index)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("account_logout", preserve_request=request.method == "POST")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:index")


def _asked(request: HttpRequest) -> Iterator[str]:
    """The address that was asked for, in its parts."""
    yield request.path
    for name, values in request.GET.lists():
        yield from (name, *values)
