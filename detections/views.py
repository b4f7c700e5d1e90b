from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Privacy
from accounts.privacy import PicturesStayInBrowser
from accounts.requests import AuthenticatedRequest
from ai_models.vision.frame import Frame
from common.http.idempotency import HEADER, key_of
from common.http.throttling import FrameThrottle
from detections import schema, services
from detections.serializers import BlinkSerializer, NeckSerializer
from detections.services import Calibration

PIXELS_OF_ONE = 1_000_000  # a full search costs 60 ns a pixel; a frame of more pixels counts as several

FRAME_KEYS = UUID("c2cb8f1e-5d4b-4f0e-a2f5-3a8f3bb6c0d7")  # the namespace of the keys that clients choose


class FrameView(APIView):
    """Base of the calls that carry a frame."""

    throttle_classes = (FrameThrottle,)
    throttle_scope = "frames"
    large_field = "blob_data"
    body_limit = "FRAME_MAX_BYTES"  # a setting

    def initial(self, request: Request, *args: Any, **options: Any) -> None:
        """Refuse a picture that should have stayed in the browser, before it is read."""
        super().initial(request, *args, **options)
        if getattr(request.user, "privacy", "") == Privacy.BROWSER:
            raise PicturesStayInBrowser

    def charge(self, request: AuthenticatedRequest, frames: Sequence[Frame]) -> None:
        """Count what the frames cost beyond the one that the request was counted as. Raises Throttled."""
        surplus = sum(max(1, frame.width * frame.height // PIXELS_OF_ONE) for frame in frames) - 1
        if surplus:
            FrameThrottle().count_more(request, self, surplus)


class NeckView(FrameView):
    @extend_schema(**schema.NECK)
    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = NeckSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        self.charge(request, [data["blob_data"]])
        response = services.neck_frame_judge(
            user_id=request.user.pk,
            frame_id=frame_id_of(request),
            frame=data["blob_data"],
            calibration=Calibration.from_request(data),
            is_archived=request.user.archive_frames,
        )
        return Response(response)


class BlinkView(FrameView):
    throttle_scope = "blinks"  # the existing client can lose control of these; they must not cost posture

    @extend_schema(**schema.BLINK)
    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = BlinkSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        self.charge(request, [data["blob_data"]])
        response = services.blink_frame_judge(
            frame=data["blob_data"], count=data["count"], total=data["total"], time=data["time"]
        )
        return Response(response)


def frame_id_of(request: AuthenticatedRequest) -> UUID:
    """The frame's key in the archive: the same if a request is repeated with the same Idempotency-Key."""
    key = key_of(request, FRAME_KEYS) if HEADER in request.headers else None
    return key or uuid4()
