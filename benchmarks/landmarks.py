"""Landmarks that a client sends: what a picture's cost, from the request's body to the judgement.

A second of them in one body: 15 pictures, each with all 478 points of a mesh, written as a browser does. Without the
request around it; needs Django set up.
"""

from typing import Any

import numpy as np
from msgspec.structs import replace

from ai_models.face_mesh import MESH_COUNT, TO_68
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.landmark_source import with_identity_of
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.status import status
from ai_models.vision.faces import find_face
from benchmarks.client import LANDMARK_MODEL, landmarks_body
from benchmarks.plain import decode
from benchmarks.report import Report, Table, Target, median, stats
from benchmarks.turns import TOTAL, Sample, Way, take_turns

WARM_UP = 20  # seconds
PICTURES = 15  # a second
MAX_MS = 1.0  # of a picture's landmarks
BEGAN_AT_S = 1_795_000_000.0
BASELINE = Baseline(0.24, 0.0, 0.0, 0.0, 0.0, 0.0, open_ratio=0.3, quality=1.0)
STAGES = PARSED, MEASURED, JUDGED = "parsed and checked", "measured", "judged"
ALL_DIGITS = 15


def measure(report: Report, picture: bytes, seconds: int) -> None:
    """Adds a table of a second of landmarks, and the target of one picture's."""
    with report.part("landmarks"):
        times = take_turns({"": _second(_mesh(picture))}, range(WARM_UP + seconds), "landmarks")[""]
    warm = {stage: ms[WARM_UP:] for stage, ms in times.items()}
    rows = [{"": stage, **stats(warm[stage], "median", "mean", "p95")} for stage in (*STAGES, TOTAL)]
    table = Table(f"A second of landmarks ({PICTURES} pictures of {MESH_COUNT} points), ms", rows)
    report.add(table, Target("landmarks of a picture", MAX_MS, median(warm[TOTAL]) / PICTURES, " ms"))


def _second(points: Any) -> Way[int]:
    """The stages of a second; each is the next one of a session."""
    from detections.sessions import landmark_request  # only once Django is set up

    source, settings = f"{MESH_COUNT}:{LANDMARK_MODEL}", AlarmSettings()
    state = with_identity_of(monitor.start(BEGAN_AT_S - 1, baseline=replace(BASELINE, source=source)), source)

    def run(second: int) -> Sample:
        nonlocal state
        times_s = [BEGAN_AT_S + second + number / PICTURES for number in range(PICTURES)]
        sent = landmarks_body(points, times_s, ALL_DIGITS)
        sample = Sample()
        body = landmark_request.read_body(sent)
        landmark_request.moments_of(body)
        sample.mark(PARSED)
        analyses = landmark_request.analyses_of(body, landmark_request.source_of(body))
        sample.mark(MEASURED)
        frames = [Observation.of(found, at_s, ()) for found, at_s in zip(analyses, times_s, strict=True)]
        state = monitor.observe(state, frames, settings).state
        status(state, settings)
        sample.mark(JUDGED)
        return sample

    return run


def _mesh(picture: bytes) -> list[list[float]]:
    """A mesh whose 68 points are those of the picture's face; fractions of a pixel have all their digits."""
    face = find_face(decode(picture))
    if face is None:
        raise ValueError("There is no face in the benchmark's picture.")
    mesh = np.tile(face.points.mean(axis=0), (MESH_COUNT, 1))
    mesh[TO_68] = face.points
    points: list[list[float]] = (mesh + np.random.default_rng(0).uniform(0, 0.1, mesh.shape)).tolist()
    return points
