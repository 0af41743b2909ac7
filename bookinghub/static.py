"""Serving CSS, scripts and icons from the process itself, under WSGI and ASGI alike."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, made to fit ASGI.

    WhiteNoise streams files through a synchronous iterator, which Django warns about there. Our files are small, so
    they are read whole instead.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The hub serves nothing from the disk but its static files, so other paths need no look at it.
        if not request.path_info.startswith(self.static_prefix):
            return self.get_response(request)
        return super().__call__(request)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        response = HttpResponse(status=int(found.status))
        if found.file is not None:
            with found.file as file:
                response.content = file.read()
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        response.is_static = True
        return response
