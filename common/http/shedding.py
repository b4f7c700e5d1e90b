"""Refuses frames that have waited too long for a worker.

In front of Django, since a refusal has to be much cheaper than a frame: otherwise refusals alone would fill the
workers.
"""

import json
import re
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from io import BytesIO
from time import perf_counter
from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from rest_framework.settings import api_settings

from common.load import RETRY_AFTER_S, age_of, load
from common.telemetry import metrics

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

FRAME_PATH = re.compile("/api/detections/(neck|blink|check|sessions/[0-9a-f-]+/frames)/")
UNREAD_STEP_BYTES, UNREAD_STEPS = 2**16, 16
REFUSED = "503 Service Unavailable"
MESSAGE = _("The service has more to do than it can. Try again in a few seconds.")


_cors = CorsMiddleware(lambda request: HttpResponse())


def shedding(application: Application) -> Application:
    """The WSGI application, but for frames that have waited too long: they get a 503 with Retry-After."""

    def respond(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not is_frame(environ):
            return application(environ, start_response)
        if not load.arrive(age_s(environ), environ.get("gunicorn.socket")):
            return _refuse(environ, start_response)
        started_at = perf_counter()
        try:
            return application(environ, start_response)
        finally:
            load.worked(perf_counter() - started_at)

    return respond


def is_frame(environ: Environ) -> bool:
    """Whether a request is one of those that are refused under overload."""
    return environ["REQUEST_METHOD"] == "POST" and FRAME_PATH.fullmatch(environ["PATH_INFO"]) is not None


def age_s(environ: Environ) -> float | None:
    """Seconds since nginx passed a request on, if known."""
    started = environ.get("HTTP_X_REQUEST_START", "")
    return age_of(started) if started and api_settings.NUM_PROXIES else None  # without a proxy, from the client itself


def refusal(environ: Environ) -> tuple[dict[str, str], bytes]:
    """Headers and body of a refusal, which is counted."""
    metrics.frames_shed.inc()
    body = _body("ko-kr" if environ.get("HTTP_ACCEPT_LANGUAGE", "").lower().startswith("ko") else "en")
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Retry-After": str(RETRY_AFTER_S)}
    if settings.CORS_ALLOWED_ORIGINS:
        headers |= _cors_headers(environ)
    return headers, body


def discard(connection: socket.socket) -> None:
    """Take what has arrived of the body: a connection that is closed before loses the response."""
    timeout = connection.gettimeout()
    connection.settimeout(0)
    with suppress(OSError):  # there is no more
        for _step in range(UNREAD_STEPS):
            if not connection.recv(UNREAD_STEP_BYTES):
                break
    connection.settimeout(timeout)


def _refuse(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    if "gunicorn.socket" in environ:
        discard(environ["gunicorn.socket"])
    headers, body = refusal(environ)
    start_response(REFUSED, list(headers.items()))
    return [body]


@cache
def _body(language: str) -> bytes:
    with translation.override(language):
        return json.dumps({"detail": str(MESSAGE)}, ensure_ascii=False).encode()


def _cors_headers(environ: Environ) -> dict[str, str]:
    """Without them a page on an allowed origin could not tell a refusal from a broken network."""
    response = HttpResponse()
    del response["Content-Type"]
    return dict(_cors.add_response_headers(WSGIRequest({"wsgi.input": BytesIO()} | environ), response).items())
