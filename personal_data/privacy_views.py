"""What becomes of a user's pictures, and who of the staff looked at their data."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.audit.log import Action, own_record
from accounts.models import DataAccess, User
from accounts.privacy import days_kept
from accounts.requests import AuthenticatedRequest
from accounts.serializers import PrivacyChoiceSerializer
from common.http.paging import PageQuerySerializer, Pages, page_of
from personal_data import privacy, privacy_schema
from personal_data.privacy_serializers import LookSerializer, PrivacyChangedSerializer, PrivacySerializer


class PrivacyView(APIView):
    @extend_schema(**privacy_schema.READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(PrivacySerializer(_choice_of(request.user)).data)

    @extend_schema(**privacy_schema.CHANGE)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = PrivacyChoiceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        chosen = privacy.privacy_choose(user=request.user, choice=serializer.validated_data["choice"])
        own_record(request=request, action=Action.CHANGED, what="privacy")
        response = _choice_of(request.user) | {"deleted": chosen.deleted, "pending": not chosen.is_complete}
        code = status.HTTP_200_OK if chosen.is_complete else status.HTTP_202_ACCEPTED
        return Response(PrivacyChangedSerializer(response).data, code)


class NewestLooks(Pages):
    ordering = ("-at", "-id")


class LooksView(APIView):
    @extend_schema(**privacy_schema.LOOKS)
    def get(self, request: AuthenticatedRequest) -> Response:
        PageQuerySerializer(data=request.query_params.dict()).is_valid(raise_exception=True)
        own = DataAccess.objects.filter(user=request.user).select_related("staff")
        looks, pages = page_of(NewestLooks(), own, request)
        return Response({"next": pages.get_next_link(), "results": LookSerializer(looks, many=True).data})


def _choice_of(user: User) -> dict[str, Any]:
    return {
        "privacy": user.privacy or None,
        "chosen_at": user.privacy_chosen_at,
        "wording": user.privacy_wording,
        "keep_days": days_kept(user),
        "max_keep_days": settings.FRAME_RETENTION_DAYS,
    }
