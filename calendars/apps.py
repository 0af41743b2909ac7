"""The calendars app: windows onto the time that other calendars hold."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    name = "calendars"
    verbose_name = _("Calendars")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the domain, which never imports this, what it may ask."""
        from bookings import elsewhere, invariants, outbox  # the models have to be loaded first
        from bookings.models import Delivery
        from calendars import invariants as own
        from calendars import write
        from calendars.demo import sample_calendar
        from calendars.found import astray_of
        from calendars.overlay import hidden_bookings
        from calendars.sync import time_chosen, zone_changed
        from calendars.titles import titles_of

        invariants.register(own.find)
        outbox.register(Delivery.Channel.CALENDAR, write.deliver)
        elsewhere.hidden_bookings.answer_with(hidden_bookings)
        elsewhere.titles.answer_with(titles_of)
        elsewhere.astray.answer_with(astray_of)
        elsewhere.zone_changed.answer_with(zone_changed)
        elsewhere.time_chosen.answer_with(time_chosen)
        elsewhere.sample_calendar.answer_with(sample_calendar)
