from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.serializers import Field, ValidationError
from rest_framework.views import APIView

from accounts.requests import AuthenticatedRequest
from common.http.bodies import check_size
from common.http.throttling import FrameThrottle
from common.load import load
from detections.sessions import landmark_schema, services
from detections.sessions.landmark_request import (
    FIELD,
    LandmarksBody,
    analyses_of,
    moments_of,
    read_body,
    source_of,
)
from detections.sessions.landmarks import LandmarkBatch, landmarks_observe
from detections.sessions.rendering import session_response
from detections.sessions.request_serializers import CameraQuerySerializer
from detections.sessions.views import frame_key_of

PICTURES_OF_A_FRAME = 5  # landmarks of so many count as much as one frame


class LandmarksParser(BaseParser):
    """JSON of bounded size, parsed and checked at once. Raises BodyTooLarge, ParseError, ValidationError."""

    media_type = "application/json"

    def parse(  # type: ignore[override] # what its view expects
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> LandmarksBody:
        check_size(parser_context)
        return read_body(stream.read())


class LandmarksView(APIView):
    """Landmarks of one picture or several, of which none is sent."""

    throttle_classes = (FrameThrottle,)
    throttle_scope = "frames"
    parser_classes = (LandmarksParser,)
    large_field = FIELD
    body_limit = "LANDMARKS_MAX_BYTES"

    @extend_schema(**landmark_schema.LANDMARKS)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        body = request.data
        if not isinstance(body, LandmarksBody):  # no parser runs for an empty body
            raise ValidationError({FIELD: [Field.default_error_messages["required"]]})
        camera = CameraQuerySerializer(data=request.query_params.dict())
        camera.is_valid(raise_exception=True)
        captured, source = moments_of(body), source_of(body)
        surplus = len(body.observations) // PICTURES_OF_A_FRAME - 1
        if surplus > 0:
            FrameThrottle().count_more(request, self, surplus)
        batch = LandmarkBatch(
            analyses=analyses_of(body, source),
            captured=captured,
            key=frame_key_of(request, session_id, captured),
            source=source,
            camera_id=camera.validated_data["camera"],
        )
        result = landmarks_observe(user=request.user, session_id=session_id, batch=batch)
        response = session_response(result, services.alarm_settings_of(request.user), slowdown=load.slowdown)
        return Response(response)
