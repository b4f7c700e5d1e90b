"""/api/detections/check/: whether the camera's picture would do, before a session is started. Nothing is stored."""

from typing import Any, get_args

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.requests import AuthenticatedRequest
from ai_models.monitoring.camera_check import PLAN, Distance, Light, check_of
from ai_models.vision.frame import read_frame
from common.http.bodies import PictureParser
from detections import vision
from detections.sessions.schema import PICTURE
from detections.sessions.serializers import HINTS
from detections.views import FrameView


class CameraCheckSerializer(serializers.Serializer[Any]):
    face_found = serializers.BooleanField()
    faces = serializers.IntegerField()
    hint = serializers.ChoiceField(
        choices=HINTS, allow_null=True, help_text="what to change first, as in sessions; null: this picture would do"
    )
    distance = serializers.ChoiceField(
        choices=get_args(Distance),
        allow_null=True,
        help_text="far: the face is narrower than 100 pixels; near: it is wider than 0.45 of the picture's longer side",
    )
    light = serializers.ChoiceField(choices=get_args(Light), allow_null=True, help_text="on the face")


GOOD = {"face_found": True, "faces": 1, "hint": None, "distance": "good", "light": "good"}
CHECK: dict[str, Any] = {
    "operation_id": "detections_check",
    "summary": "Check the camera's picture before a session",
    "description": "Looks at one picture as a session would, without comparing faces. Nothing is stored or archived. "
    "It counts as a frame.",
    "tags": ["sessions"],
    "request": {"image/jpeg": PICTURE, "image/png": PICTURE},
    "responses": {
        200: CameraCheckSerializer,
        400: OpenApiResponse(description="No picture, or one that is damaged or has too many pixels (`frame`)"),
        413: OpenApiResponse(description="More bytes than FRAME_MAX_BYTES"),
    },
    "examples": [
        OpenApiExample("This would do", GOOD, response_only=True),
        OpenApiExample("Too far away", GOOD | {"hint": "face_too_small", "distance": "far"}, response_only=True),
    ],
}


class CameraCheckView(FrameView):
    parser_classes = (PictureParser,)
    large_field = "frame"
    accepted_bodies = _("Send one picture as the body, with Content-Type: image/jpeg or image/png.")

    @extend_schema(**CHECK)
    def post(self, request: AuthenticatedRequest) -> Response:
        picture: Any = request.data or b""  # no parser runs for an empty body
        frame = read_frame(picture)
        self.charge(request, [frame])
        check = check_of(vision.analyze(frame, PLAN))
        return Response(
            {
                "face_found": check.faces > 0,
                "faces": check.faces,
                "hint": check.hint,
                "distance": check.distance,
                "light": check.light,
            }
        )
