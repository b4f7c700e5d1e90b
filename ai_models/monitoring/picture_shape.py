"""Notices that the camera's picture has another shape, as when another program chose another resolution. Pure.

Cameras cut one shape out of another in one of three ways: the longer side, the height or the width shows as much as
before. Places count from the middle, so each way only scales the baseline. Which one it was, the face tells, which is
as large as a moment ago.
"""

from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.camera import CameraWatch
from ai_models.monitoring.identity_filter import NOBODY_ELSE
from ai_models.monitoring.posture_filter import Sample, is_turned, sample_of
from ai_models.monitoring.presence import MAX_GAP_S
from ai_models.monitoring.session_state import State
from ai_models.outlines import reshaped_outline

SAME_WIDTH = 0.05  # the ways from 16:9 to 16:10, the nearest that cameras have, are 11 % apart
SAME_HEIGHT = 0.12  # widths of the face: farther off, the picture was not cut about its middle
UNMOVED = Sample(closer=1.0, lower=0.0, tilted=0.0)


def shows_its_user(state: State, measures: FaceMeasures) -> bool:
    """Whether the size of a face says how a running session's baseline fits: it is its user's, and not turned."""
    if state.baseline is None or state.phase not in {"monitoring", "away"}:
        return False
    return state.identity.state in NOBODY_ELSE and not is_turned(measures, state.baseline)


def reshaped(state: State, measures: FaceMeasures, at_s: float) -> State | None:
    """The session with its baseline in the picture's new shape; None if the face fits in none of the ways.

    at_s: the time of the face. After a gap it is compared with the baseline itself.
    """
    baseline = state.baseline
    if baseline is None or baseline.shape is None or measures.shape is None:
        return None
    last = (state.posture.margins() if at_s - state.last_at_s <= MAX_GAP_S else None) or UNMOVED
    ways = [_scaled(baseline, scale, measures.shape) for scale in _scales(baseline.shape, measures.shape)]
    nearest = min(ways, key=lambda way: _misfit(sample_of(measures, way), last))
    sample = sample_of(measures, nearest)
    if _misfit(sample, last) > SAME_WIDTH or abs(sample.lower - last.lower) > SAME_HEIGHT:
        return None
    # Its surroundings, and pictures on the wall, are elsewhere now.
    return replace(state, baseline=nearest, camera=CameraWatch(), bystanders=(), first_counted_at_s=None)


def _scales(before: float, now: float) -> tuple[float, ...]:
    """How much larger a face may be, in the picture's longer side: that, the height or the width shows as much."""
    return 1.0, max(before, 1) / max(now, 1), max(1 / before, 1) / max(1 / now, 1)


def _scaled(baseline: Baseline, scale: float, shape: float) -> Baseline:
    return replace(
        baseline,
        width=baseline.width * scale,
        x=baseline.x * scale,
        y=baseline.y * scale,
        shape=shape,
        outline=baseline.outline and reshaped_outline(baseline.outline, scale, shape),
    )


def _misfit(sample: Sample, last: Sample) -> float:
    """The share by which a face is larger or smaller than a moment ago."""
    return abs(sample.closer / last.closer - 1)
