"""OpenAPI descriptions of the calls about a user's choice of privacy, and of the looks at their data."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from accounts.serializers import PrivacyChoiceSerializer
from common.http.paging import MAX_PAGE_SIZE, PAGE_SIZE
from personal_data.privacy_serializers import LookPageSerializer, PrivacyChangedSerializer, PrivacySerializer

NEVER = {"privacy": None, "chosen_at": None, "wording": "", "keep_days": 30, "max_keep_days": 30}
BROWSER = NEVER | {"privacy": "browser", "chosen_at": "2026-12-01T09:00:00+09:00", "wording": "1", "keep_days": None}
WEEK = BROWSER | {"privacy": "kept", "keep_days": 7}
LOOK = {"at": "2026-12-01T10:00:00+09:00", "by": "helpdesk", "action": "viewed", "what": "user"}

READ: dict[str, Any] = {
    "summary": "What becomes of the user's pictures",
    "tags": ["privacy"],
    "responses": PrivacySerializer,
    "examples": [
        OpenApiExample("Never chosen", NEVER, response_only=True),
        OpenApiExample("They stay in the browser", BROWSER, response_only=True),
    ],
}
CHANGE: dict[str, Any] = {
    "summary": "Choose what becomes of the user's pictures",
    "description": "`browser`: no picture is sent; one that is sent all the same is refused with 409, and landmarks "
    "are judged instead. `forgotten`: pictures are judged and not stored. `kept`: single frames are stored for "
    "`keep_days`. What the new choice would not have kept is deleted: pictures and, for `browser`, the enrolled face. "
    "If the archive cannot be reached, or there are too many pictures for one request, the response is 202, and the "
    "rest is deleted in the background. `archive_frames` follows: true for `kept`, false otherwise.",
    "tags": ["privacy"],
    "request": PrivacyChoiceSerializer,
    "responses": {
        200: PrivacyChangedSerializer,
        202: PrivacyChangedSerializer,
        400: OpenApiResponse(description="No such choice, or more days than this service keeps pictures"),
    },
    "examples": [
        OpenApiExample("They stay in the browser", {"privacy": "browser", "wording": "1"}, request_only=True),
        OpenApiExample("Kept for a week", {"privacy": "kept", "keep_days": 7, "wording": "1"}, request_only=True),
        OpenApiExample(
            "Deleted", BROWSER | {"deleted": 1200, "pending": False}, response_only=True, status_codes=["200"]
        ),
        OpenApiExample(
            "Deleted later", WEEK | {"deleted": 0, "pending": True}, response_only=True, status_codes=["202"]
        ),
    ],
}
LOOKS: dict[str, Any] = {
    "operation_id": "accounts_looks_list",
    "summary": "Who looked at the user's data, changed, exported or erased some, newest first",
    "description": "Of the admin site's pages, those that show one person's rows, and lists of what people share. None "
    "of them shows a picture. Also the user's own exports, erasures of pictures, and choices.",
    "tags": ["privacy"],
    "parameters": [
        OpenApiParameter(
            "page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        ),
        OpenApiParameter("cursor", OpenApiTypes.STR, description="from the address under next"),
    ],
    "responses": {200: LookPageSerializer},
    "examples": [OpenApiExample("The only page", {"next": None, "results": [LOOK]}, response_only=True)],
}
