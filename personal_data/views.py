"""A user's account and frames: withdrawal, export, stored frames."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.audit.log import Action, own_record
from accounts.requests import AuthenticatedRequest
from accounts.views import SignUpView
from ai_models.vision.thumbnail import thumbnail
from common.http.pace import Paced, connection_of
from common.http.throttling import AttemptThrottle
from mongos import archive
from mongos.totals import totals_of
from personal_data import schema, withdrawal
from personal_data.erasures import frames_erase
from personal_data.export import Export
from personal_data.frame_pages import page
from personal_data.gallery import days_of, events_at
from personal_data.serializers import (
    DayPageSerializer,
    DayQuerySerializer,
    ErasedSerializer,
    ErasedSpanSerializer,
    ExportQuerySerializer,
    FormatSerializer,
    FramePageSerializer,
    FrameQuerySerializer,
    WithdrawalSerializer,
)

# A browser may show them again while its user scrolls, but not to the next one who logs in.
SMALL_PICTURE_HEADERS = {"Cache-Control": "private, max-age=600", "Vary": "Authorization"}


class FramesView(APIView):
    @extend_schema(**schema.LIST_FRAMES)
    def get(self, request: AuthenticatedRequest) -> Response:
        serializer = FrameQuerySerializer(data=request.query_params.dict(), context={"zone": request.user.zone})
        serializer.is_valid(raise_exception=True)
        query = serializer.validated_data
        frames, cursor = page(user_id=request.user.pk, **query | {"since": _own(request, query["since"])})
        events = events_at(user=request.user, frames=frames)
        results = [asdict(frame) | {"events": kinds} for frame, kinds in zip(frames, events, strict=True)]
        response = {"next": _address_of(request, str(cursor)) if cursor else None, "results": results}
        return Response(FramePageSerializer(response).data)

    @extend_schema(**schema.DELETE_FRAMES)
    def delete(self, request: AuthenticatedRequest) -> Response:
        serializer = ErasedSpanSerializer(data=request.query_params.dict(), context={"zone": request.user.zone})
        serializer.is_valid(raise_exception=True)
        since, until, now = serializer.validated_data["since"], serializer.validated_data["until"], timezone.now()
        deleted, is_complete = frames_erase(
            user_id=request.user.pk, since=_own(request, since), until=min(until, now) if until else now
        )
        own_record(request=request, action=Action.ERASED, what="frames")
        response = ErasedSerializer({"deleted": deleted, "pending": not is_complete})
        return Response(response.data, status.HTTP_200_OK if is_complete else status.HTTP_202_ACCEPTED)


class DaysView(APIView):
    @extend_schema(**schema.LIST_DAYS)
    def get(self, request: AuthenticatedRequest) -> Response:
        serializer = DayQuerySerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        before, page_size = serializer.validated_data["cursor"], serializer.validated_data["page_size"]
        days, last = days_of(user=request.user, before=before, page_size=page_size)
        total = None if before else totals_of(user_id=request.user.pk, since=_own(request))
        address = _address_of(request, last.isoformat()) if last else None
        return Response(DayPageSerializer({"total": total, "next": address, "results": days}).data)


class FrameView(APIView):
    @extend_schema(**schema.READ_FRAME)
    def get(self, request: AuthenticatedRequest, frame_id: UUID) -> HttpResponse:
        serializer = FormatSerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        frame = archive.read(user_id=request.user.pk, frame_id=frame_id, since=_own(request))
        if frame is None:
            raise Http404
        image = bytes(frame.image)
        if "size" in serializer.validated_data:
            return HttpResponse(thumbnail(image), content_type="image/jpeg", headers=SMALL_PICTURE_HEADERS)
        headers = {"Cache-Control": "private, no-store"}
        if "format" in serializer.validated_data:
            data_url = f"data:{frame.content_type};base64,{base64.b64encode(image).decode()}"
            return HttpResponse(data_url, content_type="text/plain; charset=us-ascii", headers=headers)
        return HttpResponse(image, content_type=frame.content_type, headers=headers)

    @extend_schema(**schema.DELETE_FRAME)
    def delete(self, request: AuthenticatedRequest, frame_id: UUID) -> Response:
        if not archive.delete_one(user_id=request.user.pk, frame_id=frame_id, since=_own(request)):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)


class AccountView(SignUpView):
    """Signing up needs no token; the other calls are about the token's user."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if self._is_sign_up() else super().get_authenticators()

    def get_permissions(self) -> Sequence[Any]:
        return [] if self._is_sign_up() else super().get_permissions()

    def get_throttles(self) -> list[BaseThrottle]:
        return [AttemptThrottle()] if self._is_sign_up() else []

    def _is_sign_up(self) -> bool:
        # There is no request while the schema is generated.
        return self.request is not None and self.request.method == "POST"  # type: ignore[redundant-expr]

    @extend_schema(**schema.WITHDRAW)
    def delete(self, request: AuthenticatedRequest) -> Response:
        serializer = WithdrawalSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        withdrawal.user_withdraw(user=request.user, password=serializer.validated_data.get("password"))
        return Response({"message": schema.WITHDRAWN}, status.HTTP_204_NO_CONTENT)


class ExportView(APIView):
    @extend_schema(**schema.EXPORT)
    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        serializer = ExportQuerySerializer(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        own_record(request=request, action=Action.EXPORTED, what="export")
        chunks = Export(user=request.user, with_pictures=serializer.validated_data["frames"])
        headers = {"Content-Disposition": 'attachment; filename="pose-smart.zip"', "Cache-Control": "private, no-store"}
        return StreamingHttpResponse(
            Paced(chunks, connection_of(request)), content_type="application/zip", headers=headers
        )


def _own(request: AuthenticatedRequest, since: datetime | None = None) -> datetime:
    """`since`, but no earlier than the user signed up.

    After a database was restored or recreated, ids are assigned again, and the archive may still have frames of an
    earlier user with the same id.
    """
    joined_at = request.user.date_joined
    return max(since, joined_at) if since else joined_at


def _address_of(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
