"""/api/reports/{id}/timeline/: what happened in the session that a report is of."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import AuthenticatedRequest
from common.http.paging import PageQuerySerializer, Pages, page_of
from detections.models import Episode, Session
from detections.sessions import codec
from detections.sessions.rendering import session_summary
from detections.sessions.serializers import EpisodeSerializer, SessionSummarySerializer
from reports.outline_serializers import EXAMPLE as OUTLINE
from reports.outline_serializers import PackedOutlineField
from reports.schema import OF_SESSION, PAGE
from reports.selectors import report_of
from reports.serializers import SessionReportSerializer


class TimelineSerializer(serializers.Serializer[Any]):
    report = SessionReportSerializer()
    session = SessionSummarySerializer(allow_null=True, help_text="null where a client counted by itself")
    best_outline = PackedOutlineField(allow_null=True, help_text="of the face as calibrated; null if it is not known")
    next = serializers.URLField(allow_null=True, help_text="the address of the next page, null on the last")
    episodes = EpisodeSerializer(many=True, help_text="none where a client counted by itself")


TIMELINE: dict[str, Any] = {
    "operation_id": "reports_timeline",
    "summary": "What happened in a report's session: alarms, bad posture, absences, pauses, stretches",
    "tags": ["reports"],
    "parameters": PAGE,
    "responses": TimelineSerializer,
    "examples": [
        OpenApiExample(
            "A turtle neck",
            {
                "report": OF_SESSION,
                "session": {
                    "id": "0b9cf0b6-2f5c-4b8e-9d0e-5f6b8a2f9c11",
                    "state": "stopped",
                    "started_at": "2026-11-25T09:00:00+09:00",
                    "stopped_at": "2026-11-25T14:30:00+09:00",
                    "profile": None,
                    "report": OF_SESSION["id"],
                },
                "best_outline": OUTLINE,
                "next": None,
                "episodes": [
                    {"number": 1, "kind": "bad_posture", "started_at": "2026-11-25T09:20:20+09:00"}
                    | {"ended_at": "2026-11-25T09:20:52+09:00", "outline": OUTLINE}
                ],
            },
            response_only=True,
        )
    ],
}


class EpisodesInOrder(Pages):
    ordering = ("number",)


class TimelineView(APIView):
    @extend_schema(**TIMELINE)
    def get(self, request: AuthenticatedRequest, report_id: int) -> Response:
        PageQuerySerializer(data=request.query_params.dict()).is_valid(raise_exception=True)
        report = report_of(user=request.user, report_id=report_id)
        session = Session.objects.filter(report=report).first()
        episodes, pages = page_of(EpisodesInOrder(), Episode.objects.filter(session=session), request)
        facts = session_summary(session) if session else None
        timeline = {
            "report": report,
            "session": facts,
            "best_outline": codec.load_best_outline(session.state) if session else None,
            "next": pages.get_next_link(),
            "episodes": episodes,
        }
        return Response(TimelineSerializer(timeline).data)
