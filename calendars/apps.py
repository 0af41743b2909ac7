"""The calendars app: windows onto the time that other calendars hold."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "calendars"
