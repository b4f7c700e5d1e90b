from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.recovery import services
from accounts.recovery.serializers import LinkRequestSerializer, ResetSerializer
from common.http.throttling import AttemptThrottle

LINK: dict[str, Any] = {
    "summary": "Ask for a link to set a new password",
    "description": "If there is such an account and its mail address is known, the link is sent there; it is valid "
    "for an hour, once. The response does not tell.",
    "tags": ["accounts"],
    "auth": [],
    "request": LinkRequestSerializer,
    "responses": {
        202: OpenApiResponse(description="Accepted"),
        409: OpenApiResponse(description="The service sends no mail: EMAIL_URL is not set"),
    },
    "examples": [OpenApiExample("Mina", {"username": "mina@example.com"}, request_only=True)],
}
RESET: dict[str, Any] = {
    "summary": "Set a new password with the link",
    "description": "`uid` and `token` are the last two parts of the link. All of the user's logins end.",
    "tags": ["accounts"],
    "auth": [],
    "request": ResetSerializer,
    "responses": {
        204: OpenApiResponse(description="The new password is valid"),
        400: OpenApiResponse(description="The link is used or too old, or the password too short"),
    },
    "examples": [
        OpenApiExample(
            "A link's", {"uid": "MQ", "token": "cyp4e7-0b1…", "new_password": "12345678"}, request_only=True
        ),
    ],
}


class LinkRequestView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "password_reset"

    @extend_schema(**LINK)
    def post(self, request: Request) -> Response:
        serializer = LinkRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.link_request(**serializer.validated_data, page=request.build_absolute_uri(reverse("page")))
        return Response(status=status.HTTP_202_ACCEPTED)


class ResetView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "login"

    @extend_schema(**RESET)
    def post(self, request: Request) -> Response:
        serializer = ResetSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.password_reset(**serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
