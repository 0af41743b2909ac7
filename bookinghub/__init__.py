"""The site: settings, URLs, middleware and the Celery app. What the hub does lives in bookings and calendars."""

from bookinghub.celery import app as celery_app

__all__ = ["celery_app"]
