"""Example answers of the session calls, for their OpenAPI descriptions."""

from typing import Any

from detections.sessions.serializers import SessionSummarySerializer
from reports.outline_serializers import EXAMPLE as OUTLINE

SESSION: dict[str, Any] = {
    "id": "0b5e7c1e-8f0c-4b54-9f52-1f2f0d0f7a10",
    "state": "monitoring",
    "started_at": "2026-11-25T09:00:00+09:00",
    "stopped_at": None,
    "profile": None,
    "report": None,
    "accepted": True,
    "active_s": 1260.5,
    "counts": {"blinks": 88, "neck": 1, "stretches": 0},
    "hint": None,
    "question": None,
    "calibration": {"frames": 8, "needed": 8, "hints": [], "quality": 0.91},
    "posture": {
        "state": "bad",
        "faults": ["closer"],
        "reason": None,
        "margins": {
            "closer": {"value": 1.16, "limit": 1.1},
            "lower": {"value": 0.03, "limit": 0.15},
            "tilted": {"value": -2.1, "limit": 10.0},
        },
    },
    "eyes": {
        "state": "open",
        "openness": 0.98,
        "reliable": True,
        "reason": None,
        "blinks": [],
        "rate": {"per_minute": 14.1, "low": 9.4, "high": 20.4, "watched_s": 119.0},
        "partial_share": 0.107,
        "watched_share": 0.094,
    },
    "identity": {"state": "owner"},
    "someone_behind": False,
    "face": None,
    "outlines": {"now": None, "best": OUTLINE},
    "alarms": [
        {"id": 3, "kind": "neck", "started_at": "2026-11-25T09:20:40+09:00", "ended_at": None, "ended_by": None}
    ],
    "snoozed": [],
    "upcoming": None,
    "next": "frame",
    "next_after_ms": 1000,
    "burst": {"frames": 45, "interval_ms": 66},
}
CALIBRATING: dict[str, Any] = SESSION | {
    "state": "calibrating",
    "active_s": 0.0,
    "counts": {"blinks": 0, "neck": 0, "stretches": 0},
    "hint": "hold_still",
    "calibration": {"frames": 3, "needed": 8, "hints": ["hold_still"], "quality": None},
    "outlines": {"now": None, "best": None},
    "posture": {"state": "unknown", "faults": [], "reason": None, "margins": None},
    "eyes": {
        "state": "unknown",
        "openness": None,
        "reliable": False,
        "reason": None,
        "blinks": [],
        "rate": None,
        "partial_share": None,
        "watched_share": None,
    },
    "identity": {"state": "unknown"},
    "alarms": [],
    "next_after_ms": 500,
}
PAUSED = SESSION | {"state": "paused", "posture": CALIBRATING["posture"], "alarms": [], "next_after_ms": 3000}
STOPPED = PAUSED | {"state": "stopped", "stopped_at": "2026-11-25T10:30:00+09:00", "report": 7, "calibration": None}
REPORT = {
    "id": 7,
    "blink_cnt": 88,
    "neck_cnt": 1,
    "stretching_cnt": 0,
    "start_time": "2026-11-25T00:00:00.000Z",
    "end_time": "2026-11-25T01:30:00.000Z",
    "study_time": "0121",
    "active_s": 4860.0,
    "good_s": 4300.0,
    "bad_s": 320.0,
    "unreliable_s": 240.0,
    "watched_s": 243.0,
    "watched_blinks": 57,
    "rests": 1,
    "blink_rate": {"per_minute": 14.1, "low": 10.7, "high": 18.2, "watched_s": 243.0},
    "good_share": 0.931,
    "neck_per_hour": 0.741,
}
PROFILE: dict[str, Any] = {
    "id": 3,
    "name": "desk",
    "quality": 0.91,
    "camera": "",
    "shape": 1.333,
    "model": "",
    "updated_at": "2026-11-25T09:00:10+09:00",
}
SUMMARY = {str(name): STOPPED[str(name)] for name in SessionSummarySerializer().fields}
