import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ai_models.identity import (
    DESCRIPTOR_LENGTH,
    GUARD_BAND,
    SAME_PERSON_MAX_DISTANCE,
    Enrolment,
    FaceDescriptor,
    distance,
    enrol,
    is_owner,
)


def descriptor(first: float = 0.0, second: float = 0.0) -> NDArray[np.float64]:
    numbers = np.zeros(DESCRIPTOR_LENGTH)
    numbers[:2] = first, second
    return numbers


ENROLLED = Enrolment(descriptor(), 3)
THRESHOLDS = (0.40, SAME_PERSON_MAX_DISTANCE, 0.50)


def test_distance_is_euclidean() -> None:
    assert distance(descriptor(0.0, 0.0), descriptor(0.3, 0.4)) == 0.5
    assert distance(np.zeros(128), np.full(128, 0.125)) == math.sqrt(128) / 8


def test_distance_is_symmetric_and_zero_to_itself() -> None:
    one, other = descriptor(0.1, 0.2), descriptor(0.3, -0.4)
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0.0


def test_float32_distance_is_computed_in_double_precision() -> None:
    measured = distance(descriptor(0.1).astype(np.float32), descriptor(0.1).astype(np.float32))
    assert (type(measured), measured) == (float, 0.0)
    assert distance(descriptor(0.1).astype(np.float32), descriptor()) == float(np.float32(0.1))


@pytest.mark.parametrize(
    ("apart", "owner"), [(0.0, True), (0.45, True), (math.nextafter(0.45, 1), False), (0.6, False)]
)
def test_owner_is_within_0_45(apart: float, owner: bool) -> None:
    assert is_owner(ENROLLED, FaceDescriptor(lambda: descriptor(apart))) is owner


# --- Quick and exact descriptors ---


class Face:
    """A face by both networks, at these distances from descriptor(); counts how often the exact one is computed."""

    def __init__(self, exact: float, quick: float | None) -> None:
        self.exact = exact
        self.computed = 0
        self.found = FaceDescriptor(self._compute, None if quick is None else descriptor(quick))

    def _compute(self) -> NDArray[np.float64]:
        self.computed += 1
        return descriptor(self.exact)


def test_quick_distance_decides_away_from_the_threshold() -> None:
    face = Face(exact=0.3, quick=0.31)
    assert face.found.distance(descriptor(), (0.45,)) == 0.31
    assert face.computed == 0


@pytest.mark.parametrize("quick", [0.45, 0.45 - GUARD_BAND + 1e-6, 0.45 + GUARD_BAND - 1e-6])
def test_exact_distance_decides_within_the_guard_band(quick: float) -> None:
    face = Face(exact=0.3, quick=quick)
    assert face.found.distance(descriptor(), (0.45,)) == 0.3
    assert face.computed == 1


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_each_threshold_has_a_guard_band(threshold: float) -> None:
    face = Face(exact=threshold, quick=threshold + GUARD_BAND / 2)
    assert face.found.distance(descriptor(), THRESHOLDS) == threshold


def test_without_a_quick_descriptor_the_exact_one_decides() -> None:
    face = Face(exact=0.2, quick=None)
    assert [face.found.distance(descriptor(), (0.45,)) for _ in range(2)] == [0.2, 0.2]
    assert face.computed == 1


def test_exact_descriptor_decides_once_it_is_known() -> None:
    face = Face(exact=0.2, quick=0.21)
    assert face.found.exact.tolist() == descriptor(0.2).tolist()
    assert face.found.distance(descriptor(), (0.45,)) == 0.2


@given(exact=st.floats(0, 1), error=st.floats(-GUARD_BAND, GUARD_BAND))
def test_verdict_is_the_exact_one_while_errors_are_within_the_band(exact: float, error: float) -> None:
    face = Face(exact, quick=abs(exact + error * 0.999))
    assert is_owner(ENROLLED, face.found) == (exact <= SAME_PERSON_MAX_DISTANCE)
    distances = Face(exact, quick=abs(exact + error * 0.999)).found.distance(descriptor(), THRESHOLDS)
    assert [distances <= threshold for threshold in THRESHOLDS] == [exact <= threshold for threshold in THRESHOLDS]


def test_first_descriptor_is_stored_unchanged() -> None:
    first = descriptor(0.1, 0.2).astype(np.float32)
    enrolment = enrol(None, first)
    assert enrolment.frame_count == 1
    assert enrolment.mean.dtype == np.float64
    assert enrolment.mean.tolist() == first.tolist()


def test_later_descriptor_is_averaged_in() -> None:
    enrolment = enrol(ENROLLED, descriptor(0.4, -0.2))
    assert enrolment.frame_count == 4
    assert enrolment.mean.tolist() == descriptor(0.1, -0.05).tolist()


def test_four_descriptors_give_their_mean() -> None:
    enrolment = None
    for first in (0.0, 0.25, 0.125, 0.125):
        enrolment = enrol(enrolment, descriptor(first).astype(np.float32))
    assert enrolment is not None
    assert enrolment.frame_count == 4
    assert enrolment.mean == pytest.approx(descriptor(0.125))


def test_averaging_leaves_the_old_enrolment_unchanged() -> None:
    before = Enrolment(descriptor(), 1)
    enrol(before, descriptor(0.4))
    assert (before.mean.tolist(), before.frame_count) == (descriptor().tolist(), 1)


def test_descriptor_at_0_45_is_averaged_in() -> None:
    assert enrol(ENROLLED, descriptor(0.45)).frame_count == 4


def test_strangers_descriptor_changes_nothing() -> None:
    assert enrol(ENROLLED, descriptor(0.46)) is ENROLLED
