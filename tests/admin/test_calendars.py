"""Calendars in Django admin: how they stand is looked at, what is private in them is nobody's there, a superuser's no more."""

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from calendars.demo import sample_calendar
from calendars.models import (
    Access,
    Calendar,
    CalendarAccount,
    CalendarEvent,
    EventLink,
    KeptFile,
)
from tests.cast import Cast, at

#: The password, where it belongs, who signs in, and what stands in the calendar.
PRIVATE = (
    "correct-horse",
    "cloud.private.example",
    "ben-at-cloud",
    "Physiotherapy",
    "Karli",
    "BEGIN:VCALENDAR",
)


@pytest.mark.parametrize("model", [CalendarAccount, Calendar, KeptFile, CalendarEvent, EventLink])
def test_a_superuser_reads_no_title_and_no_password(
    cast: Cast, root: Client, model: type[models.Model]
) -> None:
    """Break: put `access` or `opened` among the fields."""
    calendar = sample_calendar(cast.ben_host, at(12))
    secret = CalendarAccount.sealed(Access("https://cloud.private.example/", "ben-at-cloud", "correct-horse"))
    CalendarAccount.objects.create(host=cast.ben_host, kind="caldav", name="Nextcloud", secret=secret)
    EventLink.objects.create(chain=cast.book().chain, host=cast.ben_host, calendar=calendar)
    name = model._meta.model_name
    pages = [reverse(f"admin:calendars_{name}_changelist")]
    pages += [
        reverse(f"admin:calendars_{name}_change", args=[row.pk]) for row in model._default_manager.all()
    ]
    assert len(pages) > 1
    for address in pages:
        answer = root.get(address)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert [word for word in PRIVATE if word in text] == []
