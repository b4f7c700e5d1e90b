"""OpenAPI descriptions of the account calls."""

from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework_simplejwt.serializers import TokenRefreshSerializer

from accounts.serializers import (
    AlarmsChangeSerializer,
    AlarmsSerializer,
    AlarmTimesSerializer,
    ArchiveSerializer,
    FaceSerializer,
    LoginSerializer,
    LogoutSerializer,
    PasswordSerializer,
    SignUpSerializer,
    TimeZoneSerializer,
    TokensSerializer,
)
from common.http.schema import UNKNOWN


class TokenScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    target_class = "accounts.tokens.Authentication"


CREDENTIALS = OpenApiExample("Mina", {"username": "mina@example.com", "password": "12341234"}, request_only=True)
TOKENS = OpenApiExample("Tokens", {"access": "eyJhbGciOi…", "refresh": "eyJhbGciOi…"}, response_only=True)
TIMES = {"blink_time": 20, "neck_time": 20, "stretching_time": 18000, "alarm_sound": 1}
ALARM_TIMES = OpenApiExample("A new user's", TIMES)
SWITCHES = ("neck_on", "blink_on", "stretching_on", "rest_on", "stranger_on", "someone_behind_on")
ALARMS = TIMES | {"rest_time": 3000, "sensitivity": "normal"} | dict.fromkeys(SWITCHES, True)
ALARMS |= {"sound": "off", "volume": 100, "steps": ["figure", "edge", "banner"], "break_notice_s": 30}
ALARMS |= {"quiet_from": "22:00", "quiet_to": "07:00"}
SEOUL = OpenApiExample("Seoul", {"time_zone": "Asia/Seoul"})

SIGN_UP: dict[str, Any] = {
    "summary": "Sign up",
    "description": "Without `time_zone` the user's days are those of the service's own time zone. Where only invited "
    "people may sign up, `invitation` is their link's last part.",
    "tags": ["accounts"],
    "auth": [],
    "request": SignUpSerializer,
    "responses": {
        201: SignUpSerializer,
        400: OpenApiResponse(description="Username taken, a password too short, or an invitation that is not valid"),
        403: OpenApiResponse(description="Only invited people may sign up, or nobody (`SIGN_UP`)"),
    },
    "examples": [
        CREDENTIALS,
        OpenApiExample("Mina", {"username": "mina@example.com"}, response_only=True, status_codes=["201"]),
    ],
}
LOGIN: dict[str, Any] = {
    "summary": "Log in",
    "tags": ["accounts"],
    "auth": [],
    "request": LoginSerializer,
    "responses": {200: TokensSerializer, 401: OpenApiResponse(description="No such user, or a wrong password")},
    "examples": [
        CREDENTIALS,
        TOKENS,
    ],
}
LOGOUT: dict[str, Any] = {
    "summary": "Log out",
    "description": "Ends the login that the access token belongs to, with all its tokens. With `refresh`, the login of "
    "that refresh token ends as well; it must be the user's own. With `everywhere`, all of the user's logins end.",
    "tags": ["accounts"],
    "request": LogoutSerializer,
    "responses": {
        204: OpenApiResponse(description="Logged out"),
        400: OpenApiResponse(description="The refresh token is invalid, expired or another user's: no login has ended"),
    },
    "examples": [
        OpenApiExample("This login", {}, request_only=True),
        OpenApiExample("All logins", {"everywhere": True}, request_only=True),
    ],
}
PASSWORD: dict[str, Any] = {
    "summary": "Change the password",
    "description": "All of the user's logins end. The response contains the tokens of a new one.",
    "tags": ["accounts"],
    "request": PasswordSerializer,
    "responses": {
        200: TokensSerializer,
        400: OpenApiResponse(description="Wrong old password, or a new one that is too short"),
    },
    "examples": [
        OpenApiExample("Mina", {"password": "12341234", "new_password": "a longer password"}, request_only=True),
        TOKENS,
    ],
}
REFRESH: dict[str, Any] = {
    "summary": "New tokens for a refresh token",
    "description": "A refresh token is valid for one use: store the new one from the response. If the setting "
    "`ROTATE_REFRESH_TOKENS` is off, it can be used until it expires, and the response contains an access token only.",
    "tags": ["accounts"],
    "auth": [],
    "request": TokenRefreshSerializer,
    "responses": {200: TokenRefreshSerializer, 401: OpenApiResponse(description=UNKNOWN)},
    "examples": [
        OpenApiExample("Refresh token", {"refresh": "eyJhbGciOi…"}, request_only=True),
        TOKENS,
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
ALARMS_READ: dict[str, Any] = {
    "summary": "All alarm settings: times, sensitivity and switches",
    "tags": ["accounts"],
    "responses": AlarmsSerializer,
    "examples": [OpenApiExample("With quiet hours", ALARMS, response_only=True)],
}
ALARMS_CHANGE: dict[str, Any] = {
    "summary": "Change some or all of the alarm settings",
    "description": "Settings not sent stay unchanged. A running session uses the new ones from its next frame.",
    "tags": ["accounts"],
    "request": AlarmsChangeSerializer(partial=True),
    "responses": {200: AlarmsSerializer, 400: OpenApiResponse(description="A value is out of range")},
    "examples": [
        OpenApiExample("Fewer alarms", {"sensitivity": "low", "blink_on": False}, request_only=True),
        OpenApiExample(
            "Fewer alarms", ALARMS | {"sensitivity": "low", "blink_on": False}, response_only=True, status_codes=["200"]
        ),
    ],
}
TIME_ZONE_READ: dict[str, Any] = {
    "summary": "The time zone in which the user's days start and end",
    "tags": ["accounts"],
    "responses": TimeZoneSerializer,
    "examples": [SEOUL],
}
TIME_ZONE_CHANGE: dict[str, Any] = {
    "summary": "Change the time zone",
    "description": "Empty text selects the service's own time zone.",
    "tags": ["accounts"],
    "request": TimeZoneSerializer,
    "responses": {200: TimeZoneSerializer, 400: OpenApiResponse(description="No such time zone")},
    "examples": [SEOUL],
}
ARCHIVE_READ: dict[str, Any] = {
    "summary": "Whether the user's frames are stored, and for how long",
    "tags": ["frames"],
    "responses": ArchiveSerializer,
    "examples": [OpenApiExample("A new user's", {"archive_frames": True, "retention_days": 30}, response_only=True)],
}
ARCHIVE_CHANGE: dict[str, Any] = {
    "summary": "Switch the storing of frames on or off",
    "description": "Frames already stored stay: `DELETE /api/accounts/frames/` deletes them.",
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
FACE_DELETE: dict[str, Any] = {
    "summary": "Delete the enrolled face",
    "description": "The next calibrating frame enrols a new one. Succeeds even if no face is enrolled.",
    "tags": ["face"],
    "responses": {204: OpenApiResponse(description="Deleted")},
}
