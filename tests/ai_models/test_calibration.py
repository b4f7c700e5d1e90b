"""ai_models.monitoring.calibration: which frames count, the baseline they give, and the hints."""

import numpy as np
import pytest
from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import Calibration
from ai_models.quality import Hint, Quality
from tests.ai_models.replay import BASELINE, face, jittered

GOOD = face()


def collected(*frames: FaceMeasures | None) -> Calibration:
    calibration = Calibration()
    for measures in frames:
        calibration = calibration.with_frame(measures)
    return calibration


def test_baseline_is_median_of_eight_good_frames() -> None:
    widths = [0.98, 1.0, 1.0, 1.0, 1.0, 1.01, 1.01, 1.03]
    baseline = collected(*(face(closer=width) for width in widths)).baseline()
    assert baseline is not None
    assert baseline.width == pytest.approx(BASELINE.width)
    assert (baseline.x, baseline.roll_deg, baseline.open_ratio) == (0.0, 0.0, 0.3)
    assert baseline.y == pytest.approx(BASELINE.y, abs=0.001)
    assert collected(*[GOOD] * 7).baseline() is None


@pytest.mark.parametrize(
    ("bad", "has_company", "hint"),
    [
        (None, False, "no_face"),
        (GOOD, True, "more_than_one_face"),
        (replace(GOOD, width_px=99.0), False, "face_too_small"),
        (face(quality=Quality(light=39, sharpness=300)), False, "too_dark"),
        (face(quality=Quality(light=120, sharpness=59)), False, "too_blurred"),
        (face(turned=31), False, "look_ahead"),
        (face(turned=-31), False, "look_ahead"),
        (face(eyes=0.2), False, "open_your_eyes"),
        (face(eyes=0.0), False, "open_your_eyes"),
        (face(eyes=float("nan")), False, "open_your_eyes"),
    ],
)
def test_bad_frame_gives_hint_and_does_not_count(bad: FaceMeasures | None, has_company: bool, hint: Hint) -> None:
    before = collected(GOOD, GOOD)
    after = before.with_frame(bad, has_company=has_company)
    assert (after.samples, after.hints) == (before.samples, (hint,))
    assert after.with_frame(GOOD).hints == ()


def test_frame_can_give_several_hints() -> None:
    bad = replace(face(turned=40, quality=Quality(10, 300)), width_px=50.0)
    assert collected(bad).hints == ("face_too_small", "too_dark", "look_ahead")


def test_closing_eyes_give_open_your_eyes_hint() -> None:
    assert collected(face(eyes=0.4), face(eyes=0.4), face(eyes=0.25)).hints == ("open_your_eyes",)


@pytest.mark.parametrize("moved", [face(closer=1.1), face(right=0.2), face(lower=0.2), face(tilted=5)])
def test_movement_gives_hold_still_hint(moved: FaceMeasures) -> None:
    assert collected(GOOD, GOOD, moved).hints == ("hold_still",)
    assert len(collected(GOOD, GOOD, moved).samples) == 2


def test_new_position_restarts_calibration() -> None:
    calibration = collected(*[GOOD] * 6, *[face(closer=1.2)] * 3)
    assert [sample.width for sample in calibration.samples] == [pytest.approx(1.2 * BASELINE.width)]
    assert collected(*[GOOD] * 6, *[face(closer=1.2)] * 10).baseline() is not None


def test_jitter_does_not_prevent_calibration() -> None:
    random = np.random.default_rng(4)
    for _ in range(200):
        calibration, frames = Calibration(), 0
        while calibration.baseline() is None:
            calibration, frames = calibration.with_frame(jittered(random, GOOD)), frames + 1
        assert frames <= 15
        baseline = calibration.baseline()
        assert baseline is not None
        assert baseline.width == pytest.approx(BASELINE.width, rel=0.02)


def test_dim_or_restless_frames_lower_the_quality() -> None:
    best = collected(*[GOOD] * 8).baseline()
    dim = collected(*[face(quality=Quality(light=60, sharpness=300))] * 8).baseline()
    restless = collected(*(face(closer=width) for width in (0.985, 1.015) * 4)).baseline()
    assert best is not None
    assert dim is not None
    assert restless is not None
    assert best.quality == 1.0
    assert 0.5 < dim.quality < 1
    assert 0.3 < restless.quality < 1


# --- Narrow eyes ---


def test_narrow_eyes_can_be_calibrated_on() -> None:
    narrow = face(eyes=0.17)
    calibration = collected(*[narrow] * 15)
    assert (calibration.frames, calibration.hints) == (0, ("open_your_eyes",))
    calibration = collected(*[narrow] * 23)
    assert calibration.hints == ()
    baseline = calibration.baseline()
    assert baseline is not None
    assert baseline.open_ratio == 0.17


def test_shut_eyes_are_not_learned_once_they_open() -> None:
    calibration = collected(*[face(eyes=0.1)] * 5, *[GOOD] * 8)
    baseline = calibration.baseline()
    assert baseline is not None
    assert baseline.open_ratio == 0.3
    restarted = collected(*[face(eyes=0.1)] * 20, GOOD)
    assert [sample.open_ratio for sample in restarted.samples] == [0.3]
