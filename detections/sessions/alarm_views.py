"""/api/detections/sessions/{id}/snooze/ and …/alarms/{alarm_id}/…: what a user answers to alarms."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import AuthenticatedRequest
from detections.sessions import alarm_commands, alarm_schema
from detections.sessions.rendering import session_response
from detections.sessions.request_serializers import SnoozeSerializer
from detections.sessions.services import SessionResult, alarm_settings_of


class SnoozeView(APIView):
    @extend_schema(**alarm_schema.SNOOZE)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        serializer = SnoozeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        if "meeting" in data:
            result = alarm_commands.meeting_set(user=request.user, session_id=session_id, in_meeting=data["meeting"])
        else:
            result = alarm_commands.alarms_snooze(
                user=request.user, session_id=session_id, kind=data["kind"], seconds=data["seconds"]
            )
        return _response(request, result)


class AnswerView(APIView):
    """Base of the answers to one alarm."""

    answer: Any

    def post(self, request: AuthenticatedRequest, session_id: UUID, alarm_id: int) -> Response:
        return _response(request, self.answer(user=request.user, session_id=session_id, number=alarm_id))


@extend_schema_view(post=extend_schema(**alarm_schema.DISMISS))
class DismissView(AnswerView):
    answer = staticmethod(alarm_commands.alarm_dismiss)


@extend_schema_view(post=extend_schema(**alarm_schema.POSTPONE))
class PostponeView(AnswerView):
    answer = staticmethod(alarm_commands.alarm_postpone)


@extend_schema_view(post=extend_schema(**alarm_schema.WRONG))
class WrongView(AnswerView):
    answer = staticmethod(alarm_commands.alarm_tell_wrong)

    @extend_schema(**alarm_schema.TAKE_BACK)
    def delete(self, request: AuthenticatedRequest, session_id: UUID, alarm_id: int) -> Response:
        result = alarm_commands.alarm_take_back(user=request.user, session_id=session_id, number=alarm_id)
        return _response(request, result)


def _response(request: AuthenticatedRequest, result: SessionResult) -> Response:
    return Response(session_response(result, alarm_settings_of(request.user)))
