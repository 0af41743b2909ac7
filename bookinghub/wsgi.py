"""WSGI entry point, used in production for pages."""

import os

from django.core.wsgi import get_wsgi_application

from bookinghub.celery import load_transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")
application = get_wsgi_application()
load_transport()
