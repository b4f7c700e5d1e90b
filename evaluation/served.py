"""Labelled traces replayed as sessions serve them: the page's pace, one state, bursts joined, alarms and counts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
from msgspec.structs import replace

from ai_models.blink import Blink
from ai_models.blink_finder import Weights
from ai_models.measures import FaceMeasures
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.eye_trace import WATCHED_GAP_S
from ai_models.monitoring.eye_watch import count_rest
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import BURST_INTERVAL_MS, pace
from ai_models.monitoring.session_state import State
from evaluation import estimates
from evaluation.blinks import count_hits
from evaluation.estimates import Estimate
from evaluation.replay import AT_REST
from evaluation.traces import Recording

SETTINGS = AlarmSettings(alarms_on=frozenset({"blink"}))
STARTS, START_EVERY_S = 8, 2.37  # sessions with a recording, each begun later
WAY_S = (0.2, 0.5)  # from sending a burst to its response
MAX_BURST = 75  # frames that a request may have
INTERVAL_S = BURST_INTERVAL_MS / 1000
TOLD_WITHIN_S = 5.0  # after the alarm's time
SESSION_S = 1_800_000_000.0  # the recording's first moment


@dataclass(slots=True)
class Session:
    """One replayed session, in the recording's time. watched: the spans of the bursts that were sent."""

    recording: Recording
    state: State
    begun_s: float = math.inf
    watched: list[tuple[float, float]] = field(default_factory=list)
    told: list[Blink] = field(default_factory=list)
    alarms: list[float] = field(default_factory=list)
    frames: int = 0

    @property
    def hours(self) -> float:
        return (float(self.recording.times_s[-1]) - self.begun_s) / 3600


@dataclass(frozen=True, slots=True)
class Served:
    """A recording as sessions serve it, counted over all of them.

    false_alarms: those with a blink in the alarm's time before them. dry_stretches: without a blink for that time;
    told: those with an alarm in time, after told_after_s on average. blinks: those that were there while a session
    watched; shown: those that it counted.
    """

    sitting: str
    sessions: int
    hours: float
    frames_per_minute: float
    watched_share: float
    false_alarms: int
    dry_stretches: int
    told: int
    told_after_s: float | None
    blinks: int
    f1: Estimate
    shown: int


@dataclass(frozen=True, slots=True)
class ServedSummary:
    """All recordings as sessions serve them: the mean F1, and the other figures over all their sessions."""

    f1: float
    false_per_hour: float
    told: Estimate
    shown: float


def serve(recording: Recording, weights: Weights) -> Served:
    """The results of STARTS sessions with a recording; weights: the blink finder's."""
    runs = [_run(recording, number, weights) for number in range(STARTS)]
    sessions = [session for session in runs if session.begun_s < math.inf]
    hours = sum(session.hours for session in sessions)
    watched_s = sum(end - start for session in sessions for start, end in session.watched)
    delays = [delay for session in sessions for delay in _delays(session)]
    told = [delay for delay in delays if delay is not None]
    there = sum(len(_watched_blinks(session)) for session in sessions)
    found = sum(len(session.told) for session in sessions)
    hits = sum(count_hits(session.told, _watched_blinks(session)) for session in sessions)
    return Served(
        sitting=recording.name,
        sessions=len(sessions),
        hours=hours,
        frames_per_minute=sum(session.frames for session in sessions) / hours / 60 if hours else 0.0,
        watched_share=watched_s / hours / 3600 if hours else 0.0,
        false_alarms=sum(_is_false(recording, at_s) for session in sessions for at_s in session.alarms),
        dry_stretches=len(delays),
        told=len(told),
        told_after_s=fmean(told) if told else None,
        blinks=there,
        f1=estimates.f1(hits, found, there),
        shown=sum(_shown(session) for session in sessions),
    )


def summarize(results: Sequence[Served]) -> ServedSummary | None:
    """The summary of all recordings; None if sessions watched no blink."""
    hours, blinks = sum(result.hours for result in results), sum(result.blinks for result in results)
    f1s = [result.f1.value for result in results if result.f1.value is not None]
    if not hours or not blinks or not f1s:
        return None
    return ServedSummary(
        f1=fmean(f1s),
        false_per_hour=sum(result.false_alarms for result in results) / hours,
        told=estimates.share(sum(result.told for result in results), sum(result.dry_stretches for result in results)),
        shown=sum(result.shown for result in results) / blinks,
    )


def _run(recording: Recording, number: int, weights: Weights) -> Session:
    """A session that begins with calibrating, until the recording ends."""
    random = np.random.default_rng([estimates.SEED, number])
    start_s = float(recording.times_s[0]) + number * START_EVERY_S
    session = Session(recording, monitor.start(SESSION_S + start_s))
    for moments in _client(session, start_s, random):
        frames = [Observation(SESSION_S + at_s, _measures(recording, at_s)) for at_s in moments]
        before = session.state
        transition = monitor.observe(before, frames, SETTINGS, weights=weights)
        session.state = transition.state
        session.frames += len(moments)
        if before.phase == "calibrating":
            continue
        session.begun_s = min(session.begun_s, moments[0])
        if len(moments) > 1:
            _watch(session.watched, moments[0], moments[-1])
        session.told += [_in_recording(blink) for blink in session.state.eye_status.blinks]
        session.alarms += [
            event.started_at_s - SESSION_S
            for event in transition.events
            if event.kind == "blink" and event.ended_at_s is None
        ]
    _, rest = session.state.eye_tracker.ended(_open_ratio(session.state), weights)
    session.told += [_in_recording(blink) for blink in rest]
    return session


def _watch(spans: list[tuple[float, float]], start_s: float, end_s: float) -> None:
    """Add a burst's span, joined to the last if that is as close as two frames."""
    if spans and start_s - spans[-1][1] <= WATCHED_GAP_S:
        start_s = spans.pop()[0]
    spans.append((start_s, end_s))


def _client(session: Session, at_s: float, random: np.random.Generator) -> Iterator[list[float]]:
    """The moments of each frame or burst that the page sends: it captures on while the last is on its way."""
    end_s = float(session.recording.times_s[-1])
    last_s, answered_s = at_s, at_s
    is_watching = False
    while True:
        next_frame = pace(session.state, SETTINGS)
        first_s = answered_s + next_frame.next_after_ms / 1000
        if not next_frame.is_burst_next:
            moments, is_watching = [first_s], False
        else:
            if is_watching:
                first_s = last_s + INTERVAL_S
            # Frames that were captured before the response came are sent as well.
            late = math.floor((answered_s - first_s) / INTERVAL_S) + 1
            count = max(next_frame.burst_frames, late)
            moments = [first_s + index * INTERVAL_S for index in range(count)][-MAX_BURST:]
            is_watching = True
        if moments[-1] > end_s:
            return
        last_s = moments[-1]
        answered_s = max(last_s, answered_s) + random.uniform(*WAY_S)
        yield moments


def _measures(recording: Recording, at_s: float) -> FaceMeasures | None:
    """The newest frame's face at that moment; None if it had none."""
    index = int(np.searchsorted(recording.times_s, at_s + 1e-6, side="right")) - 1
    ratio = float(recording.ratios[max(0, index)])
    return None if math.isnan(ratio) else replace(AT_REST, eye_aspect_ratio=ratio)


def _is_false(recording: Recording, at_s: float) -> bool:
    """True if there was a blink in the alarm's time before it."""
    return any(first <= at_s and last > at_s - SETTINGS.blink_time_s for first, last in recording.blinks)


def _delays(session: Session) -> list[float | None]:
    """For each dry stretch of a session the seconds from its beginning to its alarm, None if that was not in time."""
    edges = [(session.begun_s, session.begun_s), *session.recording.blinks]
    edges = [span for span in edges if span[1] >= session.begun_s]
    starts = [last for _, last in edges]
    ends = [first for first, _ in edges[1:]] + [float(session.recording.times_s[-1])]
    return [
        _delay(session.alarms, start, end)
        for start, end in zip(starts, ends, strict=True)
        if end - start >= SETTINGS.blink_time_s
    ]


def _delay(alarms: Sequence[float], start_s: float, end_s: float) -> float | None:
    latest_s = min(end_s, start_s + SETTINGS.blink_time_s + TOLD_WITHIN_S)
    return next((at_s - start_s for at_s in alarms if start_s < at_s <= latest_s), None)


def _watched_blinks(session: Session) -> list[tuple[float, float]]:
    return [
        (first, last)
        for first, last in session.recording.blinks
        if any(start <= last and end >= first for start, end in session.watched)
    ]


def _shown(session: Session) -> int:
    return count_rest(session.state).totals_so_far.blinks


def _open_ratio(state: State) -> float:
    return state.baseline.open_ratio if state.baseline else 1.0


def _in_recording(blink: Blink) -> Blink:
    return Blink(blink.start_s - SESSION_S, blink.end_s - SESSION_S, blink.complete)
