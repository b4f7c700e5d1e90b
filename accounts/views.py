from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from accounts import schema, services, tokens
from accounts.invitations.services import sign_up, sign_up_require
from accounts.models import FaceProfile, User
from accounts.requests import AuthenticatedRequest
from accounts.serializers import (
    AlarmsChangeSerializer,
    AlarmsSerializer,
    AlarmTimesSerializer,
    ArchiveSerializer,
    FaceSerializer,
    LoginSerializer,
    LogoutSerializer,
    PasswordSerializer,
    RefreshSerializer,
    SignUpSerializer,
    TimeZoneSerializer,
)
from common.http.throttling import AttemptThrottle


class SignUpView(APIView):
    """Mapped by personal_data, whose AccountView handles withdrawal at the same address."""

    throttle_scope = "sign_up"

    @extend_schema(**schema.SIGN_UP)
    def post(self, request: Request) -> Response:
        is_invited = isinstance(request.data, dict) and bool(request.data.get("invitation"))
        sign_up_require(is_invited=is_invited)  # first: otherwise the errors of fields tell which names are taken
        serializer = SignUpSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = sign_up(**serializer.validated_data)
        return Response(SignUpSerializer(user).data, status.HTTP_201_CREATED)


@extend_schema(**schema.LOGIN)
class LoginView(TokenObtainPairView):
    serializer_class = LoginSerializer
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "login"


@extend_schema(**schema.REFRESH)
class RefreshView(TokenRefreshView):
    serializer_class = RefreshSerializer
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "login"


class LogoutView(APIView):
    @extend_schema(**schema.LOGOUT)
    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = LogoutSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        tokens.log_out(user=request.user, access=request.auth, **serializer.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(APIView):
    throttle_classes = (AttemptThrottle,)
    throttle_scope = "login"

    @extend_schema(**schema.PASSWORD)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = PasswordSerializer(data=request.data, context={"request": request})
        serializer.is_valid(raise_exception=True)
        services.password_change(user=request.user, **serializer.validated_data)
        return Response(tokens.tokens_for(request.user))


class AlarmTimesView(APIView):
    @extend_schema(**schema.TIMES_READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(AlarmTimesSerializer(request.user).data)

    @extend_schema(**schema.TIMES_CHANGE)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = AlarmTimesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = services.alarms_update(user=request.user, **serializer.validated_data)
        return Response(AlarmTimesSerializer(user).data)


class AlarmsView(APIView):
    @extend_schema(**schema.ALARMS_READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(AlarmsSerializer(request.user).data)

    @extend_schema(**schema.ALARMS_CHANGE)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = AlarmsChangeSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        user = services.alarms_update(user=request.user, **serializer.validated_data)
        return Response(AlarmsSerializer(user).data)


class TimeZoneView(APIView):
    @extend_schema(**schema.TIME_ZONE_READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response({"time_zone": request.user.zone.key})

    @extend_schema(**schema.TIME_ZONE_CHANGE)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = TimeZoneSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = services.time_zone_set(user=request.user, **serializer.validated_data)
        return Response({"time_zone": user.zone.key})


class ArchiveView(APIView):
    @extend_schema(**schema.ARCHIVE_READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(self._response(request.user))

    @extend_schema(**schema.ARCHIVE_CHANGE)
    def put(self, request: AuthenticatedRequest) -> Response:
        serializer = ArchiveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self._response(services.archive_frames_set(user=request.user, **serializer.validated_data)))

    @staticmethod
    def _response(user: User) -> Any:
        response = {"archive_frames": user.archive_frames, "retention_days": settings.FRAME_RETENTION_DAYS}
        return ArchiveSerializer(response).data


class FaceView(APIView):
    @extend_schema(**schema.FACE_READ)
    def get(self, request: AuthenticatedRequest) -> Response:
        profile = FaceProfile.objects.defer("mean_descriptor", "templates").filter(user=request.user).first()
        response = {
            "enrolled": profile is not None,
            "frame_count": profile.frame_count if profile else 0,
            "updated_at": profile.updated_at if profile else None,
        }
        return Response(FaceSerializer(response).data)

    @extend_schema(**schema.FACE_DELETE)
    def delete(self, request: AuthenticatedRequest) -> Response:
        services.face_delete(user_id=request.user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
