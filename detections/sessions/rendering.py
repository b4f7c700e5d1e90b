"""The response of a call about a session."""

import math
import time
from datetime import datetime
from typing import Any, cast

import msgspec
from django.utils import timezone

from ai_models.analysis import FrameAnalysis
from ai_models.blink import Blink
from ai_models.monitoring import status
from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.answers import NEXT_REST
from ai_models.monitoring.events import Event
from ai_models.monitoring.eyes import LONG_CLOSING_S, BlinkRate
from ai_models.monitoring.pacing import BURST_INTERVAL_MS, pace
from ai_models.monitoring.silence import Silenced
from ai_models.monitoring.tuning import UNTUNED
from ai_models.outlines import pack_outline, unpack_outline
from detections import models
from detections.sessions.clock import moment_of
from detections.sessions.errors import SessionRunning
from detections.sessions.responses import (
    Alarm,
    BlinkStatus,
    BurstRequest,
    CalibrationStatus,
    Counts,
    EyeStatus,
    FaceStatus,
    IdentityStatus,
    Margin,
    Margins,
    Outlines,
    PostureStatus,
    Session,
    SessionSummary,
    Snoozed,
    Upcoming,
)
from detections.sessions.services import SessionResult

JAW = slice(0, 17)


def session_response(result: SessionResult, settings: AlarmSettings, *, slowdown: float = 1.0) -> dict[str, Any]:
    """A session after a call, as JSON. slowdown: by how much longer than usual the client should wait."""
    state = result.transition.state
    if state.tuning != UNTUNED:
        settings = settings.tuned(state.tuning)
    # Without frames a session's time stands still, but a snooze ends.
    now = status.status(state, settings, time.time() if state.phase == "paused" else None)
    next_frame = pace(state, settings)
    session = Session(
        **_facts(result.session),
        accepted=result.transition.is_accepted,
        active_s=round(now.totals.active_s, 3),
        counts=Counts(blinks=now.totals.blinks, neck=now.totals.neck, stretches=now.totals.stretches),
        hint=now.hint,
        question=now.question,
        calibration=_calibration(now.calibration),
        posture=_posture(now.posture),
        eyes=_eyes(now),
        identity=IdentityStatus(now.identity),
        someone_behind=now.someone_behind,
        face=_face(result.analysis),
        alarms=[_alarm(event) for event in _alarms(now, result.transition.events)],
        snoozed=[_snoozed(silenced) for silenced in now.silenced],
        upcoming=_upcoming(now.upcoming),
        next="burst" if next_frame.is_burst_next else "frame",
        next_after_ms=round(next_frame.next_after_ms * slowdown),
        burst=BurstRequest(next_frame.burst_frames, BURST_INTERVAL_MS),
        outlines=_outlines(result),
    )
    return cast("dict[str, Any]", msgspec.to_builtins(session))


def session_summary(session: models.Session) -> SessionSummary:
    return SessionSummary(**_facts(session))


def running_response(error: SessionRunning) -> dict[str, Any]:
    """Of the session that is running already."""
    facts = {"detail": str(error), "id": error.session_id, "last_frame_at": _local(error.received_at)}
    return cast("dict[str, Any]", msgspec.to_builtins(facts))


def _facts(session: models.Session) -> dict[str, Any]:
    return {
        "id": session.pk,
        "state": session.phase,
        "started_at": _local(session.started_at),
        "stopped_at": _local(session.stopped_at) if session.stopped_at else None,
        "profile": session.profile_id,
        "report": session.report_id,
    }


def _calibration(now: status.CalibrationStatus | None) -> CalibrationStatus | None:
    if now is None:
        return None
    return CalibrationStatus(now.frames, now.needed, list(now.hints), now.quality)


def _posture(now: status.PostureStatus) -> PostureStatus:
    margins = now.margins and Margins(**{fault: Margin(each.value, each.limit) for fault, each in now.margins.items()})
    return PostureStatus(now.state, list(now.faults), now.reason, margins or None)


def _eyes(now: status.Status) -> EyeStatus:
    eyes = now.eyes
    return EyeStatus(
        state=eyes.state,
        openness=eyes.openness,
        reliable=eyes.state != "unknown" and eyes.reason is None,
        reason=eyes.reason,
        blinks=[_blink(blink) for blink in eyes.blinks],
        rate=_rate(now.rate),
        partial_share=None if now.partial_share is None else round(now.partial_share, 3),
        watched_share=None if now.watched_share is None else round(now.watched_share, 3),
    )


def _blink(blink: Blink) -> BlinkStatus:
    is_long = blink.end_s - blink.start_s >= LONG_CLOSING_S
    return BlinkStatus(_moment(blink.start_s), _moment(blink.end_s), blink.complete, is_long)


def _rate(rate: BlinkRate | None) -> BlinkRate | None:
    return rate and BlinkRate(
        round(rate.per_minute, 2), round(rate.low, 2), round(rate.high, 2), round(rate.watched_s, 1)
    )


def _face(analysis: FrameAnalysis | None) -> FaceStatus | None:
    if analysis is None or analysis.face is None:
        return None
    face = analysis.face
    return FaceStatus(analysis.width, analysis.height, face.box, face.points[JAW].tolist())


def _outlines(result: SessionResult) -> Outlines:
    found, baseline = result.analysis, result.transition.state.baseline
    best = baseline.outline if baseline else result.transition.state.best_outline
    now = pack_outline(found.face.points, found.width, found.height) if found and found.face else None
    return Outlines(now=unpack_outline(now) if now else None, best=unpack_outline(best) if best else None)


def _alarms(now: status.Status, events: tuple[Event, ...]) -> list[Event]:
    ended = [event for event in events if event.is_alarm and event.ended_at_s is not None]
    return [*now.alarms, *ended]


def _alarm(event: Event) -> Alarm:
    ended_at = None if event.ended_at_s is None else _moment(event.ended_at_s)
    return Alarm(event.number, cast(AlarmKind, event.kind), _moment(event.started_at_s), ended_at, event.ended_by)


def _snoozed(silenced: Silenced) -> Snoozed:
    until = None if silenced.until_s is None else _moment(silenced.until_s)
    return Snoozed(silenced.kind, until, silenced.reason)


def _upcoming(rest: status.UpcomingRest | None) -> Upcoming | None:
    if rest is None:
        return None
    return Upcoming(NEXT_REST, "rest", math.ceil(rest.in_s), rest.postponements_left)


def _moment(seconds: float) -> datetime:
    return _local(moment_of(seconds))


def _local(moment: datetime) -> datetime:
    """In the service's time zone, as DRF's DateTimeField has it."""
    return timezone.localtime(moment)
