"""A request has a budget: what a burst may cost, and how many are counted for large pictures."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.vision.frame import Frame, read_frame
from common.file_lock import lock_place
from detections import vision
from detections.sessions.bursts import BurstUnderWay, only_one_burst
from tests import pictures
from tests.conftest import ApiClient
from tests.test_throttling import set_rate

PLAN = AnalysisPlan(measures=True)
FRAME = read_frame(pictures.jpeg(pictures.small()))
BLINK = {"blob_data": pictures.data_url(pictures.png(pictures.small())), "count": 0, "total": 0, "time": 0}
NECK = dict.fromkeys(("face_x", "face_y", "nose_to_center"), "") | {"cnt": 0, "blob_data": BLINK["blob_data"]}


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Sets what each frame costs, in seconds of a core; returns how many were looked at."""

    monkeypatch.setattr(vision._Absence, "skipped", lambda absence, frame: None)  # otherwise most are not searched

    def analyzed(seconds: list[float], reading_s: float = 0.0) -> int:
        now, left = [0.0], list(seconds)

        def analyze(frame: Frame, plan: AnalysisPlan, *, in_burst: bool) -> FrameAnalysis:
            now[0] += left.pop(0)
            return FrameAnalysis(64, 48)

        monkeypatch.setattr(vision, "_analyze_one", analyze)
        monkeypatch.setattr(time, "thread_time", lambda: now[0])
        now[0] = reading_s
        analyses = len(list(vision.analyze_frames([FRAME] * 75, PLAN, 0.0 if reading_s else None)))
        assert now[0] <= max(vision.BUDGET_S, reading_s + seconds[0])
        return analyses

    return analyzed


@pytest.mark.parametrize(("each_s", "looked_at"), [(0.005, 75), (1.1, 1), (3.0, 1), (0.7, 2)])
def test_burst_ends_when_its_budget_is_spent(costs: Any, each_s: float, looked_at: int) -> None:
    assert costs([each_s] * 75) == looked_at


@pytest.mark.parametrize(("reading_s", "looked_at"), [(0.5, 8), (1.0, 4), (1.375, 1), (3.0, 1)])
def test_reading_the_request_is_part_of_its_budget(costs: Any, reading_s: float, looked_at: int) -> None:
    assert costs([0.125] * 75, reading_s) == looked_at


def test_rising_cost_stays_within_the_budget(costs: Any) -> None:
    assert costs([0.01 * n for n in range(1, 76)]) < 75


@pytest.mark.parametrize(("dear", "looked_at"), [(set(), 31), ({3}, 1), ({6, 7, 8}, 6), ({5}, 1)])
def test_stretch_with_dearer_frames_than_before_ends_with_the_budget(
    monkeypatch: pytest.MonkeyPatch, dear: set[int], looked_at: int
) -> None:
    """Five frames are decoded before one of them is searched."""
    now, face = [0.0], read_frame(pictures.jpeg(pictures.framed(150, (320, 240))))
    frames = [replace(face) for _ in range(31)]
    decoded = vision._decode

    def decode(frame: Frame, *, in_burst: bool) -> Any:
        now[0] += 1.0 if next(n for n, each in enumerate(frames) if each is frame) in dear else 0.01
        return decoded(frame, in_burst=in_burst)

    monkeypatch.setattr(vision, "_decode", decode)
    monkeypatch.setattr(time, "thread_time", lambda: now[0])
    if len(dear) == 1:
        monkeypatch.setattr(vision, "BUDGET_S", 0.9)
    assert len(list(vision.analyze_frames(frames, PLAN))) == looked_at
    assert now[0] < 2.5


def test_large_frames_count_as_several(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    set_rate(monkeypatch, "blinks", "10/min")
    picture = pictures.data_url(pictures.jpeg(pictures.framed(100, (160, 120), size=(2000, 2000))))
    large = BLINK | {"blob_data": picture}
    assert [owner("post", "detections/blink/", large).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("many", "few"),
    [
        (("blinks", "detections/blink/", BLINK), ("detections/neck/", NECK)),
        (("frames", "detections/neck/", NECK), ("detections/blink/", BLINK)),
    ],
)
def test_blink_and_neck_frames_are_counted_apart(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch, many: Any, few: Any
) -> None:
    scope, path, body = many
    set_rate(monkeypatch, scope, "2/min")
    assert [owner("post", path, body).status_code for _ in range(3)] == [200, 200, 429]
    assert [owner("post", *few).status_code for _ in range(3)] == [200] * 3


def test_user_has_one_burst_at_a_time() -> None:
    with only_one_burst(1):
        with pytest.raises(BurstUnderWay), only_one_burst(1):
            pass
        with only_one_burst(2), only_one_burst(257):
            pass
    with only_one_burst(1):
        pass


def test_failed_burst_lets_the_next_one_in() -> None:
    with pytest.raises(ZeroDivisionError), only_one_burst(1):
        raise ZeroDivisionError
    with only_one_burst(1):
        pass


def test_place_of_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        lock_place(tmp_path, 1)
