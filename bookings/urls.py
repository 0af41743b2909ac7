"""The addresses of the booking domain. The public pages come last: `/<team>/<type>/` would match most of the others."""

from django.urls import URLPattern

from bookings.views import (
    account,
    actions,
    answer,
    attendance,
    bell,
    booker,
    bulk,
    detail,
    editing,
    exceptions,
    export,
    first_run,
    hours,
    hub,
    invitations,
    manage,
    manage_ask,
    manage_move,
    moving,
    new_booking,
    reassigning,
    team,
    types,
    undoing,
)

app_name = "bookings"

urlpatterns: list[URLPattern] = [
    *first_run.urlpatterns,
    *hub.urlpatterns,
    *export.urlpatterns,
    *bell.urlpatterns,
    *actions.urlpatterns,
    *moving.urlpatterns,
    *reassigning.urlpatterns,
    *editing.urlpatterns,
    *attendance.urlpatterns,
    *bulk.urlpatterns,
    *undoing.urlpatterns,
    *exceptions.urlpatterns,
    *new_booking.urlpatterns,
    *detail.urlpatterns,
    *invitations.urlpatterns,
    *hours.urlpatterns,
    *types.urlpatterns,
    *team.urlpatterns,
    *account.urlpatterns,
    *answer.urlpatterns,
    *manage.urlpatterns,
    *manage_move.urlpatterns,
    *manage_ask.urlpatterns,
    *booker.urlpatterns,
]
