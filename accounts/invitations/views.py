from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.invitations import services
from accounts.invitations.serializers import InvitationSerializer, TokenSerializer
from common.http.throttling import AttemptThrottle

TOKEN = "kq4S0uVt1Zy7…"  # noqa: S105 - an example
READ: dict[str, Any] = {
    "summary": "Read an invitation",
    "description": "What the holder of an invitation's link signs up with; the token goes into `invitation` of the "
    "sign-up. It is sent in the body, so that it is in no log.",
    "tags": ["accounts"],
    "auth": [],
    "request": TokenSerializer,
    "responses": {
        200: InvitationSerializer,
        400: OpenApiResponse(description="The invitation is used, withdrawn, too old or unknown"),
        403: OpenApiResponse(description="Nobody can sign up here (`SIGN_UP=closed`)"),
    },
    "examples": [
        OpenApiExample("A link's", {"invitation": TOKEN}, request_only=True),
        OpenApiExample(
            "Mina's",
            {"username": "mina@example.com", "first_name": "Mina", "expires_at": "2026-12-14T09:00:00Z"},
            response_only=True,
        ),
    ],
}


class InvitationView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "sign_up"

    @extend_schema(**READ)
    def post(self, request: Request) -> Response:
        serializer = TokenSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        invitation = services.invitation_read(token=serializer.validated_data["invitation"])
        return Response(InvitationSerializer(invitation).data)
