"""A monitoring session: what it must remember between two frames, and its way from one state to the next."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ai_models.landmarks import Box
from ai_models.monitoring.bystanders import Bystanders
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.camera import CameraWatch, PictureStatus
from ai_models.monitoring.events import EndedBy, Event, EventLog, Kind
from ai_models.monitoring.eyes import EyeReason, EyeStatus, EyeTracker
from ai_models.monitoring.identity_filter import IdentityFilter
from ai_models.monitoring.posture_filter import Fault, PostureFilter
from ai_models.monitoring.quarter_watch import QuarterWatch
from ai_models.monitoring.silence import Silence
from ai_models.monitoring.tuning import Tuning
from ai_models.templates import Confirmation

Phase = Literal["calibrating", "monitoring", "paused", "away", "stopped"]
Reason = Literal["no_face", "not_the_owner", "identity_uncertain", "head_turned"]

MAX_POSTPONEMENTS = 2  # of one rest
MAX_SAMPLE_S = 2.0  # single frames further apart than this say nothing about the time between them
SAMPLED_AFTER_S = 10.0  # since the last watched burst; until then single samples do not count


class Totals(Struct, frozen=True):
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


class Clocks(Struct, frozen=True):
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


class State(Struct, frozen=True):
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
    calibration: Calibration = Calibration()
    posture: PostureFilter = PostureFilter()
    reason: Reason | None = "no_face"
    eye_tracker: EyeTracker = EyeTracker()
    eye_status: EyeStatus = EyeStatus()
    identity: IdentityFilter = IdentityFilter()
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
    picture: PictureStatus = PictureStatus()
    camera: CameraWatch = CameraWatch()
    camera_id: str | None = None  # of the camera that the baseline is of, if the client tells
    episode_counted: bool = False  # the current episode of bad posture, as a turtle neck
    neck_faults: tuple[Fault, ...] = ()
    neck_number: int | None = None
    silence: Silence = Silence()
    tuning: Tuning = Tuning()
    clocks: Clocks = Clocks()
    events: EventLog = EventLog()
    totals: Totals = Totals()
    quarter: QuarterWatch = QuarterWatch()
    best_outline: bytes | None = None

    @property
    def has_company(self) -> bool:
        """True if there is a person beside the user, or what may turn out to be one."""
        return any(bystander.is_undecided for bystander in self.bystanders)

    @property
    def source(self) -> str | None:
        """The model whose landmarks the session's calibration is of; None if it has not begun."""
        if self.baseline:
            return self.baseline.source
        samples = self.calibration.samples
        return samples[0].source if samples else None

    @property
    def totals_so_far(self) -> Totals:
        """The totals with what the eyes' own counts add to them, which they do for good when the session stops."""
        if self.phase == "stopped":
            return self.totals
        eyes = self.eye_tracker
        return replace(
            self.totals,
            # Closings in single frames cannot be added: they may be the same, and most blinks are between frames.
            blinks=eyes.blinks if eyes.watched_s else max(eyes.blinks, eyes.closings),
            burst_blinks=eyes.blinks,
            partial_blinks=eyes.partial_blinks,
            watched_s=eyes.watched_s,
        )

    def is_sampled(self, at_s: float) -> bool:
        """True if single frames have to show closed eyes, because bursts have not been watched for a while."""
        return self.watched_at_s is None or at_s - self.watched_at_s > SAMPLED_AFTER_S

    def while_shut(self) -> "State":
        """The state with the blink alarm's clock at 0 while the eyes stay shut; unchanged otherwise."""
        if not self.eye_tracker.is_long_closed():
            return self
        return replace(self, clocks=self.clocks.with_blink_times(0.0, 0.0))


class Transition(Struct, frozen=True):
    """What a frame or a command makes of a session: its next state, and what started or ended on the way there.

    events: one that did both is there once, ended. is_accepted: of the input.
    """

    state: State
    events: tuple[Event, ...] = ()
    is_accepted: bool = True

    def to(self, state: State) -> "Transition":
        """With another state, and the same events."""
        return replace(self, state=state)

    def after(self, before: "Transition") -> "Transition":
        """With the events of the transition before it, which led to the state that this one started with."""
        return replace(self, events=(*before.events, *self.events)) if before.events else self

    def start(self, kind: Kind, at_s: float, *, outline: bytes | None = None) -> "Transition":
        """With an event of this kind open; unchanged if one already is."""
        log = self.state.events
        if log.has(kind):
            return self
        event = Event(log.count + 1, kind, at_s, outline=outline)
        return self._with(EventLog((*log.open, event), event.number), event)

    def end(self, kind: Kind, at_s: float, by: EndedBy | None = None) -> "Transition":
        """With the event of this kind ended; unchanged if none is open."""
        log = self.state.events
        event = log.find(kind)
        if event is None:
            return self
        rest = tuple(other for other in log.open if other is not event)
        ended = replace(event, ended_at_s=max(at_s, event.started_at_s), ended_by=by)
        return self._with(EventLog(rest, log.count), ended)

    def end_all(self, at_s: float, *, except_: Kind | None = None) -> "Transition":
        """With every open event ended, except that of one kind."""
        transition = self
        for event in self.state.events.open:
            if event.kind != except_:
                transition = transition.end(event.kind, at_s)
        return transition

    def _with(self, log: EventLog, event: Event) -> "Transition":
        earlier = tuple(other for other in self.events if other.number != event.number)
        return replace(self, state=replace(self.state, events=log), events=(*earlier, event))
