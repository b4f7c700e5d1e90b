"""Face ID: compares a face with the enrolled user's. A convenience, never a login: a photograph passes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Descriptor = NDArray[np.floating]  # (128,)

DESCRIPTOR_LENGTH = 128

SAME_PERSON_MAX_DISTANCE = 0.45  # Euclidean, the version-1 contract's threshold; dlib's own documentation advises 0.6

# A quick distance this close to a threshold is computed again exactly. Measured by `manage.py evaluate_precision`: the
# largest error of 440,821 distances, by which this was chosen, and of 606,533 of other people was 0.033.
GUARD_BAND = 0.04


@dataclass(slots=True, eq=False)
class FaceDescriptor:
    """One face's descriptor: exact for what is stored, and quick, if there is one, for what is only compared.

    The exact one, unless it is known, is computed when it is first needed: make sure that no lock is held then.
    """

    compute_exact: Callable[[], Descriptor]
    quick: Descriptor | None = None
    known: Descriptor | None = None

    @property
    def exact(self) -> Descriptor:
        """The descriptor, (128,), by the network in float32."""
        if self.known is None:
            self.known = self.compute_exact()
        return self.known

    def distance(self, other: Descriptor, thresholds: Collection[float]) -> float:
        """The distance to another (128,) descriptor. It lies on the right side of each threshold.

        Away from the thresholds it may be off by less than GUARD_BAND.
        """
        if self.known is None and self.quick is not None:
            quick = distance(self.quick, other)
            if all(abs(quick - threshold) > GUARD_BAND for threshold in thresholds):
                return quick
        return distance(self.exact, other)


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """A user's mean descriptor, (128,) float64, and the number of frames it is the mean of."""

    mean: NDArray[np.float64]
    frame_count: int


def distance(descriptor: Descriptor, other: Descriptor) -> float:
    """The Euclidean distance of two (128,) descriptors: about 0 for the same picture, 0.6 between strangers."""
    return float(np.linalg.norm(np.asarray(descriptor, np.float64) - other))


def is_owner(enrolment: Enrolment, face: FaceDescriptor) -> bool:
    """True if a face is the enrolled person's."""
    return face.distance(enrolment.mean, (SAME_PERSON_MAX_DISTANCE,)) <= SAME_PERSON_MAX_DISTANCE


def enrol(enrolment: Enrolment | None, descriptor: Descriptor) -> Enrolment:
    """The enrolment with an exact (128,) descriptor added to its mean; unchanged if it is another person's."""
    if enrolment is None:
        return Enrolment(np.asarray(descriptor, np.float64), 1)
    if distance(descriptor, enrolment.mean) > SAME_PERSON_MAX_DISTANCE:
        return enrolment
    count = enrolment.frame_count
    return Enrolment((enrolment.mean * count + descriptor) / (count + 1), count + 1)
