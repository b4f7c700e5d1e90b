"""OpenAPI descriptions of the calls about personal data: frames, export, withdrawal."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from common.http.fields import EARLIEST_YEAR, LATEST_YEAR
from common.http.paging import MAX_PAGE_SIZE, PAGE_SIZE
from common.http.schema import NO_LENGTH, TOO_LARGE, TOO_MANY
from personal_data.serializers import DAYS, MAX_DAYS, DayPageSerializer, ErasedSerializer, FramePageSerializer

FRAME_ID = "3f2b8c1e-0d6f-4f3a-9a53-7f0f3c2f1a11"
YEARS = f"{EARLIEST_YEAR} to {LATEST_YEAR}"
FROM = OpenApiParameter("from", OpenApiTypes.DATETIME, description=f"captured at this time or later, {YEARS}")
TO = OpenApiParameter("to", OpenApiTypes.DATETIME, description=f"captured at this time or earlier, {YEARS}")
UNAVAILABLE = OpenApiResponse(description="The frame archive cannot be reached: try again after Retry-After seconds")
NOT_FOUND = OpenApiResponse(description="No such frame among the user's own")

LIST_FRAMES: dict[str, Any] = {
    "operation_id": "accounts_frames_list",
    "summary": "The user's own frames, newest first, without the pictures",
    "tags": ["frames"],
    "parameters": [
        FROM,
        TO,
        OpenApiParameter("face_found", bool, description="only frames with a face, or only those without"),
        OpenApiParameter(
            "page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        ),
        OpenApiParameter(
            "cursor",
            {"type": "string", "pattern": "^[0-9]{1,14}-[0-9]{1,5}$"},
            description="from the address in `next`",
        ),
    ],
    "responses": {200: FramePageSerializer, 503: UNAVAILABLE},
    "examples": [
        OpenApiExample(
            "The only page",
            {
                "next": None,
                "results": [
                    {"id": FRAME_ID, "captured_at": "2026-11-23T09:00:00.125000+09:00", "size": 41234}
                    | {"face_found": True, "content_type": "image/jpeg", "events": ["bad_posture"]}
                ],
            },
            response_only=True,
        )
    ],
}
LIST_DAYS: dict[str, Any] = {
    "operation_id": "accounts_frames_days",
    "summary": "The days of which the user has frames, newest first, with their number and size",
    "description": "To show a day, list its frames from `since` to `until`; to delete it, or an hour of it, delete "
    "that span.",
    "tags": ["frames"],
    "parameters": [
        OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_DAYS, "default": DAYS}),
        OpenApiParameter("cursor", OpenApiTypes.DATE, description="from the address in `next`"),
    ],
    "responses": {200: DayPageSerializer, 503: UNAVAILABLE},
    "examples": [
        OpenApiExample(
            "The only page",
            {
                "total": {"frames": 3120, "bytes": 128_640_000},
                "next": None,
                "results": [
                    {"day": "2026-11-23", "since": "2026-11-23T00:00:00+09:00"}
                    | {"until": "2026-11-23T23:59:59.999000+09:00", "frames": 3120, "bytes": 128_640_000}
                ],
            },
            response_only=True,
        )
    ],
}
DELETE_FRAMES: dict[str, Any] = {
    "operation_id": "accounts_frames_destroy_span",
    "summary": "Delete the user's frames of a span of time, or all",
    "description": "Without `from` and `to`, all frames captured so far. If the archive cannot be reached, or there "
    "are too many frames for one request, the response is 202, and the rest is deleted in the background.",
    "tags": ["frames"],
    "parameters": [FROM, TO],
    "responses": {
        200: ErasedSerializer,
        202: ErasedSerializer,
        400: OpenApiResponse(description="Not a valid time or span"),
    },
    "examples": [
        OpenApiExample("Deleted", {"deleted": 1200, "pending": False}, response_only=True, status_codes=["200"]),
        OpenApiExample("Recorded for later", {"deleted": 0, "pending": True}, response_only=True, status_codes=["202"]),
    ],
}
READ_FRAME: dict[str, Any] = {
    "summary": "The picture of one frame",
    "tags": ["frames"],
    "parameters": [
        OpenApiParameter("format", str, enum=["base64"], description="base64: a data URL instead of the picture"),
        OpenApiParameter(
            "size", str, enum=["thumb"], description="thumb: a JPEG of 160 pixels at most, which may be cached"
        ),
    ],
    "responses": {
        (200, "image/jpeg"): OpenApiTypes.BINARY,
        (200, "image/png"): OpenApiTypes.BINARY,
        (200, "text/plain"): OpenApiTypes.STR,
        404: NOT_FOUND,
        503: UNAVAILABLE,
    },
    "examples": [
        OpenApiExample(
            "With format=base64", "data:image/jpeg;base64,/9j/4AAQ…", response_only=True, media_type="text/plain"
        )
    ],
}
DELETE_FRAME: dict[str, Any] = {
    "summary": "Delete one frame",
    "tags": ["frames"],
    "responses": {204: OpenApiResponse(description="Deleted"), 404: NOT_FOUND, 503: UNAVAILABLE},
}
WITHDRAWN = "정상적으로 삭제되었습니다."  # as the contract words it


WITHDRAW: dict[str, Any] = {
    "summary": "Withdraw: erase the account and all of its data",
    # OpenAPI 3.0 cannot describe the body of a DELETE, so the text does.
    "description": 'This cannot be undone. A password in the body, `{"password": "12341234"}`, must be the account\'s '
    "own. Without a body, the token is enough.",
    "tags": ["accounts"],
    "request": None,
    "responses": {
        204: OpenApiResponse(
            description=f'Erased. The response\'s body, `{{"message": "{WITHDRAWN}"}}`, is not sent over HTTP, '
            "where a 204 has none"
        ),
        400: OpenApiResponse(description="Wrong password: nothing was erased"),
        411: OpenApiResponse(description=NO_LENGTH),
        413: OpenApiResponse(description=TOO_LARGE),
        429: OpenApiResponse(description=TOO_MANY),
    },
}


EXPORT: dict[str, Any] = {
    "summary": "All stored data of the user, as a zip",
    "description": "`account.json` contains the account, its settings, the state of Face ID, the profiles, the "
    "sessions with their episodes, the reports, the logins, the looks of the staff and the list of frames. With "
    "`frames=1` the zip also contains the pictures, each under its name in the list. One export at a time.",
    "tags": ["accounts"],
    "parameters": [OpenApiParameter("frames", bool, description="with the pictures")],
    "responses": {
        (200, "application/zip"): OpenApiTypes.BINARY,
        429: OpenApiResponse(description="Another export is under way"),
        503: OpenApiResponse(description="The frame archive cannot be reached"),
    },
}
