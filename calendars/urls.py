"""The addresses of the calendar."""

from django.urls import URLPattern, path

from calendars import mine
from calendars.views import calendar

app_name = "calendars"

urlpatterns: list[URLPattern] = [path("", calendar, name="calendar"), *mine.urlpatterns]
