"""Domain errors become HTTP errors here, once."""

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
    Throttled,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.export import ExportBusy
from accounts.face_keys import FaceUnreadable
from accounts.services import AccountGone, UsernameTaken, WrongPassword
from accounts.tokens import NotTheirToken
from ai_models.frame import FrameError
from ai_models.weights import WeightsMissing
from detections.sessions.errors import NoBaseline, SeatUnknown, SessionEnded, SessionUnknown, TooManySeats
from mongos.reach import ArchiveAway
from posesmart import logs, metrics
from posesmart.throttling import TooManyTries
from posesmart.words import why_no_frame

API_PREFIX = "/api/"
JSON_ONLY = gettext_lazy("The body must be JSON, with the header Content-Type: application/json.")
RETRY_AFTER_S = 5
FIELD_WORDS: dict[type[Exception], tuple[str, Any]] = {
    UsernameTaken: ("username", gettext_lazy("A user with that username already exists.")),
    WrongPassword: ("password", gettext_lazy("This is not the account's password.")),
    TooManySeats: ("name", gettext_lazy("There are too many seats. Forget one that is not needed.")),
    NotTheirToken: ("refresh", gettext_lazy("This is not a refresh token of this account that is in force.")),
}
CONFLICT_WORDS: dict[type[Exception], Any] = {
    SessionEnded: gettext_lazy("This session has ended: start another."),
    NoBaseline: gettext_lazy("There is no baseline to keep yet: finish the calibration first."),
}

_log = logging.getLogger(__name__)


class BodyTooLarge(APIException):
    """The request announces more bytes than its view takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, *, size: int, limit: int, field: str) -> None:
        message = _("The request has %(size)d bytes; at most %(limit)d are accepted.")
        super().__init__({field: [message % {"size": size, "limit": limit}]})


class Conflict(APIException):
    """What was asked for does not fit what has become of it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class Unavailable(APIException):
    """Something that the service needs is missing; with `wait`, in seconds, it may be back by then."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"

    def __init__(self, message: str, wait: int | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def to_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to whatever a view raised; None leaves it to Django, which logs it and answers 500."""
    return exception_handler(_as_http_error(error, context.get("view")), context)


def _as_http_error(error: Exception, view: Any) -> Exception:  # noqa: C901 - a table in all but form
    match error:
        case FrameError():
            metrics.frames_refused.inc()
            return ValidationError({getattr(view, "large_field", "blob_data"): [why_no_frame(error)]})
        case SessionUnknown() | SeatUnknown():
            return Http404()
        case SessionEnded() | NoBaseline():
            return Conflict(CONFLICT_WORDS[type(error)])
        case UsernameTaken() | WrongPassword() | NotTheirToken() | TooManySeats():
            field, words = FIELD_WORDS[type(error)]
            return ValidationError({field: [words]})
        case AccountGone():
            return AuthenticationFailed(_("This account does not exist any more."))
        case TooManyTries():
            return Throttled(error.wait_s)
        case WeightsMissing() | FaceUnreadable():
            return Unavailable(str(error))
        case ExportBusy():
            return Throttled(RETRY_AFTER_S, _("Another export is under way."))
        case ArchiveAway():
            return Unavailable(_("The frame archive cannot be reached. Try again in a few seconds."), RETRY_AFTER_S)
        case OperationalError() | InterfaceError():
            # Not the driver's text: it may quote what was to be stored.
            number = error.args[0] if error.args and isinstance(error.args[0], int) else ""
            _log.error("The database cannot be used: %s %s", type(error).__name__, number)
            return Unavailable(_("The database cannot be reached. Try again in a few seconds."), RETRY_AFTER_S)
        case UnsupportedMediaType():
            return ValidationError({"detail": getattr(view, "accepted_bodies", JSON_ONLY)})
        case _:
            return error


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if isinstance(exception, DisallowedHost):
        return _host_refused(request)
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": _("The request cannot be read.")}, status=400)
    return defaults.bad_request(request, exception)


def _host_refused(request: HttpRequest) -> HttpResponseBase:
    language = get_language_from_request(request)  # LocaleMiddleware may not have been reached
    host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))  # empty where it is not valid
    with override(language):
        if host:
            words = _(
                "Pose Smart does not answer to the host name %(host)s. To allow it, add it to ALLOWED_HOSTS in .env "
                "(ALLOWED_HOSTS=localhost,127.0.0.1,%(host)s) and restart Pose Smart."
            ) % {"host": host}
        else:
            words = _("The request names no host, or one that is not valid: letters, digits, hyphens and dots only.")
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": words}, status=400)
    return HttpResponseBadRequest(render_to_string("web/host.html", {"language": language[:2], "words": words}))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": _("There is nothing here. /api/docs/ lists all calls.")}, status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        answer = {"detail": _("Something went wrong here; it has been logged."), "request_id": logs.request_id.get()}
        return JsonResponse(answer, status=500)
    return defaults.server_error(request)
