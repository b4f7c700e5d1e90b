"""evaluation.natural: alarms of people who sit naturally; and the table of postures."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from ai_models.identity import Descriptor
from ai_models.measures import FaceMeasures
from evaluation import natural, posture_tables, replay
from evaluation.clips import Clip, FaceSample
from evaluation.natural import sit_naturally
from evaluation.replay import SENSITIVITIES, Pose, PostureDetections, Scenario, try_out
from evaluation.report import Evaluation
from tests.ai_models.replay import face

NOBODY: Descriptor = np.zeros(128, np.float32)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(natural, "SESSIONS", 3)
    monkeypatch.setattr(natural, "SESSION_S", 300.0)


def clips(*measures: FaceMeasures, person: str = "ann") -> list[Clip]:
    return [Clip(person, 6, [FaceSample(Path("a"), each, NOBODY)] * 6) for each in measures]


def alarms(*measures: FaceMeasures) -> dict[str, int]:
    found = sit_naturally(clips(*measures), lambda: None)
    return {result.sensitivity: result.alarms for result in found}


def test_who_sits_still_raises_none() -> None:
    assert alarms(*[face()] * 5) == dict.fromkeys(SENSITIVITIES, 0)


def test_who_leans_in_now_and_then_raises_some() -> None:
    found = alarms(*[face()] * 3, *[face(closer=1.13)] * 2)
    assert found["low"] == 0
    assert found["normal"] > 0
    assert found["high"] > 0


@pytest.mark.parametrize(("seconds", "told"), [(50.0, 0.0), (90.0, 1.0)])
def test_slight_fault_has_to_last_a_minute_at_high(seconds: float, told: float) -> None:
    still = np.array([[1.0, 0.0, 0.0, 0.0]])
    slight = Scenario("slight", Pose(lower=0.125), seconds, 20, is_bad=True)
    assert try_out(still, slight, 2, "high").told.value == told


def test_who_cannot_be_calibrated_raises_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evaluation.natural.SESSIONS", 2)  # each gives up after twenty minutes
    assert alarms(*[replace(face(), width_px=50.0)] * 5) == dict.fromkeys(SENSITIVITIES, 0)


def test_few_clips_are_no_sitting() -> None:
    assert sit_naturally(clips(*[face()] * 4), lambda: None) == []


@pytest.mark.parametrize(
    ("pose", "told"),
    [
        (Pose(closer=1.12), (0.0, 1.0, 1.0)),
        (Pose(lower=0.15), (0.0, 1.0, 1.0)),
        (Pose(tilted=10.5), (0.0, 1.0, 1.0)),
        (Pose(closer=0.8, lower=0.2), (1.0, 1.0, 1.0)),
        (Pose(closer=1.08, lower=0.1), (0.0, 1.0, 1.0)),
        (Pose(closer=0.8), (0.0, 0.0, 0.0)),
    ],
)
def test_postures_are_told_from_their_limits_on(pose: Pose, told: tuple[float, ...]) -> None:
    still = np.array([[1.0, 0.0, 0.0, 0.0]])
    scenario = Scenario("held", pose, 90.0, 20, is_bad=True)
    assert tuple(try_out(still, scenario, 2, each).told.value for each in SENSITIVITIES) == told


def test_tables_have_a_column_for_each_sensitivity() -> None:
    still = np.array([[1.0, 0.0, 0.0, 0.0]])
    scenario = dataclasses.replace(replay.POSTURES[3], seconds=30.0)
    cells = [PostureDetections(each, try_out(still, scenario, 1, each)) for each in SENSITIVITIES]
    evaluation = Evaluation(postures=cells, natural=sit_naturally(clips(*[face()] * 5), lambda: None))
    postures, naturally = posture_tables.postures_table(evaluation), posture_tables.natural_table(evaluation)
    assert postures is not None
    assert naturally is not None
    assert [len(row) for row in (*postures.rows, *naturally.rows)] == [4, 5]
    assert naturally.rows[0][0] == "ann"
    assert posture_tables.postures_table(Evaluation()) is posture_tables.natural_table(Evaluation()) is None
