"""The user's own frames, under /api/accounts/frames/."""

import base64
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.erasures import frames_erase
from accounts.requests import AuthenticatedRequest
from mongos import archive, schema
from mongos.paging import page
from mongos.serializers import (
    ErasedSerializer,
    ErasedSpanSerializer,
    FormatSerializer,
    FramePageSerializer,
    FrameQuerySerializer,
)


class FramesView(APIView):
    @extend_schema(**schema.LIST)
    def get(self, request: AuthenticatedRequest) -> Response:
        serializer = FrameQuerySerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        query = serializer.validated_data
        frames, cursor = page(user_id=request.user.pk, **query | {"since": _own(request, query["since"])})
        response = {"next": _address_of(request, str(cursor)) if cursor else None, "results": frames}
        return Response(FramePageSerializer(response).data)

    @extend_schema(**schema.DELETE_SPAN)
    def delete(self, request: AuthenticatedRequest) -> Response:
        serializer = ErasedSpanSerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        since, until, now = serializer.validated_data["since"], serializer.validated_data["until"], timezone.now()
        deleted, is_complete = frames_erase(
            user_id=request.user.pk, since=_own(request, since), until=min(until, now) if until else now
        )
        response = ErasedSerializer({"deleted": deleted, "pending": not is_complete})
        return Response(response.data, status.HTTP_200_OK if is_complete else status.HTTP_202_ACCEPTED)


class FrameView(APIView):
    @extend_schema(**schema.READ)
    def get(self, request: AuthenticatedRequest, frame_id: UUID) -> HttpResponse:
        serializer = FormatSerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        frame = archive.read(user_id=request.user.pk, frame_id=frame_id, since=_own(request))
        if frame is None:
            raise Http404
        image = bytes(frame.image)
        headers = {"Cache-Control": "private, no-store"}
        if "format" in serializer.validated_data:
            data_url = f"data:{frame.content_type};base64,{base64.b64encode(image).decode()}"
            return HttpResponse(data_url, content_type="text/plain; charset=us-ascii", headers=headers)
        return HttpResponse(image, content_type=frame.content_type, headers=headers)

    @extend_schema(**schema.DELETE_ONE)
    def delete(self, request: AuthenticatedRequest, frame_id: UUID) -> Response:
        if not archive.delete_one(user_id=request.user.pk, frame_id=frame_id, since=_own(request)):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


def _own(request: AuthenticatedRequest, since: datetime | None = None) -> datetime:
    """No earlier than the user signed up: where a database was restored or made anew, ids begin again, and the archive
    may hold frames of who had this one before."""
    joined_at = request.user.date_joined
    return max(since, joined_at) if since else joined_at


def _address_of(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
