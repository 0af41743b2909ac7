"""The addresses of the booking domain. The public pages come last: `/<team>/<type>/` would match most of the others."""

from importlib.util import find_spec

from django.urls import URLPattern
from django.utils.module_loading import import_string

app_name = "bookings"

_MODULES = (
    "first_run",
    "hub",
    "actions",
    "new_booking",
    "detail",
    "invitations",
    "hours",
    "types",
    "team",
    "account",
    "manage",
    "booker",
)

urlpatterns: list[URLPattern] = [
    route
    for name in _MODULES
    if find_spec(f"bookings.views.{name}")
    for route in import_string(f"bookings.views.{name}.urlpatterns")
]
