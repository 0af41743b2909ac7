"""The site's addresses, and some that go wrong: there is no other way to see these pages in a browser."""

from typing import NoReturn

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.csrf import csrf_failure

from bookinghub.urls import handler500
from bookinghub.urls import urlpatterns as site

__all__ = ["handler500", "urlpatterns"]


def bad_request(request: HttpRequest) -> NoReturn:
    raise SuspiciousOperation("for the picture")


def forbidden(request: HttpRequest) -> NoReturn:
    raise PermissionDenied


def old_form(request: HttpRequest) -> HttpResponse:
    return csrf_failure(request, reason="for the picture")


def conflict(request: HttpRequest) -> HttpResponse:
    return render(request, "409.html", status=409)


def broken(request: HttpRequest) -> NoReturn:
    raise RuntimeError("for the picture")


def down(request: HttpRequest) -> NoReturn:
    raise OperationalError("for the picture")


urlpatterns = [
    path("shots/400/", bad_request, name="shots_bad_request"),
    path("shots/403/", forbidden, name="shots_forbidden"),
    path("shots/403-form/", old_form, name="shots_old_form"),
    path("shots/409/", conflict, name="shots_conflict"),
    path("shots/500/", broken, name="shots_broken"),
    path("shots/503/", down, name="shots_down"),
    *site,
]
