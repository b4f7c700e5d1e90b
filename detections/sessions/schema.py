"""OpenAPI descriptions of the session calls."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from common.http.paging import MAX_PAGE_SIZE, PAGE_SIZE
from common.http.schema import IDEMPOTENCY_KEY
from detections.sessions.examples import CALIBRATING, PAUSED, PROFILE, REPORT, SESSION, STOPPED, SUMMARY
from detections.sessions.profiles import MAX_PROFILES
from detections.sessions.request_serializers import (
    MAX_BURST,
    MAX_BURST_S,
    MIN_BURST,
    CameraMovedSerializer,
    ConfirmFaceSerializer,
    ProfileNameSerializer,
    StartSerializer,
)
from detections.sessions.serializers import (
    ProfileSerializer,
    SessionPageSerializer,
    SessionSerializer,
    StoppedSerializer,
)

ENDED = OpenApiResponse(description="The session has been stopped")
RUNNING = OpenApiResponse(
    description="With `ask`: another session is running. Beside `detail` the response has its `id`, and "
    "`last_frame_at`, when its last frame came in"
)
IN_DOUBT = OpenApiExample("Leaning in", SESSION, response_only=True)
CAPTURED_AT = OpenApiParameter(
    "captured_at",
    OpenApiTypes.DATETIME,
    description="of a single frame: when it was captured, by the client's clock and with a time zone; the default is "
    "now. The header X-Captured-At does the same",
)
CAMERA = OpenApiParameter(
    "camera",
    OpenApiTypes.STR,
    description="your name for the camera, such as a browser's deviceId, at most 128 characters. If it is another one "
    "than before, the session goes on with the latest profile that was saved with that camera, or calibrates",
)
PICTURE = {"type": "string", "format": "binary"}


def command(summary: str, *, example: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "summary": summary,
        "tags": ["sessions"],
        "request": None,
        "responses": {200: SessionSerializer, 409: ENDED},
        "examples": [OpenApiExample("The session", example, response_only=True)],
    } | more


START: dict[str, Any] = {
    "operation_id": "detections_sessions_start",
    "summary": "Start a session",
    "description": "One session of a user runs at a time: starting another stops it and creates its report. A client "
    "that would rather ask its user first sends `ask`: then 409 says which session is running, and `take_over` with it "
    "stops that one. Without a "
    "profile the session calibrates first: send a frame every `next_after_ms` until `state` is `monitoring`; "
    "`calibration.hints` says why a frame did not count.",
    "tags": ["sessions"],
    "request": StartSerializer,
    "responses": {201: SessionSerializer, 409: RUNNING},
    "examples": [
        OpenApiExample("Calibrating first", {"profile": None}, request_only=True),
        OpenApiExample("With a saved profile", {"profile": 3}, request_only=True),
        OpenApiExample("Calibrating first", CALIBRATING, response_only=True, status_codes=["201"]),
        OpenApiExample("Another is running", response_only=True, status_codes=["409"]),
    ],
}
LIST: dict[str, Any] = {
    "operation_id": "detections_sessions_list",
    "summary": "The user's own sessions, newest first",
    "tags": ["sessions"],
    "parameters": [
        OpenApiParameter(
            "page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        ),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="from the address under next"),
    ],
    "responses": {200: SessionPageSerializer},
    "examples": [OpenApiExample("The only page", {"next": None, "results": [SUMMARY]}, response_only=True)],
}
READ: dict[str, Any] = {
    "operation_id": "detections_sessions_read",
    "summary": "A session as it is now",
    "tags": ["sessions"],
    "responses": {200: SessionSerializer},
    "examples": [IN_DOUBT],
}
SKIPPED = OpenApiParameter(
    "X-Frames-Skipped",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    description="how many frames at the end of a burst were not looked at, since the others were too much work",
    response=[200],
)
FRAMES: dict[str, Any] = {
    "operation_id": "detections_sessions_frames",
    "summary": "Judge a frame, or a burst of frames",
    "description": f"A frame is the body itself. A burst of {MIN_BURST} to {MAX_BURST} frames within {MAX_BURST_S} "
    "seconds, at 10 a second or more, shows blinks: send one if `next` is `burst`. While the blink alarm is on, bursts "
    "follow each other without a gap and are joined, so that no blink is cut or counted twice; the alarm's time is "
    "time watched like that. Single frames are archived, bursts are not. Frames that are repeated, out of order, or "
    "sent while the session is paused change nothing; a burst is used from its first new frame on. `accepted` is false "
    "if nothing was used. The rate limit counts every frame of a burst, and one of more than a million pixels "
    "as several. A user has one burst at a time. `next_after_ms` grows while the service is busy.",
    "tags": ["sessions"],
    "parameters": [CAPTURED_AT, CAMERA, IDEMPOTENCY_KEY, SKIPPED],
    "request": {
        "image/jpeg": PICTURE,
        "image/png": PICTURE,
        "multipart/form-data": {
            "type": "object",
            "properties": {
                "frames": {"type": "array", "items": PICTURE, "minItems": MIN_BURST, "maxItems": MAX_BURST},
                "captured_at": {
                    "type": "array",
                    "items": {"type": "string", "format": "date-time"},
                    "minItems": MIN_BURST,
                    "maxItems": MAX_BURST,
                    "description": "when each was captured, by the client's clock, in ascending order",
                },
                "crop": {
                    "type": "array",
                    "items": {"type": "string"},
                    "maxItems": MAX_BURST,
                    "description": "empty for a whole picture; for the face's surroundings alone (`face.box` and half "
                    "its width on each side) `left,top,width,height`: their upper left corner in the whole picture and "
                    "its size, in their own pixels. Send a whole one first: only there are other people seen",
                },
            },
            "required": ["frames", "captured_at"],
        },
    },
    "responses": {
        200: SessionSerializer,
        400: OpenApiResponse(
            description="No picture, or one that is damaged or has too many pixels (`frame`, of a burst `frames`); or "
            "an invalid time (`captured_at`)"
        ),
        409: OpenApiResponse(
            description="The session has been stopped, or the user chose that pictures stay in the browser"
        ),
        413: OpenApiResponse(description="More bytes than FRAME_MAX_BYTES"),
    },
    "examples": [IN_DOUBT, OpenApiExample("Calibrating", CALIBRATING, response_only=True)],
}
PAUSE = command("Pause a session", example=PAUSED, operation_id="detections_sessions_pause")
RESUME = command("Resume a paused session", example=SESSION, operation_id="detections_sessions_resume")
RECALIBRATE = command("Calibrate again", example=CALIBRATING, operation_id="detections_sessions_recalibrate")
CANCEL_CALIBRATION = command(
    "Go back to the calibration there was before",
    description="While a session calibrates again, after `recalibrate/` or `face/`.",
    example=SESSION,
    operation_id="detections_sessions_cancel_calibration",
    responses={
        200: SessionSerializer,
        409: OpenApiResponse(description="The session is not calibrating again, or has been stopped"),
    },
)
FACE = command(
    "Learn the face that is at the desk",
    example=CALIBRATING,
    operation_id="detections_sessions_face",
    description="The way out for an owner who is taken for somebody else, whose calibration has the hint "
    "`learn_your_face`: with new glasses, or after somebody else's face was learned. The session calibrates again, "
    "compares the face with none, and learns it when the calibration is complete.",
    request=ConfirmFaceSerializer,
    examples=[
        OpenApiExample("With new glasses", {"password": "12341234"}, request_only=True),
        OpenApiExample("Somebody else's was learned", {"password": "12341234", "keep": False}, request_only=True),
        OpenApiExample("The session", CALIBRATING, response_only=True),
    ],
)
CAMERA_MOVED = command(
    "Say whether the camera was moved",
    description="The answer to the `question` `camera_moved`. If it was, good posture moves along in the picture, and "
    "nothing has to be calibrated again. If not, the question is not asked again until the face has been back at its "
    "place. `accepted` is false if nothing was asked.",
    request=CameraMovedSerializer,
    examples=[
        OpenApiExample("The lid was tilted", {"moved": True}, request_only=True),
        OpenApiExample("The session", SESSION, response_only=True),
    ],
    example=SESSION,
    operation_id="detections_sessions_camera_moved",
)
STRETCHES = command("Count a completed stretch", example=SESSION, operation_id="detections_sessions_stretch")
STOP: dict[str, Any] = {
    "operation_id": "detections_sessions_stop",
    "summary": "Stop a session and get its report",
    "description": "A stopped session returns the same report again.",
    "tags": ["sessions"],
    "request": None,
    "responses": {200: StoppedSerializer},
    "examples": [OpenApiExample("A morning", {"session": STOPPED, "report": REPORT}, response_only=True)],
}
SAVE_PROFILE: dict[str, Any] = {
    "operation_id": "detections_sessions_save_profile",
    "summary": "Save the session's baseline as a profile",
    "description": f"A profile with this name is overwritten. There can be {MAX_PROFILES} profiles.",
    "tags": ["sessions"],
    "request": ProfileNameSerializer,
    "responses": {
        200: ProfileSerializer,
        201: ProfileSerializer,
        409: OpenApiResponse(description="The session is not calibrated yet, or has been stopped"),
    },
    "examples": [
        OpenApiExample("The desk", {"name": "desk"}, request_only=True),
        OpenApiExample("The desk", PROFILE, response_only=True, status_codes=["200", "201"]),
    ],
}
PROFILES: dict[str, Any] = {
    "operation_id": "detections_profiles_list",
    "summary": "The user's own profiles",
    "tags": ["sessions"],
    "responses": ProfileSerializer(many=True),
    "examples": [OpenApiExample("The desk", PROFILE, response_only=True)],
}
DELETE_PROFILE: dict[str, Any] = {
    "operation_id": "detections_profiles_destroy",
    "summary": "Delete a profile",
    "tags": ["sessions"],
    "responses": {204: OpenApiResponse(description="Deleted")},
}
