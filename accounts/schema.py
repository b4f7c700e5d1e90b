"""What the live documentation shows of the account calls."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from accounts.serializers import AlarmTimesSerializer, SignUpSerializer, WithdrawalSerializer

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
    "description": "With a password in the body, it must be the account's. Nothing can be brought back.",
    "tags": ["accounts"],
    "request": WithdrawalSerializer,
    "responses": {204: OpenApiResponse(description="Erased"), 400: OpenApiResponse(description="Wrong password")},
    "examples": [OpenApiExample("With the password checked", {"password": "12341234"}, request_only=True)],
}
LOGIN: dict[str, Any] = {
    "summary": "Log in",
    "tags": ["accounts"],
    "auth": [],
    "request": TokenObtainPairSerializer,
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
