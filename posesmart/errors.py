"""Domain errors become HTTP errors here, once."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed, UnsupportedMediaType, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.models import User
from accounts.services import AccountGone, UsernameTaken, WrongPassword
from ai_models.frame import FrameError
from ai_models.weights import WeightsMissing

API_PREFIX = "/api/"


class BodyTooLarge(APIException):
    """The request announces more bytes than its view takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, *, size: int, limit: int, field: str) -> None:
        message = _("The request has %(size)d bytes; at most %(limit)d are accepted.")
        super().__init__({field: [message % {"size": size, "limit": limit}]})


class VisionUnavailable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "vision_unavailable"


def to_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to whatever a view raised; None leaves it to Django, which logs it and answers 500."""
    return exception_handler(_as_http_error(error), context)


def _as_http_error(error: Exception) -> Exception:
    match error:
        case FrameError():
            return ValidationError({"blob_data": [str(error)]})
        case UsernameTaken():
            return ValidationError({"username": [_("A user with that username already exists.")]})
        case WrongPassword():
            return ValidationError({"password": [_("This is not the account's password.")]})
        case AccountGone() | User.DoesNotExist():  # the second from simplejwt, which looks a refresh token's user up
            return AuthenticationFailed(_("This account does not exist any more."))
        case WeightsMissing():
            return VisionUnavailable(str(error))
        case UnsupportedMediaType():
            return ValidationError(
                {"detail": _("The body must be JSON, with the header Content-Type: application/json.")}
            )
        case _:
            return error


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": _("There is nothing here. /api/docs/ lists all calls.")}, status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"detail": _("Something went wrong here; it has been logged.")}, status=500)
    return defaults.server_error(request)
