"""One's own account: name, clock, language and keys."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.forms.setup import AccountForm
from bookings.models import User
from bookings.views.signed_in import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show and save how somebody reads the hub."""
    # A fresh copy: a refused form must not change the name in the page's bar.
    person = User.objects.get(pk=request.user.pk)
    form = AccountForm(request.POST if request.method == "POST" else None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Your account was saved."))
        return redirect("bookings:account")
    return render(
        request, "accounts_setup/account.html", {"form": form}, status=422 if form.is_bound else 200
    )


urlpatterns = [path("account/", account, name="account")]
