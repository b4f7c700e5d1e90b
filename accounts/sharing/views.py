from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.audit.log import Action, own_record
from accounts.requests import AuthenticatedRequest
from accounts.sharing.serializers import SharingSerializer, SharingStateSerializer
from accounts.sharing.services import sharing_of, sharing_set

NOTHING: dict[str, Any] = {"with": "staff", "what": [], "until": None, "in_team_sums": True}
REPORTS = NOTHING | {"what": ["reports"], "until": "2026-12-24T23:59:59+09:00"}

READ: dict[str, Any] = {
    "summary": "What the user shares with the people who run the service",
    "tags": ["privacy"],
    "responses": SharingStateSerializer,
    "examples": [
        OpenApiExample("Nothing, as for everybody who said nothing", NOTHING, response_only=True),
        OpenApiExample("Reports, until a day", REPORTS, response_only=True),
    ],
}
CHANGE: dict[str, Any] = {
    "summary": "Choose what to share, and until when",
    "description": "Nobody of the staff sees reports or sessions of a person in the admin site unless that person "
    "shares them here. It takes the place of what was shared before, and ends by itself. Each look is logged "
    "(`GET /api/accounts/looks/`). `in_team_sums: false` leaves the user out of the team's sums of weeks that are not "
    "published yet.",
    "tags": ["privacy"],
    "request": SharingSerializer,
    "responses": {200: SharingStateSerializer, 400: OpenApiResponse(description="No such kind, or no such time")},
    "examples": [
        OpenApiExample("Share", {"what": ["reports"], "until": "2026-12-24T23:59:59+09:00"}, request_only=True),
        OpenApiExample("End it", {"what": []}, request_only=True),
        OpenApiExample("Shared", REPORTS, response_only=True),
    ],
}


class SharingView(APIView):
    @extend_schema(**READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(SharingSerializer(sharing_of(user=request.user), zone=request.user.zone).data)

    @extend_schema(**CHANGE)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = SharingSerializer(data=request.data, zone=request.user.zone)
        serializer.is_valid(raise_exception=True)
        sharing = sharing_set(user=request.user, **serializer.validated_data)
        own_record(request=request, action=Action.CHANGED, what="sharing")
        return Response(SharingSerializer(sharing, zone=request.user.zone).data)
