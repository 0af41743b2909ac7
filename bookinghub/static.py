"""Serving CSS, scripts and icons from the process itself, under WSGI and ASGI alike."""

from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, made to fit an async stack.

    WhiteNoise streams files through a synchronous iterator, which Django warns about under ASGI. Our files are small,
    so they are read whole instead.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._answer_later(request)
        return self._answer_static(request) or self.get_response(request)

    async def _answer_later(self, request: HttpRequest) -> HttpResponse:
        return self._answer_static(request) or await self.get_response(request)

    def _answer_static(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path_info.startswith(self.static_prefix):
            return None
        if self.autorefresh:
            static_file = self.find_file(request.path_info)
        else:
            static_file = self.files.get(request.path_info)
        return self.serve(static_file, request) if static_file else None

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
        response.is_static = True  # type: ignore[attr-defined]
        return response
