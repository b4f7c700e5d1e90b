import logging
from typing import Any

import jwt
import requests
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.company_login import flow, pending, schema, services
from accounts.company_login.flow import LoginRefused
from accounts.company_login.provider import ProviderFault
from accounts.company_login.serializers import (
    CodeSerializer,
    CompanyLoginSerializer,
    CompanyTokensSerializer,
    PersonSerializer,
)
from common.http.throttling import AttemptThrottle

NOT_TO_BE_TRUSTED = (SuspiciousOperation, jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError)
FIRST_SERVER_ERROR = 500

_log = logging.getLogger(__name__)


class _View(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "login"


class _BrowserView(_View):
    """A step that the browser itself takes: whatever goes wrong ends on the page, which says what to do."""

    def handle_exception(self, exc: Exception) -> Any:
        reason = _reason(exc)
        if reason is None:
            return super().handle_exception(exc)
        _log.warning("A company login failed, %s: %s", reason, type(exc).__name__)  # its text may quote tokens
        return HttpResponseRedirect(f"{reverse('page')}#/company-login/failed/{reason}")


class StartView(_BrowserView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Any:
        return flow.AuthorizationRequest.as_view()(request._request)


class CallbackView(_BrowserView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Any:
        claims = flow.claims_from(request._request)
        if not claims.is_of_an_allowed_domain:
            raise LoginRefused("domain")
        code = pending.keep(request.session, claims)
        return HttpResponseRedirect(f"{reverse('page')}#/company-login/{code}")


class PersonView(_View):
    @extend_schema(**schema.PERSON)
    def post(self, request: Request) -> Response:
        serializer = CodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        claims = pending.read(request.session, serializer.validated_data["code"])
        state, username = services.person_state(claims=claims)
        return Response(PersonSerializer({"state": state, "username": username}).data)


class CompanyLoginView(_View):
    @extend_schema(**schema.LOG_IN)
    def post(self, request: Request) -> Response:
        serializer = CompanyLoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        claims = pending.read(request.session, given["code"])
        services.proof_require(claims=claims, password=given["password"], choice=given["choice"])
        with transaction.atomic():
            pending.use(request.session, given["code"])
            user = services.log_in(claims=claims, choice=given["choice"], time_zone=given["time_zone"])
        answer = {"username": user.username, "has_password": user.has_usable_password()}
        return Response(CompanyTokensSerializer(answer | tokens.tokens_for(user)).data)


def _reason(error: Exception) -> str | None:
    """Why a login failed, in a word that the page knows; None for what is no failure of the login."""
    match error:
        case LoginRefused():
            return error.reason
        case Throttled():
            return "limit"
        case requests.HTTPError() if error.response is not None and error.response.status_code < FIRST_SERVER_ERROR:
            return "invalid"  # the code was not the provider's, or OIDC_CLIENT_SECRET is wrong
        case requests.JSONDecodeError() | ProviderFault():
            return "invalid"
        case requests.RequestException():
            return "unavailable"
        case _ if isinstance(error, NOT_TO_BE_TRUSTED):
            return "invalid"
    return None
