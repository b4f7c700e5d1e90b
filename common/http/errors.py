"""The one place where errors become HTTP responses."""

import logging
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponseBadRequest, HttpResponseBase, JsonResponse
from django.http.request import split_domain_port
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    PermissionDenied,
    Throttled,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import exception_handler

from ai_models.vision.frame import InvalidFrame
from ai_models.vision.weights import WeightsMissing
from common import errors
from common.http.messages import frame_error_message
from common.telemetry import logs, metrics

API_PREFIX = "/api/"
JSON_ONLY = gettext_lazy("The body must be JSON, with the header Content-Type: application/json.")
RETRY_AFTER_S = 5

_log = logging.getLogger(__name__)


class BodyTooLarge(APIException):
    """The request's Content-Length is over its view's limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, *, size: int, limit: int, field: str) -> None:
        message = _("The request has %(size)d bytes; at most %(limit)d are accepted.")
        super().__init__({field: [message % {"size": size, "limit": limit}]})


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Unavailable(APIException):
    """DRF sends `wait` (seconds) as Retry-After."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"

    def __init__(self, message: str, wait: int | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def to_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response to an exception from a view; None leaves it to Django, which logs it and sends a 500."""
    view = context.get("view")
    match error:
        case errors.DomainError():
            error = _of_domain(error)
        case InvalidFrame():
            metrics.frames_refused.inc()
            error = ValidationError({getattr(view, "large_field", "blob_data"): [frame_error_message(error)]})
        case WeightsMissing():
            error = Unavailable(str(error))
        case OperationalError() | InterfaceError():
            # Without the driver's text, which may quote the values to store.
            number = error.args[0] if error.args and isinstance(error.args[0], int) else ""
            _log.error("The database cannot be used: %s %s", type(error).__name__, number)
            error = Unavailable(_("The database cannot be reached. Try again in a few seconds."), RETRY_AFTER_S)
        case UnsupportedMediaType():
            error = ValidationError({"detail": getattr(view, "accepted_bodies", JSON_ONLY)})
    return exception_handler(error, context)


def _of_domain(error: errors.DomainError) -> Exception:
    match error:
        case errors.NotFound():
            return Http404()
        case errors.InvalidField():
            return ValidationError({error.field: [str(error)]})
        case errors.Conflict():
            return Conflict(str(error))
        case errors.Unauthenticated():
            return AuthenticationFailed(str(error))
        case errors.Forbidden():
            return PermissionDenied(str(error))
        case errors.TooManyRequests():
            return Throttled(error.wait_s, str(error) or None)
        case errors.Unavailable():
            return Unavailable(str(error), error.retry_after_s)
    raise TypeError(f"{type(error).__name__} does not say how it becomes HTTP") from error


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if isinstance(exception, DisallowedHost):
        return _host_refused(request)
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": _("The request cannot be read.")}, status=400)
    return defaults.bad_request(request, exception)


def _host_refused(request: HttpRequest) -> HttpResponseBase:
    language = get_language_from_request(request)  # LocaleMiddleware may not have been reached
    host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))  # empty if it is not valid
    with override(language):
        if host:
            message = _(
                "Pose Smart does not answer to the host name %(host)s. To allow it, add it to ALLOWED_HOSTS in .env "
                "(ALLOWED_HOSTS=localhost,127.0.0.1,%(host)s) and restart Pose Smart."
            ) % {"host": host}
        else:
            message = _("The request names no host, or one that is not valid: letters, digits, hyphens and dots only.")
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": message}, status=400)
    return HttpResponseBadRequest(render_to_string("web/host.html", {"language": language[:2], "message": message}))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": _("There is nothing here. /api/docs/ lists all calls.")}, status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        response = {"detail": _("Something went wrong here; it has been logged."), "request_id": logs.request_id.get()}
        return JsonResponse(response, status=500)
    return defaults.server_error(request)
