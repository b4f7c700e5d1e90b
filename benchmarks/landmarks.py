"""Landmarks that a client sends: what a picture's cost, from the request's body to the judgement.

A second of them in one body: 15 pictures, each with all 478 points of a mesh, written as a browser does. With and
without the request around it; frames of a session are measured in benchmarks/sessions.py.
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from ai_models.face_mesh import MESH_COUNT, TO_68
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.landmark_source import with_identity_of
from ai_models.monitoring.session_state import Observation
from ai_models.monitoring.status import status
from benchmarks.figures import Target, summary
from benchmarks.pipelines import find_face
from benchmarks.plain import decode
from benchmarks.report import Report, Table

SECONDS, WARM_UP = 200, 20
PICTURES = 15  # a second
MODEL = "bench@1"
MAX_MS = 1.0  # of a picture's landmarks
BASELINE = Baseline(0.24, 0.0, 0.0, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0, source=f"{MESH_COUNT}:{MODEL}")
PARSED, MEASURED, JUDGED = "parsed and checked", "measured", "judged"


def measure(report: Report, picture: bytes) -> None:
    """Adds a table of a second of landmarks, and the target of one picture's."""
    with report.part("landmarks"):
        times = _second_times(_mesh(picture))
    rows = [[stage, *_row(ms)] for stage, ms in times.items()]
    total = np.sum(list(times.values()), axis=0)
    table = Table(
        f"A second of landmarks ({PICTURES} pictures of {MESH_COUNT} points), ms",
        ("", "median", "mean", "p95"),
        [*rows, ["all", *_row(total)]],
    )
    report.add(table, [Target("landmarks of a picture", MAX_MS, summary(total).median / PICTURES, " ms")])


def body_of(points: Any, began_at: datetime) -> bytes:
    """A second's body: the face moves by a pixel, back and forth."""
    moments = [began_at + timedelta(seconds=number / PICTURES) for number in range(PICTURES)]
    observations = [
        {
            "captured_at": moment.isoformat(),
            "width": 640,
            "height": 480,
            "points": (points + [number % 2, 0]).tolist(),
            "faces": 1,
            "brightness": 0.5,
        }
        for number, moment in enumerate(moments)
    ]
    return json.dumps({"observations": observations, "model": MODEL}).encode()


def _second_times(points: Any) -> dict[str, list[float]]:
    """The milliseconds of each stage, of every second."""
    from detections.sessions import landmark_request  # only once Django is set up

    times: dict[str, list[float]] = {stage: [] for stage in (PARSED, MEASURED, JUDGED)}
    began_at = datetime(2026, 11, 25, tzinfo=UTC)
    state = with_identity_of(monitor.start(began_at.timestamp() - 1, baseline=BASELINE), BASELINE.source)
    for second in range(WARM_UP + SECONDS):
        sent = body_of(points, began_at + timedelta(seconds=second))
        marks = [time.thread_time_ns()]
        body = landmark_request.read_body(sent)
        moments = landmark_request.moments_of(body)
        marks.append(time.thread_time_ns())
        analyses = landmark_request.analyses_of(body, landmark_request.source_of(body))
        marks.append(time.thread_time_ns())
        frames = [
            Observation.of(found, moment.timestamp(), ()) for found, moment in zip(analyses, moments, strict=True)
        ]
        state = monitor.observe(state, frames, _settings()).state
        status(state, _settings())
        marks.append(time.thread_time_ns())
        if second >= WARM_UP:
            for stage, start, end in zip(times, marks, marks[1:], strict=False):
                times[stage].append((end - start) / 1e6)
    return times


@cache
def _settings() -> AlarmSettings:
    return AlarmSettings()


def _mesh(picture: bytes) -> Any:
    """A mesh whose 68 points are those of the picture's face; fractions of a pixel have all their digits."""
    face = find_face(decode(picture))
    if face is None:
        raise ValueError("There is no face in the benchmark's picture.")
    mesh = np.tile(face.points.mean(axis=0), (MESH_COUNT, 1))
    mesh[TO_68] = face.points
    return mesh + np.random.default_rng(0).uniform(0, 0.1, mesh.shape)


def _row(ms: Sequence[float]) -> list[float]:
    found = summary(ms)
    return [found.median, found.mean, found.p95]
