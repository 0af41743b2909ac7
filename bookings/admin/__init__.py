"""Data care for staff: every table, one file a subject. What may be written here, and what only the hub itself writes.

Model permissions decide, and the rows of every team show. A booking is never edited: it is moved by the verbs of
bookings.lifecycle, as in the hub.
"""

from django.contrib import admin

from bookings.admin import (
    assignments,
    bookings,
    busy,
    contacts,
    hours,
    outbox,
    payments,
    people,
    places,
    requests,
    rights,
    submissions,
    types,
)
from bookings.admin.base import delete_selected

__all__ = [
    "assignments",
    "bookings",
    "busy",
    "contacts",
    "hours",
    "outbox",
    "payments",
    "people",
    "places",
    "requests",
    "rights",
    "submissions",
    "types",
]

admin.site.add_action(delete_selected)
