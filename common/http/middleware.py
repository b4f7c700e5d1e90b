"""Middleware: an id, metrics and a log line for every request, probes, chunked bodies, and compression of the page."""

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.urls import resolve
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from common.telemetry import logs, metrics

Handler = Callable[[HttpRequest], HttpResponseBase]

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # clients can invent others
ID_HEADER = "X-Request-ID"
ID = re.compile("[0-9a-fA-F-]{16,64}")  # nginx sends 32 hexadecimal digits, others a UUID

_access = logging.getLogger(logs.ACCESS)


def observe(get_response: Handler) -> Handler:
    """The outermost middleware: it also sees the requests that the others answer or refuse."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started_at = perf_counter()
        client_id = request.headers.get(ID_HEADER, "")
        request_id = client_id if ID.fullmatch(client_id) else uuid4().hex
        logs.request_id.set(request_id)
        response = get_response(request)
        response[ID_HEADER] = request_id
        if request.method == "HEAD":
            _drop_body(response)
        _record(request, response.status_code, perf_counter() - started_at)
        return response

    return middleware


def _drop_body(response: Any) -> None:
    """Django leaves it to the server, and gunicorn logs a warning for each: monitors ask with HEAD all day."""
    if response.streaming:
        response.streaming_content = ()
    else:
        response.setdefault("Content-Length", str(len(response.content)))
        response.content = b""


def answer_probes(get_response: Handler) -> Handler:
    """Answers probes without requiring a host name, HTTPS, a session or a token: they come by IP over plain HTTP."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES:
            return get_response(request)
        request.resolver_match = resolve(request.path_info)
        response: HttpResponseBase = request.resolver_match.func(request)
        return response

    return middleware


def _record(request: HttpRequest, status: int, seconds: float) -> None:
    view, method = _view(request), request.method if request.method in METHODS else "other"
    metrics.requests.labels(view, method, status).inc()
    metrics.request_seconds.labels(view, method).observe(seconds)
    if _access.isEnabledFor(logging.INFO):
        _log(request, status, round(seconds * 1000, 1))


def _view(request: HttpRequest) -> str:
    """The view's name as a metric label: one of a short list, whatever paths clients request."""
    if request.resolver_match:
        return request.resolver_match.view_name.partition(":")[0]  # the whole admin is one
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "unknown"


def _log(request: HttpRequest, status: int, duration_ms: float) -> None:
    # Never the query string: it may hold anything that a client sends.
    path, user_id = escape_uri_path(request.path), _user_id(request)
    fields = {"method": request.method, "path": path, "status": status, "duration_ms": duration_ms, "user_id": user_id}
    user = "" if user_id is None else f" user {user_id}"
    _access.info("%s %s %s %s ms%s", request.method, path, status, duration_ms, user, extra=fields)


def _user_id(request: HttpRequest) -> Any:
    user = getattr(request, "_cached_user", None) or getattr(request, "user", None)
    if type(user) is SimpleLazyObject:
        return None  # not loaded by the view; a log line is not worth a query
    return getattr(user, "pk", None)


def _clear_id(**kwargs: Any) -> None:
    logs.request_id.set("")


# Not when the outermost middleware returns: Django logs errors, and reads streamed responses, only afterwards.
request_finished.connect(_clear_id)


def require_content_length(get_response: Handler) -> Handler:
    """Middleware that refuses a chunked body.

    Django would read it as an empty one: a withdrawal would not see the password that it must check.
    """

    def response(request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            return JsonResponse({"detail": _("Send the body with its Content-Length.")}, status=411)
        return get_response(request)

    return response


class PageGZipMiddleware(GZipMiddleware):
    """Compresses the page and static files, as nginx does in front of the service.

    API responses stay uncompressed: if a response holds a user's data beside text that a stranger can choose, its
    compressed size reveals the data (BREACH).
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        is_page = request.path_info == "/" or request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/")
        return super().process_response(request, response) if is_page else response
