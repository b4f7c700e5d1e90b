"""OpenAPI descriptions of version 1's detection calls."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, PolymorphicProxySerializer
from rest_framework import serializers

from common.http.schema import IDEMPOTENCY_KEY
from detections.serializers import BlinkSerializer, NeckSerializer
from detections.services import FOUND, NOT_FOUND

# One grey pixel: small enough for a page, and a real picture, so that "Try it out" gets a real answer (no face).
GREY_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVQIHWNoaGgAAAMEAYHZ9rm7AAAAAElFTkSuQmCC"
)
BAD_FRAME = OpenApiResponse(description="No picture, or one that is damaged or has too many pixels")
TOO_LARGE = OpenApiResponse(description="More bytes than FRAME_MAX_BYTES")


class CalibrationResponseSerializer(serializers.Serializer[Any]):
    """While calibrating, or if no face was found: the numbers that were sent, as text, then the new measure."""

    face_x = serializers.ListField(child=serializers.JSONField())
    face_y = serializers.ListField(child=serializers.JSONField())
    nose_to_center = serializers.ListField(child=serializers.JSONField())
    cnt = serializers.IntegerField()
    face_x_mean = serializers.FloatField()
    face_y_mean = serializers.FloatField()
    nose_mean = serializers.FloatField()
    detection_flag = serializers.ChoiceField(choices=[FOUND, NOT_FOUND])
    face_id_flag = serializers.BooleanField(required=False, help_text="only with no face found and cnt of 4 or more")


class VerdictResponseSerializer(serializers.Serializer[Any]):
    """While monitoring, with a face found; true is good."""

    x_result = serializers.BooleanField(help_text="the head is level")
    y_result = serializers.BooleanField(help_text="neither too close nor too low")
    detection_flag = serializers.ChoiceField(choices=[FOUND])
    face_id_flag = serializers.BooleanField(help_text="it is the enrolled user")


class BlinkResponseSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="one more if the eyes are closed")
    count = serializers.IntegerField()
    res = serializers.BooleanField(help_text="the eyes are closed")
    time = serializers.FloatField(help_text="milliseconds; 500 more if a face was found")
    detection_flag = serializers.ChoiceField(choices=[FOUND, NOT_FOUND])


def _response(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=["200"])


STAYS = OpenApiResponse(description="The user chose that pictures stay in the browser: this one was not looked at")
NECK: dict[str, Any] = {
    "summary": "Judge posture in one frame",
    "description": "Send about one frame a second. The first four frames with a face calibrate (cnt 0 to 3) and enrol "
    "the face; send back what each returns, the lists as comma-separated text. From cnt 4 on posture is judged.",
    "tags": ["detections"],
    "parameters": [IDEMPOTENCY_KEY],
    "request": NeckSerializer,
    "responses": {
        200: PolymorphicProxySerializer(
            component_name="NeckAnswer",
            serializers=[CalibrationResponseSerializer, VerdictResponseSerializer],
            resource_type_field_name=None,
        ),
        400: BAD_FRAME,
        409: STAYS,
        413: TOO_LARGE,
    },
    "examples": [
        OpenApiExample(
            "First calibrating frame",
            {"blob_data": GREY_PIXEL, "face_x": "", "face_y": "", "nose_to_center": "", "cnt": 0}
            | {"face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0},
            request_only=True,
        ),
        OpenApiExample(
            "Monitoring",
            {"blob_data": GREY_PIXEL, "face_x": "", "face_y": "", "nose_to_center": "", "cnt": 4}
            | {"face_x_mean": 76.25, "face_y_mean": 107.5, "nose_mean": 19.0},
            request_only=True,
        ),
        _response(
            "Second calibrating frame",
            {"face_x": ["76.25", 76.5], "face_y": ["107.5", 107.25], "nose_to_center": ["19.0", 19.25], "cnt": 2}
            | {"face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0, "detection_flag": FOUND},
        ),
        _response("Leaning in", {"x_result": True, "y_result": False, "detection_flag": FOUND, "face_id_flag": True}),
        _response(
            "No face",
            {"face_x": [], "face_y": [], "nose_to_center": [], "cnt": 0}
            | {"face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0, "detection_flag": NOT_FOUND},
        ),
    ],
}
BLINK: dict[str, Any] = {
    "summary": "Detect closed eyes in one frame",
    "description": "Send about two frames a second.",
    "tags": ["detections"],
    "request": BlinkSerializer,
    "responses": {200: BlinkResponseSerializer, 400: BAD_FRAME, 409: STAYS, 413: TOO_LARGE},
    "examples": [
        OpenApiExample("A frame", {"blob_data": GREY_PIXEL, "count": 0, "total": 3, "time": 1500}, request_only=True),
        _response("Closed", {"total": 4, "count": 0, "res": True, "time": 2000, "detection_flag": FOUND}),
        _response("No face", {"total": 3, "count": 0, "res": False, "time": 1500, "detection_flag": NOT_FOUND}),
    ],
}
