"""The response of a call about a session: what SessionSerializer documents, without the cost of running it."""

import math
import time
from datetime import datetime
from typing import Any

from django.utils import timezone

from ai_models.analysis import FrameAnalysis
from ai_models.blink import Blink
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.answers import NEXT_REST
from ai_models.monitoring.events import Event
from ai_models.monitoring.eyes import LONG_CLOSING_S, BlinkRate
from ai_models.monitoring.pacing import BURST_INTERVAL_MS, pace
from ai_models.monitoring.silence import Silenced
from ai_models.monitoring.status import CalibrationStatus, Margin, PostureStatus, Status, UpcomingRest, status
from ai_models.monitoring.tuning import UNTUNED
from ai_models.outlines import Outline, pack_outline, unpack_outline
from detections.models import Session
from detections.sessions.clock import moment_of
from detections.sessions.errors import SessionRunning
from detections.sessions.services import SessionResult

JAW = slice(0, 17)


def session_response(result: SessionResult, settings: AlarmSettings) -> dict[str, Any]:
    state = result.transition.state
    if state.tuning != UNTUNED:
        settings = settings.tuned(state.tuning)
    # Without frames a session's time stands still, but a snooze ends.
    now = status(state, settings, time.time() if state.phase == "paused" else None)
    next_frame = pace(state, settings)
    return {
        **session_summary(result.session),
        "accepted": result.transition.is_accepted,
        "active_s": round(now.totals.active_s, 3),
        "counts": {"blinks": now.totals.blinks, "neck": now.totals.neck, "stretches": now.totals.stretches},
        "hint": now.hint,
        "question": now.question,
        "calibration": _calibration(now.calibration),
        "posture": _posture(now.posture),
        "eyes": _eyes(now),
        "identity": {"state": now.identity},
        "someone_behind": now.someone_behind,
        "face": _face(result.analysis),
        "alarms": [_alarm(event) for event in _alarms(now, result.transition.events)],
        "snoozed": [_silenced(silenced) for silenced in now.silenced],
        "upcoming": _upcoming(now.upcoming),
        "next": "burst" if next_frame.is_burst_next else "frame",
        "next_after_ms": next_frame.next_after_ms,
        "burst": {"frames": next_frame.burst_frames, "interval_ms": BURST_INTERVAL_MS},
        "outlines": _outlines(result),
    }


def session_summary(session: Session) -> dict[str, Any]:
    return {
        "id": str(session.pk),
        "state": session.phase,
        "started_at": _text(session.started_at),
        "stopped_at": _text(session.stopped_at) if session.stopped_at else None,
        "profile": session.profile_id,
        "report": session.report_id,
    }


def running_response(error: SessionRunning) -> dict[str, str]:
    return {"detail": str(error), "id": str(error.session_id), "last_frame_at": _text(error.received_at)}


def _calibration(status: CalibrationStatus | None) -> dict[str, Any] | None:
    if status is None:
        return None
    return {"frames": status.frames, "needed": status.needed, "hints": list(status.hints), "quality": status.quality}


def _posture(status: PostureStatus) -> dict[str, Any]:
    return {
        "state": status.state,
        "faults": list(status.faults),
        "reason": status.reason,
        "margins": status.margins and {fault: _margin(margin) for fault, margin in status.margins.items()},
    }


def _margin(margin: Margin) -> dict[str, float]:
    return {"value": margin.value, "limit": margin.limit}


def _eyes(now: Status) -> dict[str, Any]:
    eyes = now.eyes
    return {
        "state": eyes.state,
        "openness": eyes.openness,
        "reliable": eyes.state != "unknown" and eyes.reason is None,
        "reason": eyes.reason,
        "blinks": [_blink(blink) for blink in eyes.blinks],
        "rate": _rate(now.rate),
        "partial_share": None if now.partial_share is None else round(now.partial_share, 3),
        "watched_share": None if now.watched_share is None else round(now.watched_share, 3),
    }


def _blink(blink: Blink) -> dict[str, Any]:
    return {
        "started_at": _text(moment_of(blink.start_s)),
        "ended_at": _text(moment_of(blink.end_s)),
        "complete": blink.complete,
        "long": blink.end_s - blink.start_s >= LONG_CLOSING_S,
    }


def _rate(rate: BlinkRate | None) -> dict[str, float] | None:
    if rate is None:
        return None
    return {
        "per_minute": round(rate.per_minute, 2),
        "low": round(rate.low, 2),
        "high": round(rate.high, 2),
        "watched_s": round(rate.watched_s, 1),
    }


def _face(analysis: FrameAnalysis | None) -> dict[str, Any] | None:
    if analysis is None or analysis.face is None:
        return None
    box = analysis.face.box
    return {
        "width": analysis.width,
        "height": analysis.height,
        "box": {"left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom},
        "outline": analysis.face.points[JAW].tolist(),
    }


def _outlines(result: SessionResult) -> dict[str, Outline | None]:
    found, baseline = result.analysis, result.transition.state.baseline
    best = baseline.outline if baseline else result.transition.state.best_outline
    now = pack_outline(found.face.points, found.width, found.height) if found and found.face else None
    return {
        "now": unpack_outline(now) if now else None,
        "best": unpack_outline(best) if best else None,
    }


def _alarms(now: Status, events: tuple[Event, ...]) -> list[Event]:
    ended = [event for event in events if event.is_alarm and event.ended_at_s is not None]
    return [*now.alarms, *ended]


def _alarm(event: Event) -> dict[str, Any]:
    return {
        "id": event.number,
        "kind": event.kind,
        "started_at": _text(moment_of(event.started_at_s)),
        "ended_at": None if event.ended_at_s is None else _text(moment_of(event.ended_at_s)),
        "ended_by": event.ended_by,
    }


def _silenced(silenced: Silenced) -> dict[str, Any]:
    until = None if silenced.until_s is None else _text(moment_of(silenced.until_s))
    return {"kind": silenced.kind, "until": until, "reason": silenced.reason}


def _upcoming(rest: UpcomingRest | None) -> dict[str, Any] | None:
    if rest is None:
        return None
    return {
        "id": NEXT_REST,
        "kind": "rest",
        "in_s": math.ceil(rest.in_s),
        "postponements_left": rest.postponements_left,
    }


def _text(moment: datetime) -> str:
    """In the format of DRF's DateTimeField."""
    return timezone.localtime(moment).isoformat().replace("+00:00", "Z")
