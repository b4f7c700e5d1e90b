from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.requests import SignedInRequest
from detections import schema, services
from detections.calibration import Calibration
from detections.serializers import BlinkSerializer, NeckSerializer


class FrameView(APIView):
    """What the calls that carry a frame have in common."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "frames"
    large_field = "blob_data"

    @property
    def max_body_bytes(self) -> int:
        return settings.FRAME_MAX_BYTES


class NeckView(FrameView):
    @extend_schema(**schema.NECK)
    def post(self, request: SignedInRequest) -> Response:
        serializer = NeckSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        answer = services.neck_frame_judge(
            user_id=request.user.pk, frame=data["blob_data"], calibration=Calibration.from_request(data)
        )
        return Response(answer)


class BlinkView(FrameView):
    @extend_schema(**schema.BLINK)
    def post(self, request: SignedInRequest) -> Response:
        serializer = BlinkSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        answer = services.blink_frame_judge(
            frame=data["blob_data"], count=data["count"], total=data["total"], time=data["time"]
        )
        return Response(answer)
