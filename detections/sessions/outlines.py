"""/api/reports/outlines/: a user's outlines of a day, and those of their good posture."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import AuthenticatedRequest
from ai_models.outlines import unpack_outline
from detections.models import Session
from detections.sessions import codec
from reports.day_query import DATE, day_of
from reports.days import Span, span_bounds
from reports.outline_serializers import EXAMPLE as OUTLINE
from reports.outline_serializers import OutlineSerializer, PackedOutlineField
from reports.quarters import quarters_between


class QuarterOutlineSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    starts_at = serializers.DateTimeField(
        help_text="of the quarter hour; the outline is that of its first judged frame"
    )
    session = serializers.UUIDField(source="session_id")
    good_share = serializers.FloatField(allow_null=True, help_text="of the quarter's time with known posture; 0 to 1")
    outline = PackedOutlineField()


class BestSerializer(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    outline = OutlineSerializer(help_text="as it was calibrated last")


class OutlinesOfDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    best = BestSerializer(many=True, help_text="good posture, of each of the day's sessions")
    outlines = QuarterOutlineSerializer(many=True, help_text="in order of time")


OUTLINES: dict[str, Any] = {
    "operation_id": "reports_outlines",
    "summary": "The outlines of a day",
    "description": "A face's outline is 36 landmarks; no picture is kept for it. Compare those of a session with its "
    "own best one only: another may have been in front of another camera.",
    "tags": ["reports"],
    "parameters": [DATE],
    "responses": OutlinesOfDaySerializer,
    "examples": [
        OpenApiExample(
            "A quarter hour",
            {
                "date": "2026-11-25",
                "best": [{"session": "0b9cf0b6-2f5c-4b8e-9d0e-5f6b8a2f9c11", "outline": OUTLINE}],
                "outlines": [
                    {
                        "id": 341,
                        "starts_at": "2026-11-25T15:00:00+09:00",
                        "session": "0b9cf0b6-2f5c-4b8e-9d0e-5f6b8a2f9c11",
                        "good_share": 0.82,
                        "outline": OUTLINE,
                    }
                ],
            },
            response_only=True,
        )
    ],
}


class OutlinesView(APIView):
    @extend_schema(**OUTLINES)
    def get(self, request: AuthenticatedRequest) -> Response:
        day = day_of(request)
        since, until = span_bounds(Span(day, day), request.user.zone)
        quarters = list(quarters_between(user=request.user, since=since, until=until).exclude(outline=None))
        sessions = Session.objects.filter(pk__in={quarter.session_id for quarter in quarters}).order_by("started_at")
        best = [
            {"session": session.pk, "outline": unpack_outline(outline)}
            for session in sessions.only("state")
            if (outline := codec.load_best_outline(session.state))
        ]
        return Response(OutlinesOfDaySerializer({"date": day, "best": best, "outlines": quarters}).data)
