import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.response import Response
from rest_framework.serializers import ValidationError
from rest_framework.views import APIView

from accounts.requests import AuthenticatedRequest
from ai_models.monitoring import actions
from ai_models.vision.frame import Frame, read_frame
from common.http.bodies import FormParser, PictureParser
from common.http.paging import PageQuerySerializer, Pages, page_of
from common.load import load
from detections.models import Profile, Session
from detections.sessions import commands, profiles, schema, services
from detections.sessions.bursts import only_one_burst
from detections.sessions.errors import ProfileNotFound, SessionRunning
from detections.sessions.rendering import running_response, session_response, session_summary
from detections.sessions.request_serializers import (
    MAX_BURST,
    MAX_ID,
    BurstSerializer,
    CameraMovedSerializer,
    CameraQuerySerializer,
    ConfirmFaceSerializer,
    FrameQuerySerializer,
    ProfileNameSerializer,
    StartSerializer,
)
from detections.sessions.serializers import (
    ProfileSerializer,
    SessionSummarySerializer,
)
from detections.views import FrameView, frame_id_of
from reports.serializers import SessionReportSerializer


class NewestSessions(Pages):
    ordering = ("-started_at", "-id")


class SessionsView(APIView):
    @extend_schema(**schema.LIST)
    def get(self, request: AuthenticatedRequest) -> Response:
        PageQuerySerializer(data=request.query_params.dict()).is_valid(raise_exception=True)
        sessions, pages = page_of(NewestSessions(), Session.objects.filter(user=request.user).defer("state"), request)
        summaries = [session_summary(session) for session in sessions]
        return Response({"next": pages.get_next_link(), "results": SessionSummarySerializer(summaries, many=True).data})

    @extend_schema(**schema.START)
    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = StartSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        try:
            result = commands.session_start(
                user=request.user,
                profile_id=data["profile"],
                camera_id=data["camera"],
                is_asking=data["ask"] and not data["take_over"],
            )
        except ProfileNotFound:
            raise ValidationError({"profile": [_("You have no profile with this id.")]}) from None
        except SessionRunning as error:
            return Response(running_response(error), status.HTTP_409_CONFLICT)
        return Response(session_response(result, services.alarm_settings_of(request.user)), status.HTTP_201_CREATED)


class SessionView(APIView):
    @extend_schema(**schema.READ)
    def get(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        result = commands.session_get(user=request.user, session_id=session_id)
        return Response(session_response(result, services.alarm_settings_of(request.user)))


class FramesView(FrameView):
    """One frame as the raw body, or a burst as multipart. Errors are under `frame` or `frames`."""

    parser_classes = (PictureParser, FormParser)
    accepted_bodies = _(
        "Send one picture as the body, with Content-Type: image/jpeg or image/png, or several as multipart/form-data."
    )

    @extend_schema(**schema.FRAMES)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        began_s = time.thread_time()
        is_burst = request.content_type.lower().startswith("multipart/")
        self.large_field = "frames" if is_burst else "frame"
        frames, captured = self._burst(request) if is_burst else self._single(request)
        key = frame_key_of(request, session_id, captured)
        camera = CameraQuerySerializer(data=request.query_params.dict())
        camera.is_valid(raise_exception=True)
        self.charge(request, frames)
        batch = services.FrameBatch(frames, captured, key, began_s, camera.validated_data["camera"])
        with only_one_burst(request.user.pk) if is_burst else nullcontext():
            result = services.frames_observe(user=request.user, session_id=session_id, batch=batch)
        response = session_response(result, services.alarm_settings_of(request.user), slowdown=load.slowdown)
        headers = {"X-Frames-Skipped": str(result.skipped)} if result.skipped else {}
        return Response(response, headers=headers)

    def _single(self, request: AuthenticatedRequest) -> tuple[list[Frame], list[datetime]]:
        captured_at = request.query_params.get("captured_at", request.headers.get("X-Captured-At"))
        query = FrameQuerySerializer(data={} if captured_at is None else {"captured_at": captured_at})
        query.is_valid(raise_exception=True)
        moment = query.validated_data["captured_at"]
        picture: Any = request.data or b""  # no parser runs for an empty body
        return [read_frame(picture)], [moment] if moment else []

    def _burst(self, request: AuthenticatedRequest) -> tuple[list[Frame], list[datetime]]:
        _ = request.data  # parsed by DRF, not by Django
        fields = {"frames": request.FILES.getlist("frames"), "captured_at": request.POST.getlist("captured_at")}
        if crops := request.POST.getlist("crop"):
            fields["crop"] = crops
        serializer = BurstSerializer(data={name: values[: MAX_BURST + 1] for name, values in fields.items()})
        serializer.is_valid(raise_exception=True)
        burst = serializer.validated_data
        return burst["frames"], burst["captured_at"]


def frame_key_of(request: AuthenticatedRequest, session_id: UUID, captured: Sequence[datetime]) -> UUID:
    """The same key for a repeated frame: by its Idempotency-Key, or without one by its time of capture."""
    if captured and not request.headers.get("Idempotency-Key"):
        return uuid5(session_id, captured[0].astimezone(UTC).isoformat())
    return frame_id_of(request)


class ChangeView(APIView):
    """Base of the commands to a running session."""

    change: Any

    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        result = commands.session_change(user=request.user, session_id=session_id, change=self.change)
        return Response(session_response(result, services.alarm_settings_of(request.user)))


@extend_schema_view(post=extend_schema(**schema.PAUSE))
class PauseView(ChangeView):
    change = staticmethod(actions.pause)


@extend_schema_view(post=extend_schema(**schema.RESUME))
class ResumeView(ChangeView):
    change = staticmethod(actions.resume)


@extend_schema_view(post=extend_schema(**schema.RECALIBRATE))
class RecalibrateView(ChangeView):
    change = staticmethod(actions.recalibrate)


class CancelCalibrationView(APIView):
    @extend_schema(**schema.CANCEL_CALIBRATION)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        result = commands.session_calibration_cancel(user=request.user, session_id=session_id)
        return Response(session_response(result, services.alarm_settings_of(request.user)))


@extend_schema_view(post=extend_schema(**schema.STRETCHES))
class StretchesView(ChangeView):
    change = staticmethod(actions.stretch_done)


class FaceView(APIView):
    @extend_schema(**schema.FACE)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        serializer = ConfirmFaceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        result = commands.session_face_confirm(user=request.user, session_id=session_id, **serializer.validated_data)
        return Response(session_response(result, services.alarm_settings_of(request.user)))


class CameraMovedView(APIView):
    @extend_schema(**schema.CAMERA_MOVED)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        serializer = CameraMovedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        change = partial(actions.camera_moved, has_moved=serializer.validated_data["moved"])
        result = commands.session_change(user=request.user, session_id=session_id, change=change)
        return Response(session_response(result, services.alarm_settings_of(request.user)))


class StopView(APIView):
    @extend_schema(**schema.STOP)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        result = commands.session_stop(user=request.user, session_id=session_id)
        report = result.session.report
        return Response(
            {
                "session": session_response(result, services.alarm_settings_of(request.user)),
                "report": SessionReportSerializer(report).data if report else None,
            }
        )


class SaveProfileView(APIView):
    @extend_schema(**schema.SAVE_PROFILE)
    def post(self, request: AuthenticatedRequest, session_id: UUID) -> Response:
        serializer = ProfileNameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        profile, is_new = profiles.profile_save(user=request.user, session_id=session_id, **serializer.validated_data)
        return Response(ProfileSerializer(profile).data, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class ProfilesView(APIView):
    @extend_schema(**schema.PROFILES)
    def get(self, request: AuthenticatedRequest) -> Response:
        own = Profile.objects.filter(user=request.user).order_by("name", "pk")
        return Response(ProfileSerializer(own, many=True).data)


class ProfileView(APIView):
    @extend_schema(**schema.DELETE_PROFILE)
    def delete(self, request: AuthenticatedRequest, profile_id: int) -> Response:
        if profile_id > MAX_ID:
            raise ProfileNotFound
        profiles.profile_delete(user=request.user, profile_id=profile_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
