"""The OpenAPI description of the landmarks call; landmark_request.py reads its body."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from ai_models.client_landmarks import MAX_OTHERS
from ai_models.face_mesh import MESH_COUNT
from ai_models.landmarks import POINT_COUNT
from ai_models.vision.frame import MAX_SIDE_PX
from common.http.schema import IDEMPOTENCY_KEY
from detections.sessions.examples import CALIBRATING, SESSION
from detections.sessions.landmark_request import MAX_FACES, MAX_MODEL_LENGTH
from detections.sessions.request_serializers import MAX_BURST, MAX_BURST_S
from detections.sessions.schema import CAMERA, ENDED
from detections.sessions.serializers import SessionSerializer

FARTHEST_PX = 2 * MAX_SIDE_PX


def _lists_of(kind: str, size: int) -> dict[str, Any]:
    pixel = {"type": kind, "minimum": -FARTHEST_PX, "maximum": FARTHEST_PX}
    return {"type": "array", "items": pixel, "minItems": size, "maxItems": size}


@extend_schema_field(
    {
        "type": "array",
        "items": _lists_of("number", 2),
        "minItems": POINT_COUNT,
        "maxItems": MESH_COUNT,
        "nullable": True,
        "description": f"x and y in pixels of the picture, not mirrored: the {POINT_COUNT} points of iBUG 300-W, or "
        f"the {MESH_COUNT} of MediaPipe's face mesh. null: no face",
    }
)
class PointsField(serializers.Field[Any, Any, Any, Any]):
    pass


@extend_schema_field(
    {
        "type": "array",
        "items": _lists_of("integer", 4),
        "maxItems": MAX_OTHERS,
        "description": "the boxes of other faces: left, top, right and bottom, in pixels",
    }
)
class BoxesField(serializers.Field[Any, Any, Any, Any]):
    pass


class PictureLandmarksSerializer(serializers.Serializer[Any]):
    captured_at = serializers.DateTimeField(help_text="by the client's clock, with its time zone")
    width = serializers.IntegerField(min_value=1, max_value=MAX_SIDE_PX, help_text="of the picture, in pixels")
    height = serializers.IntegerField(min_value=1, max_value=MAX_SIDE_PX)
    points = PointsField(required=False)
    faces = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MAX_FACES, help_text="how many there are in the picture"
    )
    brightness = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1, help_text="the mean of the face's pixels, 1 is white"
    )
    others = BoxesField(required=False)


class LandmarksSerializer(serializers.Serializer[Any]):
    observations = serializers.ListField(
        child=PictureLandmarksSerializer(), min_length=1, max_length=MAX_BURST, help_text="in ascending order of time"
    )
    model = serializers.RegexField(
        r"^[A-Za-z0-9._@/-]*$",
        required=False,
        allow_blank=True,
        max_length=MAX_MODEL_LENGTH,
        help_text="your name for what finds the landmarks, with its version; another one calibrates anew",
    )


LANDMARKS: dict[str, Any] = {
    "operation_id": "detections_sessions_landmarks",
    "summary": "Judge landmarks, without a picture",
    "description": f"For clients that find the face themselves. Landmarks of up to {MAX_BURST} pictures within "
    f"{MAX_BURST_S} seconds are judged as those of frames are; two or more, at 10 a second or more, show blinks. They "
    "belong to a model, which is the number of points and the `model` that the client names: a baseline or profile of "
    "another model is not used, the session calibrates. Nobody is asked whose face it is: `identity.state` is "
    "`not_asked`. Nothing of this is archived. The rate limit counts five pictures as a frame.",
    "tags": ["sessions"],
    "parameters": [CAMERA, IDEMPOTENCY_KEY],
    "request": LandmarksSerializer,
    "responses": {
        200: SessionSerializer,
        400: OpenApiResponse(
            description="Points that are no face's, of which `observations` names the picture; or an invalid time"
        ),
        409: ENDED,
        413: OpenApiResponse(description="More than 2 MiB"),
    },
    "examples": [
        OpenApiExample(
            "Nobody there",
            {
                "observations": [
                    {"captured_at": "2026-11-25T09:21:00.000Z", "width": 640, "height": 480, "points": None, "faces": 0}
                ],
                "model": "face_landmarker@0.10",
            },
            request_only=True,
        ),
        OpenApiExample(
            "Leaning in", SESSION | {"identity": {"state": "not_asked"}}, response_only=True, status_codes=["200"]
        ),
        OpenApiExample("Calibrating", CALIBRATING, response_only=True, status_codes=["200"]),
    ],
}
