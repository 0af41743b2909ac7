"""ASGI entry point, used by the embedded run and, in production, for the live stream."""

import os

from django.core.asgi import get_asgi_application

from bookinghub.celery import load_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")
application = get_asgi_application()
load_transport()
