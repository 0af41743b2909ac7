"""The addresses of the calendar."""

from django.urls import URLPattern, path

from calendars import account_pages, astray, feeds, mine
from calendars.views import calendar, event

app_name = "calendars"

urlpatterns: list[URLPattern] = [
    path("", calendar, name="calendar"),
    path("events/<int:pk>/", event, name="event"),
    *mine.urlpatterns,
    *feeds.urlpatterns,
    *astray.urlpatterns,
    *account_pages.urlpatterns,
]
