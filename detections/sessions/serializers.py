"""The responses of sessions, for the documentation: responses.py makes it."""

from collections.abc import Iterable
from typing import Any, get_args

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.events import EndedBy
from ai_models.monitoring.eyes import EyeReason, EyeState
from ai_models.monitoring.identity_filter import IdentityState
from ai_models.monitoring.posture_filter import FAULTS
from ai_models.monitoring.session_state import Phase, Reason
from ai_models.monitoring.silence import SilenceReason
from ai_models.monitoring.status import PostureState
from ai_models.quality import Hint, PictureProblem
from detections.models import KINDS, Profile
from detections.sessions import codec
from reports.outline_serializers import OutlinesSerializer, PackedOutlineField
from reports.serializers import BlinkRateSerializer, SessionReportSerializer

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


def _one_of(names: Iterable[str], **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[(name, name) for name in names], **options)


class CountsSerializer(serializers.Serializer[Any]):
    blinks = serializers.IntegerField(
        help_text="blinks in bursts, and long closings of the eyes; where no burst was watched, closed eyes in single "
        "frames, which miss most blinks. Once the session is stopped, its report's blink_cnt"
    )
    neck = serializers.IntegerField(help_text="episodes of bad posture that lasted for neck_time")
    stretches = serializers.IntegerField()


class CalibrationStatusSerializer(serializers.Serializer[Any]):
    frames = serializers.IntegerField(help_text="good frames so far")
    needed = serializers.IntegerField()
    hints = serializers.ListField(
        child=_one_of(HINTS),
        help_text="why the last frame did not count; learn_your_face: an owner can teach it (`face/`)",
    )
    quality = serializers.FloatField(allow_null=True, help_text="0 to 1; null until it is complete")


class MarginSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(help_text="the median of the last frames")
    limit = serializers.FloatField(help_text="a fault from this value on; for tilted in both directions")


class MarginsSerializer(serializers.Serializer[Any]):
    closer = MarginSerializer(help_text="the face's width over the baseline's")
    lower = MarginSerializer(help_text="how much lower it is, in face widths")
    tilted = MarginSerializer(help_text="degrees, clockwise in the picture")


class PostureStatusSerializer(serializers.Serializer[Any]):
    state = _one_of(POSTURE_STATES)
    faults = serializers.ListField(child=_one_of(FAULTS))
    reason = _one_of(
        POSTURE_REASONS,
        allow_null=True,
        help_text="why it is unreliable; no_face only if nothing explains why there is none",
    )
    margins = MarginsSerializer(allow_null=True)


class BlinkStatusSerializer(serializers.Serializer[Any]):
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    complete = serializers.BooleanField(help_text="the lids met")
    long = serializers.BooleanField(help_text="the eyes stayed closed for a second or more")


class EyeStatusSerializer(serializers.Serializer[Any]):
    state = _one_of(EYE_STATES)
    openness = serializers.FloatField(allow_null=True, help_text="1: as open as usual for this person")
    reliable = serializers.BooleanField()
    reason = _one_of(EYE_REASONS, allow_null=True, help_text="why it is not reliable")
    blinks = BlinkStatusSerializer(
        many=True,
        help_text="those that are counted with this frame or burst, each once. A blink in a burst's last second is "
        "counted with the next one",
    )
    rate = BlinkRateSerializer(allow_null=True)
    partial_share = serializers.FloatField(
        allow_null=True, help_text="the share of the blinks in bursts in which the lids did not meet, 0 to 1"
    )
    watched_share = serializers.FloatField(
        allow_null=True, help_text="the share of active_s in which blinks could be seen, 0 to 1"
    )


class IdentityStatusSerializer(serializers.Serializer[Any]):
    state = _one_of(IDENTITY_STATES)


class BoxSerializer(serializers.Serializer[Any]):
    left = serializers.IntegerField()
    top = serializers.IntegerField()
    right = serializers.IntegerField()
    bottom = serializers.IntegerField()


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "description": "17 points, x and y, from the right ear along the jaw to the left",
    }
)
class OutlineField(serializers.ListField):
    pass


class FaceStatusSerializer(serializers.Serializer[Any]):
    """In pixels of the frame that was sent last."""

    width = serializers.IntegerField(help_text="of the frame")
    height = serializers.IntegerField()
    box = BoxSerializer()
    outline = OutlineField()


class AlarmSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="unique in the session")
    kind = _one_of(ALARMS)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = _one_of(ENDED_BY, allow_null=True, help_text="the user's answer, if that ended it")


class SnoozedSerializer(serializers.Serializer[Any]):
    kind = _one_of(ALARMS, allow_null=True, help_text="null: all alarms")
    until = serializers.DateTimeField(allow_null=True, help_text="null: of a meeting, which has no known end")
    reason = _one_of(SILENCE_REASONS)


class UpcomingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="0, in the address of `postpone/`")
    kind = _one_of(["rest"])
    in_s = serializers.IntegerField(help_text="seconds at the desk until its alarm")
    postponements_left = serializers.IntegerField()


class BurstRequestSerializer(serializers.Serializer[Any]):
    frames = serializers.IntegerField(
        help_text="for bursts without a gap, counted from the last frame of the one before: capture on while that is "
        "on its way, and send all that was captured if that is more"
    )
    interval_ms = serializers.IntegerField()


class SessionSummarySerializer(serializers.Serializer[Any]):
    """A session in a list."""

    id = serializers.UUIDField()
    state = _one_of(SESSION_STATES)
    started_at = serializers.DateTimeField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    profile = serializers.IntegerField(allow_null=True, help_text="the profile it started with, or was saved as")
    report = serializers.IntegerField(allow_null=True, help_text="its report's id, once it is stopped")


class SessionSerializer(SessionSummarySerializer):
    """A session as it is after the call."""

    accepted = serializers.BooleanField(
        help_text="false: what was sent was repeated, out of order, or arrived while the session was paused"
    )
    active_s = serializers.FloatField(help_text="seconds at the desk")
    counts = CountsSerializer()
    hint = _one_of(
        HINTS, allow_null=True, help_text="what is wrong with the last picture, whether a face was found in it or not"
    )
    question = _one_of(
        ["camera_moved"],
        allow_null=True,
        help_text="everything in the picture moved at once, as when a laptop's lid is tilted: was the camera moved? "
        "Answer with `camera-moved/`",
    )
    calibration = CalibrationStatusSerializer(allow_null=True)
    posture = PostureStatusSerializer()
    eyes = EyeStatusSerializer()
    identity = IdentityStatusSerializer()
    someone_behind = serializers.BooleanField()
    face = FaceStatusSerializer(allow_null=True)
    alarms = AlarmSerializer(many=True, help_text="active alarms, and those that this call ended")
    snoozed = SnoozedSerializer(many=True, help_text="what is silent now, and why")
    upcoming = UpcomingSerializer(allow_null=True, help_text="the break that is announced; see break_notice_s")
    next = _one_of(["frame", "burst"], help_text="what to send next")
    next_after_ms = serializers.IntegerField(help_text="how long to wait before sending it")
    burst = BurstRequestSerializer(help_text="how to capture a burst")
    outlines = OutlinesSerializer()


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
    kind = _one_of(EPISODES)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outline = PackedOutlineField(allow_null=True, help_text="of the face when bad posture began; null for other kinds")
