"""The data of a monitoring session: its observations and its state."""

from dataclasses import dataclass, field, replace
from typing import Literal

from ai_models.analysis import FrameAnalysis
from ai_models.landmarks import Box, Face
from ai_models.measures import FaceMeasures
from ai_models.monitoring.bystanders import Bystanders
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.camera import CameraWatch
from ai_models.monitoring.events import EventLog
from ai_models.monitoring.eyes import MAX_LOWERED_DEG, SHUT_BELOW, EyeReason, EyeStatus, EyeTracker
from ai_models.monitoring.identity_filter import IdentityFilter, Look
from ai_models.monitoring.picture import PictureStatus
from ai_models.monitoring.posture_filter import Fault, PostureFilter
from ai_models.monitoring.quarter_watch import QuarterWatch
from ai_models.monitoring.silence import Silence
from ai_models.monitoring.tuning import Tuning
from ai_models.outlines import pack_outline
from ai_models.quality import MAX_GLARE, MIN_LIGHT, MIN_WATCHED_LIGHT, PictureProblem
from ai_models.scene import Scene
from ai_models.templates import Confirmation, Templates

Phase = Literal["calibrating", "monitoring", "paused", "away", "stopped"]
Reason = Literal["no_face", "not_the_owner", "identity_uncertain", "head_turned"]

MAX_POSTPONEMENTS = 2  # of one rest
MAX_SAMPLE_S = 2.0  # single frames further apart than this say nothing about the time between them
SAMPLED_AFTER_S = 10.0  # since the last watched burst; until then single samples do not count


@dataclass(frozen=True, slots=True)
class Observation:
    """One frame. measures: None if no face was found. others: the boxes of other faces; None if not searched for.

    look: None if identity was not requested. is_nobody_enrolled: True when it was and no face is enrolled.
    problem, is_explained: why no face was found; see FrameAnalysis. face: in a picture of picture_size, width and
    height in pixels.
    """

    at_s: float
    measures: FaceMeasures | None
    others: tuple[Box, ...] | None = None
    look: Look | None = None
    is_nobody_enrolled: bool = False
    problem: PictureProblem | None = None
    is_explained: bool = False
    scene: Scene | None = None
    face: Face | None = None
    picture_size: tuple[int, int] = (0, 0)

    def captured_at(self, at_s: float) -> "Observation":
        """The same at another time; `replace` takes three times as long, for each frame of a burst."""
        return Observation(
            at_s,
            self.measures,
            self.others,
            self.look,
            self.is_nobody_enrolled,
            self.problem,
            self.is_explained,
            self.scene,
            self.face,
            self.picture_size,
        )

    @property
    def outline(self) -> bytes | None:
        """The face's outline, packed; None if no face was found."""
        return pack_outline(self.face.points, *self.picture_size) if self.face else None

    @property
    def eyes_hidden_by(self) -> EyeReason | None:
        """Why the eyes of the face cannot be seen; None if they can."""
        light, glare = (self.measures.light, self.measures.glare) if self.measures else (None, None)
        if light is not None and light < MIN_WATCHED_LIGHT:
            return "too_dark"
        return "glare" if glare is not None and glare > MAX_GLARE else None

    @property
    def is_face_in_shadow(self) -> bool:
        """True if the face is too dark to be compared."""
        light = self.measures.light if self.measures else None
        return light is not None and light < MIN_LIGHT

    def shows_shut_eyes(self, openness: float, baseline: Baseline) -> bool:
        """True if eyes of this openness are shut, not lowered with the head."""
        lowered_deg = self.measures.pitch_deg - baseline.pitch_deg if self.measures else 0.0
        return openness < SHUT_BELOW and lowered_deg < MAX_LOWERED_DEG

    @classmethod
    def of(
        cls,
        analysis: FrameAnalysis,
        at_s: float,
        templates: Templates,
        *,
        is_nobody_enrolled: bool = False,
        counts_others: bool = True,
    ) -> "Observation":
        """A frame's analysis as it is judged, which may take a while: its face's exact descriptor is computed."""
        look = None if analysis.descriptor is None else Look(analysis.descriptor.exact, templates)
        return cls(
            at_s,
            analysis.measures,
            analysis.others if counts_others else None,
            look,
            is_nobody_enrolled,
            analysis.problem,
            analysis.is_explained,
            analysis.scene,
            analysis.face,
            (analysis.width, analysis.height),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """A session's totals: seconds, and counts. watched_s: in bursts, where blinks can be seen.

    blinks: those in bursts, or closings of the eyes in single frames where no burst was watched; of an ended session
    that was not all watched, an estimate. partial_blinks: those of burst_blinks in which the lids did not meet.
    rests: breaks of a minute or more. wrong_alarms: those that the user told were wrong. closer_s, lower_s, tilted_s:
    parts of bad_s, which overlap where posture was wrong in two ways.
    """

    active_s: float = 0.0
    good_s: float = 0.0
    bad_s: float = 0.0
    unreliable_s: float = 0.0
    blinks: int = 0
    watched_s: float = 0.0
    burst_blinks: int = 0
    neck: int = 0
    stretches: int = 0
    rests: int = 0
    partial_blinks: int = 0
    wrong_alarms: int = 0
    closer_s: float = 0.0
    lower_s: float = 0.0
    tilted_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Clocks:
    """The seconds alarms depend on. absent_s: since the owner was last seen, until that is an absence.

    since_blink_s: watched seconds since the last blink; since_counted_blink_s: since the last that has settled.
    since_rest_s: set back by as much as the next rest was postponed, postponements times.
    """

    absent_s: float = 0.0
    since_blink_s: float = 0.0
    since_stretch_s: float = 0.0
    since_rest_s: float = 0.0
    since_counted_blink_s: float = 0.0
    postponements: int = 0

    def with_rest(self, since_rest_s: float = 0.0) -> "Clocks":
        """The clocks after a rest, or its alarm, that many seconds after it began."""
        return replace(self, since_rest_s=since_rest_s, postponements=0)

    def with_blink_times(self, since_s: float, since_counted_s: float) -> "Clocks":
        """The clocks with the blink alarm's set."""
        return replace(self, since_blink_s=since_s, since_counted_blink_s=since_counted_s)

    def with_eye_sample(self, seconds: float, *, is_closed: bool) -> "Clocks":
        """The clocks after a single sample of the eyes, `seconds` after the one before."""
        if is_closed:
            return self.with_blink_times(0.0, 0.0)
        return self.with_blink_times(self.since_blink_s + seconds, self.since_counted_blink_s + seconds)


@dataclass(frozen=True, slots=True)
class State:
    """Everything a session must remember: a few kilobytes of numbers and strings, no picture.

    identity holds descriptors, which detections/sessions/ encrypts. confirmation: the user has confirmed with their
    password that the face of this calibration is theirs. seen_box: the face's place when it was last seen;
    owner_box: when it was last the owner's. former_baseline: while a new one is calibrated, the one to go back to.
    neck_faults: those that raised the last neck alarm, whose number is neck_number. best_outline: of an ended session,
    that of its last baseline.
    """

    phase: Phase
    started_at_s: float
    last_at_s: float
    baseline: Baseline | None = None
    former_baseline: Baseline | None = None
    calibration: Calibration = field(default_factory=Calibration)
    posture: PostureFilter = field(default_factory=PostureFilter)
    reason: Reason | None = "no_face"
    eye_tracker: EyeTracker = field(default_factory=EyeTracker)
    eye_status: EyeStatus = field(default_factory=EyeStatus)
    identity: IdentityFilter = field(default_factory=IdentityFilter)
    identity_checked_at_s: float | None = None
    confirmation: Confirmation | None = None
    seen_box: Box | None = None
    seen_at_s: float | None = None
    owner_box: Box | None = None
    owner_at_s: float | None = None
    bystanders: Bystanders = ()
    first_counted_at_s: float | None = None
    faces_counted_at_s: float | None = None
    last_burst_at_s: float | None = None
    watched_at_s: float | None = None  # the end of the last burst in which blinks could be found
    burst_problem: EyeReason | None = None  # why the last burst could not be watched, if another would not help
    box: Box | None = None
    picture_width: int | None = None  # of the whole picture that the boxes are in
    picture: PictureStatus = field(default_factory=PictureStatus)
    camera: CameraWatch = field(default_factory=CameraWatch)
    camera_id: str | None = None  # of the camera that the baseline is of, if the client tells
    episode_counted: bool = False  # the current episode of bad posture, as a turtle neck
    neck_faults: tuple[Fault, ...] = ()
    neck_number: int | None = None
    silence: Silence = field(default_factory=Silence)
    tuning: Tuning = field(default_factory=Tuning)
    clocks: Clocks = field(default_factory=Clocks)
    events: EventLog = field(default_factory=EventLog)
    totals: Totals = field(default_factory=Totals)
    quarter: QuarterWatch = field(default_factory=QuarterWatch)
    best_outline: bytes | None = None

    @property
    def has_company(self) -> bool:
        """True if there is a person beside the user, or what may turn out to be one."""
        return any(bystander.is_undecided for bystander in self.bystanders)

    def is_sampled(self, at_s: float) -> bool:
        """True if single frames have to show closed eyes, because bursts have not been watched for a while."""
        return self.watched_at_s is None or at_s - self.watched_at_s > SAMPLED_AFTER_S

    def while_shut(self) -> "State":
        """The state with the blink alarm's clock at 0 while the eyes stay shut; unchanged otherwise."""
        if not self.eye_tracker.is_long_closed():
            return self
        return replace(self, clocks=self.clocks.with_blink_times(0.0, 0.0))
