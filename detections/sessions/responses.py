"""What the responses about sessions contain. Their documentation is made of the same; rendering.py fills them in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, dataclass_transform
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ai_models.landmarks import Box
from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.events import EndedBy
from ai_models.monitoring.eyes import BlinkRate, EyeReason, EyeState
from ai_models.monitoring.identity_filter import IdentityState
from ai_models.monitoring.posture_filter import Fault
from ai_models.monitoring.session_state import Phase, Reason
from ai_models.monitoring.silence import SilenceReason
from ai_models.monitoring.status import PostureState, Question
from ai_models.outlines import Outline
from ai_models.quality import Hint, PictureProblem
from reports.outline_serializers import OutlinesSerializer
from reports.serializers import BlinkRateSerializer

NextKind = Literal["frame", "burst"]
UpcomingKind = Literal["rest"]
PostureReason = Literal[Reason, PictureProblem]

T = TypeVar("T")


def says(text: str) -> Any:
    """A field with its description in the documentation."""
    return field(metadata={"serializer_kwargs": {"help_text": text}})


def shown_as(serializer: serializers.Field[Any, Any, Any, Any]) -> Any:
    """A field that another serializer describes."""
    return field(metadata={"serializer_field": serializer})


@dataclass_transform(frozen_default=True, field_specifiers=(field, says, shown_as))
def response(content: type[T]) -> type[T]:
    """Decorates a response, or a part of one."""
    return dataclass(frozen=True, slots=True)(content)


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "description": "17 points, x and y, from the right ear along the jaw to the left",
    }
)
class JawField(serializers.ListField):
    pass


@response
class Counts:
    blinks: int = says(
        "blinks in bursts, and long closings of the eyes; where no burst was watched, closed eyes in single frames, "
        "which miss most blinks. Once the session is stopped, its report's blink_cnt"
    )
    neck: int = says("episodes of bad posture that lasted for neck_time")
    stretches: int


@response
class CalibrationStatus:
    frames: int = says("good frames so far")
    needed: int
    hints: list[Hint] = says("why the last frame did not count; learn_your_face: an owner can teach it (`face/`)")
    quality: float | None = says("0 to 1; null until it is complete")


@response
class Margin:
    value: float = says("the median of the last frames")
    limit: float = says("a fault from this value on; for tilted in both directions")


@response
class Margins:
    closer: Margin = says("the face's width over the baseline's")
    lower: Margin = says("how much lower it is, in face widths")
    tilted: Margin = says("degrees, clockwise in the picture")


@response
class PostureStatus:
    state: PostureState
    faults: list[Fault]
    reason: PostureReason | None = says("why it is unreliable; no_face only if nothing explains why there is none")
    margins: Margins | None


@response
class BlinkStatus:
    started_at: datetime
    ended_at: datetime
    complete: bool = says("the lids met")
    long: bool = says("the eyes stayed closed for a second or more")


@response
class EyeStatus:
    state: EyeState
    openness: float | None = says("1: as open as usual for this person")
    reliable: bool
    reason: EyeReason | None = says("why it is not reliable")
    blinks: list[BlinkStatus] = says(
        "those that are counted with this frame or burst, each once. A blink in a burst's last second is counted with "
        "the next one"
    )
    rate: BlinkRate | None = shown_as(BlinkRateSerializer(allow_null=True))
    partial_share: float | None = says("the share of the blinks in bursts in which the lids did not meet, 0 to 1")
    watched_share: float | None = says("the share of active_s in which blinks could be seen, 0 to 1")


@response
class IdentityStatus:
    state: IdentityState


@response
class FaceStatus:
    width: int = says("of the frame")
    height: int
    box: Box
    outline: list[list[int]] = shown_as(JawField())


@response
class Alarm:
    id: int = says("unique in the session")
    kind: AlarmKind
    started_at: datetime
    ended_at: datetime | None
    ended_by: EndedBy | None = says("the user's answer, if that ended it")


@response
class Snoozed:
    kind: AlarmKind | None = says("null: all alarms")
    until: datetime | None = says("null: of a meeting, which has no known end")
    reason: SilenceReason


@response
class Upcoming:
    id: int = says("0, in the address of `postpone/`")
    kind: UpcomingKind
    in_s: int = says("seconds at the desk until its alarm")
    postponements_left: int


@response
class BurstRequest:
    frames: int = says(
        "for bursts without a gap, counted from the last frame of the one before: capture on while that is on its way, "
        "and send all that was captured if that is more"
    )
    interval_ms: int


@response
class Outlines:
    now: Outline | None
    best: Outline | None


@response
class SessionSummary:
    """A session in a list."""

    id: UUID
    state: Phase
    started_at: datetime
    stopped_at: datetime | None
    profile: int | None = says("the profile it started with, or was saved as")
    report: int | None = says("its report's id, once it is stopped")


@response
class Session(SessionSummary):
    """A session as it is after the call."""

    accepted: bool = says("false: what was sent was repeated, out of order, or arrived while the session was paused")
    active_s: float = says("seconds at the desk")
    counts: Counts
    hint: Hint | None = says("what is wrong with the last picture, whether a face was found in it or not")
    question: Question | None = says(
        "everything in the picture moved at once, as when a laptop's lid is tilted: was the camera moved? Answer with "
        "`camera-moved/`"
    )
    calibration: CalibrationStatus | None
    posture: PostureStatus
    eyes: EyeStatus
    identity: IdentityStatus
    someone_behind: bool
    face: FaceStatus | None = says("in pixels of the frame that was sent last")
    alarms: list[Alarm] = says("active alarms, and those that this call ended")
    snoozed: list[Snoozed] = says("what is silent now, and why")
    upcoming: Upcoming | None = says("the break that is announced; see break_notice_s")
    next: NextKind = says("what to send next")
    next_after_ms: int = says("how long to wait before sending it")
    burst: BurstRequest = says("how to capture a burst")
    outlines: Outlines = shown_as(OutlinesSerializer())
