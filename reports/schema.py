"""OpenAPI descriptions of the report calls."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from common.http.paging import MAX_PAGE_SIZE, PAGE_SIZE
from common.http.schema import IDEMPOTENCY_KEY
from reports.serializers import (
    MAX_BUCKETS,
    ReportSerializer,
    SessionReportSerializer,
)
from reports.summaries import ENOUGH_BUCKETS
from reports.summary_serializers import SummarySerializer

SENT = {
    "blink_cnt": 412,
    "neck_cnt": 3,
    "stretching_cnt": 1,
    "start_time": "2022-04-08T01:12:00.000Z",
    "end_time": "2022-04-08T06:42:00.000Z",
    "study_time": "0530",
}
STORED = {"id": 7, **SENT}

CREATE: dict[str, Any] = {
    "summary": "Store a report",
    "description": "A time without a time zone is in the user's time zone.",
    "tags": ["reports"],
    "parameters": [IDEMPOTENCY_KEY],
    "request": ReportSerializer,
    "responses": {
        201: ReportSerializer,
        400: OpenApiResponse(description="An invalid time, a negative count, or an end before the start"),
    },
    "examples": [
        OpenApiExample("An afternoon", SENT, request_only=True),
        OpenApiExample("An afternoon", STORED, response_only=True, status_codes=["201"]),
    ],
}
DATE = OpenApiParameter(
    "date", OpenApiTypes.DATE, description="only sessions that started on this day, in the user's time zone"
)
BOUND: dict[str, Any] = {"type": "string", "format": "day-or-time"}
FROM = OpenApiParameter("from", BOUND, description="a day in the user's time zone, or a time; included")
TO = OpenApiParameter("to", BOUND, description="a day in the user's time zone, or a time; included")
SIZE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE}
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="from the next page's address")
PAGE = [OpenApiParameter("page_size", SIZE | {"default": PAGE_SIZE}), CURSOR]
LIST_PAGE = [
    OpenApiParameter("page_size", SIZE, description="at most this many, instead of all"),
    CURSOR,
    OpenApiParameter(
        "Link",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description='the next page, if any: `<address>; rel="next"` (RFC 8288)',
        response=[200],
    ),
]
LIST: dict[str, Any] = {
    "summary": "The user's own reports",
    "description": "All of them, oldest first. With `page_size`, at most that many; the header `Link` then has the "
    "address of the next page. Days are those of the user's time zone.",
    "tags": ["reports"],
    "parameters": [DATE, FROM, TO, *LIST_PAGE],
    "responses": ReportSerializer(many=True),
    "examples": [OpenApiExample("One report", STORED, response_only=True)],
}
OF_SESSION = STORED | {"start_time": "2026-11-25T00:00:00.000Z", "end_time": "2026-11-25T05:30:00.000Z"}
OF_SESSION |= {"active_s": 16_240.5, "good_s": 15_011.0, "bad_s": 801.5, "unreliable_s": 428.0}
BLINK_RATE = {"per_minute": 14.2, "low": 12.3, "high": 16.4, "watched_s": 801.0}
OF_SESSION |= {"watched_s": 801.0, "watched_blinks": 190, "rests": 4, "blink_rate": BLINK_RATE}
OF_SESSION |= {"good_share": 0.949, "neck_per_hour": 0.665}
READ: dict[str, Any] = {
    "operation_id": "reports_read",
    "summary": "One report, with what its session measured",
    "tags": ["reports"],
    "responses": SessionReportSerializer,
    "examples": [OpenApiExample("A session's", OF_SESSION, response_only=True)],
}
DELETE: dict[str, Any] = {
    "operation_id": "reports_destroy",
    "summary": "Delete a report together with its session",
    "description": "Pictures of that time, if any are stored, stay until they are too old or "
    "`DELETE /api/accounts/frames/` erases them, with the report's times as `from` and `to`.",
    "tags": ["reports"],
    "responses": {204: None},
}


_TOTALS: dict[str, Any] = {
    "sessions": 2,
    "active_s": 16_240.5,
    "good_share": 0.93,
    "neck": 3,
    "neck_per_hour": 0.665,
    "blinks": 412,
    "stretches": 1,
    "rests": 4,
}
_TOTALS |= {"blink_rate": BLINK_RATE, "wrong_alarms": 1, "wrong_alarms_per_8_h": 1.77}
TOO_FEW = {"direction": None, "reason": "too_few_buckets", "buckets": 1, "needed": ENOUGH_BUCKETS}
SUMMARY: dict[str, Any] = {
    "operation_id": "reports_summary",
    "summary": "Reports added up by day, week or month",
    "description": "Seven days, twelve weeks or twelve months up to today, or from `from` to `to`, in the user's time "
    f"zone; at most {MAX_BUCKETS}. Days, weeks (from Monday) and months without a session are included. The first and "
    "the last one cover only their part of the span.\n\nThere is a trend if at least eight of them have enough data: "
    "ten minutes of known posture, or half a minute of bursts. It is `level` if it may be chance (test of Mann and "
    "Kendall, 95 %).",
    "tags": ["reports"],
    "parameters": [
        OpenApiParameter("bucket", OpenApiTypes.STR, enum=["day", "week", "month"], default="day"),
        OpenApiParameter("from", OpenApiTypes.DATE),
        OpenApiParameter("to", OpenApiTypes.DATE),
    ],
    "responses": SummarySerializer,
    "examples": [
        OpenApiExample(
            "One day",
            {
                "bucket": "day",
                "time_zone": "Asia/Seoul",
                "first_day": "2026-11-25",
                "last_day": "2026-11-25",
                "buckets": [{"first_day": "2026-11-25", **_TOTALS}],
                "total": _TOTALS,
                "median_good_share": 0.93,
                "trends": {"good_share": TOO_FEW, "blink_rate": TOO_FEW},
            },
            response_only=True,
        )
    ],
}
DOWNLOAD: dict[str, Any] = {
    "operation_id": "reports_export",
    "summary": "The reports as a file",
    "tags": ["reports"],
    "parameters": [
        DATE,
        FROM,
        TO,
        OpenApiParameter("format", OpenApiTypes.STR, enum=["csv", "json"], default="csv"),
    ],
    "responses": {
        (200, "text/csv"): OpenApiTypes.STR,
        (200, "application/json"): SessionReportSerializer(many=True),
    },
    "examples": [
        OpenApiExample(
            "A session's", OF_SESSION, response_only=True, status_codes=["200"], media_type="application/json"
        )
    ],
}
