"""What the live documentation shows of the report calls."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from reports.serializers import ReportSerializer

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
    "summary": "Keep a report",
    "tags": ["reports"],
    "request": ReportSerializer,
    "responses": {
        201: ReportSerializer,
        400: OpenApiResponse(description="No time, a negative count, end before start"),
    },
    "examples": [
        OpenApiExample("An afternoon", SENT, request_only=True),
        OpenApiExample("An afternoon", STORED, response_only=True, status_codes=["201"]),
    ],
}
LIST: dict[str, Any] = {
    "summary": "The user's own reports",
    "tags": ["reports"],
    "responses": ReportSerializer(many=True),
    "examples": [OpenApiExample("One report", STORED, response_only=True)],
}
