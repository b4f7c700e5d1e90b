"""What the live documentation shows of the account calls."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from accounts.serializers import (
    AlarmTimesSerializer,
    ArchiveSerializer,
    FaceSerializer,
    LoginSerializer,
    SignUpSerializer,
    WithdrawnSerializer,
)

WITHDRAWN = "정상적으로 삭제되었습니다."  # the contract's words
CREDENTIALS = OpenApiExample("Mina", {"username": "mina@example.com", "password": "12341234"}, request_only=True)
ALARM_TIMES = OpenApiExample(
    "A new user's", {"blink_time": 20, "neck_time": 20, "stretching_time": 18000, "alarm_sound": 1}
)

SIGN_UP: dict[str, Any] = {
    "summary": "Sign up",
    "tags": ["accounts"],
    "auth": [],
    "request": SignUpSerializer,
    "responses": {201: SignUpSerializer, 400: OpenApiResponse(description="Username taken, or a password too short")},
    "examples": [
        CREDENTIALS,
        OpenApiExample("Mina", {"username": "mina@example.com"}, response_only=True, status_codes=["201"]),
    ],
}
WITHDRAW: dict[str, Any] = {
    "summary": "Withdraw: erase the account and everything kept of it",
    # OpenAPI 3.0 has no place for the body of a DELETE: it stands here in words.
    "description": "Nothing can be brought back. With a password in the body it must be the account's own: "
    '`{"password": "12341234"}`. Without a body the token alone is enough.',
    "tags": ["accounts"],
    "request": None,
    "responses": {204: WithdrawnSerializer, 400: OpenApiResponse(description="Wrong password: nothing was erased")},
    "examples": [OpenApiExample("Erased", {"message": WITHDRAWN}, response_only=True, status_codes=["204"])],
}
LOGIN: dict[str, Any] = {
    "summary": "Log in",
    "tags": ["accounts"],
    "auth": [],
    "request": LoginSerializer,
    "examples": [
        CREDENTIALS,
        OpenApiExample("Tokens", {"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"}, response_only=True),
    ],
}
REFRESH: dict[str, Any] = {
    "summary": "A new access token",
    "tags": ["accounts"],
    "auth": [],
    "examples": [
        OpenApiExample("Refresh token", {"refresh": "eyJhbGciOi…"}, request_only=True),
        OpenApiExample("Access token", {"access": "eyJhbGciOi…"}, response_only=True),
    ],
}
TIMES_READ: dict[str, Any] = {
    "summary": "Alarm settings",
    "tags": ["accounts"],
    "responses": AlarmTimesSerializer,
    "examples": [ALARM_TIMES],
}
TIMES_CHANGE: dict[str, Any] = {
    "summary": "Change the alarm settings",
    "tags": ["accounts"],
    "request": AlarmTimesSerializer,
    "responses": {200: AlarmTimesSerializer, 400: OpenApiResponse(description="A value is missing or out of range")},
    "examples": [ALARM_TIMES],
}
ARCHIVE_READ: dict[str, Any] = {
    "summary": "Whether the user's frames are kept, and for how long",
    "tags": ["frames"],
    "responses": ArchiveSerializer,
    "examples": [OpenApiExample("A new user's", {"archive_frames": True, "retention_days": 30}, response_only=True)],
}
ARCHIVE_CHANGE: dict[str, Any] = {
    "summary": "Switch keeping frames on or off",
    "description": "Frames kept so far stay: `DELETE /api/accounts/frames/` deletes them.",
    "tags": ["frames"],
    "request": ArchiveSerializer,
    "responses": {200: ArchiveSerializer, 400: OpenApiResponse(description="Not true or false")},
    "examples": [
        OpenApiExample("Off", {"archive_frames": False}, request_only=True),
        OpenApiExample("Off", {"archive_frames": False, "retention_days": 30}, response_only=True),
    ],
}
FACE_READ: dict[str, Any] = {
    "summary": "Whether a face is enrolled",
    "tags": ["face"],
    "responses": FaceSerializer,
    "examples": [
        OpenApiExample("Enrolled", {"enrolled": True, "frame_count": 4, "updated_at": "2026-11-23T09:00:00+09:00"}),
        OpenApiExample("Not enrolled", {"enrolled": False, "frame_count": 0, "updated_at": None}),
    ],
}
FACE_FORGET: dict[str, Any] = {
    "summary": "Forget the enrolled face",
    "description": "The next calibrating frame enrols anew. There need not be one enrolled.",
    "tags": ["face"],
    "responses": {204: OpenApiResponse(description="Forgotten")},
}
EXPORT: dict[str, Any] = {
    "summary": "Everything that is kept of the user, as a zip",
    "description": "`account.json` holds the account, its settings, the state of Face ID, the reports and the list of "
    "frames. With `frames=1` the pictures come along, each under the name that the list gives. One export at a time.",
    "tags": ["accounts"],
    "parameters": [OpenApiParameter("frames", bool, description="with the pictures")],
    "responses": {
        (200, "application/zip"): OpenApiTypes.BINARY,
        429: OpenApiResponse(description="Another export is under way"),
        503: OpenApiResponse(description="The frame archive cannot be reached"),
    },
}
