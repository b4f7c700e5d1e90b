"""The serializers of sessions, profiles and episodes."""

from typing import Any, get_args

from rest_framework import serializers
from rest_framework_dataclasses.serializers import DataclassSerializer

from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.events import EndedBy
from ai_models.monitoring.eyes import EyeReason, EyeState
from ai_models.monitoring.identity_filter import IdentityState
from ai_models.monitoring.session_state import Phase, Reason
from ai_models.monitoring.silence import SilenceReason
from ai_models.monitoring.status import PostureState
from ai_models.quality import Hint, PictureProblem
from detections.models import KINDS, Profile
from detections.sessions import codec
from detections.sessions.responses import Session, SessionSummary
from reports.outline_serializers import PackedOutlineField
from reports.serializers import SessionReportSerializer

# By these names the schema's enumerations find them: SPECTACULAR_SETTINGS.
SESSION_STATES = list(get_args(Phase))
POSTURE_STATES = list(get_args(PostureState))
POSTURE_REASONS = [*get_args(Reason), *get_args(PictureProblem)]
HINTS = list(get_args(Hint))
EYE_STATES = list(get_args(EyeState))
EYE_REASONS = list(get_args(EyeReason))
ENDED_BY = list(get_args(EndedBy))
SILENCE_REASONS = list(get_args(SilenceReason))
IDENTITY_STATES = list(get_args(IdentityState))
ALARMS = list(ALARM_KINDS)
EPISODES = [kind for kind, _words in KINDS]


class SessionSummarySerializer(DataclassSerializer[SessionSummary]):
    """A session in a list."""

    class Meta:
        dataclass = SessionSummary


class SessionSerializer(DataclassSerializer[Session]):
    """A session as it is after the call."""

    class Meta:
        dataclass = Session


class StoppedSerializer(serializers.Serializer[Any]):
    session = SessionSerializer()
    report = SessionReportSerializer(allow_null=True)


class SessionPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="URL of the next page, null on the last")
    results = SessionSummarySerializer(many=True)


class ProfileSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    quality = serializers.FloatField(help_text="of its calibration, 0 to 1")
    camera = serializers.CharField(
        allow_blank=True, help_text="the camera that it was saved with; empty if the client did not tell"
    )
    shape = serializers.SerializerMethodField(
        help_text="of the camera's pictures, width over height; null if it has to be calibrated anew"
    )
    model = serializers.SerializerMethodField(
        help_text="of the landmarks that it was calibrated with: how many points, and the client's name for it; empty "
        "if pictures were sent"
    )
    updated_at = serializers.DateTimeField()

    def get_shape(self, profile: Profile) -> float | None:
        baseline = codec.load_baseline(profile.baseline)
        return baseline.shape if baseline else None

    def get_model(self, profile: Profile) -> str:
        baseline = codec.load_baseline(profile.baseline)
        return baseline.source if baseline else ""


class EpisodeSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EPISODES)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outline = PackedOutlineField(allow_null=True, help_text="of the face when bad posture began; null for other kinds")
