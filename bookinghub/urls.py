"""Every address of the site. The public pages of bookings.urls end in /<team>/<type> and so must come last."""

from allauth.account import views as account
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.http import require_safe

from bookinghub.accounts import forgets
from calendars.feeds import feed


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" when the process and its database can work, for monitors and start-up scripts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


healthz.is_public = True  # nobody's session is read for it


# allauth by name rather than as a whole: without open sign-up, its pages for adding and confirming addresses
# would let a person change where invitations go without anybody having proven the new address.
accounts = [
    path("login/", account.login, name="account_login"),
    path("logout/", forgets(account.logout), name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("accounts/", include(accounts)),
    path("dev/mail/", include("bookings.views.dev_mail")),
    path("calendar/", include("calendars.urls")),
    path("feeds/<slug:token>.ics", feed, name="feed"),
    # Last: the public pages are /<team>/ and /<team>/<type>/.
    path("", include("bookings.urls")),
]

handler500 = "bookinghub.middleware.server_error"
