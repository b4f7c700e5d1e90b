"""Around every request: its id, its counts, its line in the log. Probes are answered before anything else is asked."""

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject

from common.telemetry import logs, metrics

Handler = Callable[[HttpRequest], HttpResponseBase]

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # clients can invent others
ID_HEADER = "X-Request-ID"
ID = re.compile("[0-9a-fA-F-]{16,64}")  # nginx makes 32 hexadecimal digits, others a UUID

_access = logging.getLogger(logs.ACCESS)


def observe(get_response: Handler) -> Handler:
    """The outermost: what the others take and refuse is seen, too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started_at = perf_counter()
        given = request.headers.get(ID_HEADER, "")
        request_id = given if ID.fullmatch(given) else uuid4().hex
        logs.request_id.set(request_id)
        response = get_response(request)
        response[ID_HEADER] = request_id
        _note(request, response.status_code, perf_counter() - started_at)
        return response

    return middleware


def answer_probes(get_response: Handler) -> Handler:
    """Probes come by address and over plain HTTP: no host name, HTTPS, session or token is asked of them."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in PROBES:
            return get_response(request)
        request.resolver_match = resolve(request.path_info)
        response: HttpResponseBase = request.resolver_match.func(request)
        return response

    return middleware


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    view, method = _view(request), request.method if request.method in METHODS else "other"
    metrics.requests.labels(view, method, status).inc()
    metrics.request_seconds.labels(view, method).observe(seconds)
    if _access.isEnabledFor(logging.INFO):
        _log(request, status, round(seconds * 1000, 1))


def _view(request: HttpRequest) -> str:
    """One of a short list, however many paths are asked for."""
    if request.resolver_match:
        return request.resolver_match.view_name.partition(":")[0]  # the admin is one
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "unknown"


def _log(request: HttpRequest, status: int, duration_ms: float) -> None:
    # Never the query: whatever a client puts there.
    path, user_id = escape_uri_path(request.path), _user_id(request)
    fields = {"method": request.method, "path": path, "status": status, "duration_ms": duration_ms, "user_id": user_id}
    who = "" if user_id is None else f" user {user_id}"
    _access.info("%s %s %s %s ms%s", request.method, path, status, duration_ms, who, extra=fields)


def _user_id(request: HttpRequest) -> Any:
    user = getattr(request, "_cached_user", None) or getattr(request, "user", None)
    if type(user) is SimpleLazyObject:
        return None  # nobody has asked for the session's user, and a log line does not
    return getattr(user, "pk", None)


def _forget_id(**kwargs: Any) -> None:
    logs.request_id.set("")


# Not when the outermost middleware returns: Django tells of errors after it, and a stream is read after it.
request_finished.connect(_forget_id)
