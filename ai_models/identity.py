"""Face ID: compares a face with the enrolled user's. A convenience, never a login: a photograph passes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Descriptor = NDArray[np.floating]  # (128,)

DESCRIPTOR_LENGTH = 128

SAME_PERSON_MAX_DISTANCE = 0.45  # Euclidean, the version-1 contract's threshold; dlib's own documentation advises 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """A user's mean descriptor, (128,) float64, and the number of frames it is the mean of."""

    mean: NDArray[np.float64]
    frame_count: int


def distance(descriptor: Descriptor, other: Descriptor) -> float:
    """The Euclidean distance of two (128,) descriptors: about 0 for the same picture, 0.6 between strangers."""
    return float(np.linalg.norm(np.asarray(descriptor, np.float64) - other))


def is_owner(enrolment: Enrolment, descriptor: Descriptor) -> bool:
    """True if a (128,) descriptor is the enrolled person's."""
    return distance(descriptor, enrolment.mean) <= SAME_PERSON_MAX_DISTANCE


def enrol(enrolment: Enrolment | None, descriptor: Descriptor) -> Enrolment:
    """The enrolment with a (128,) descriptor added to its mean; unchanged if it is another person's."""
    if enrolment is None:
        return Enrolment(np.asarray(descriptor, np.float64), 1)
    if not is_owner(enrolment, descriptor):
        return enrolment
    count = enrolment.frame_count
    return Enrolment((enrolment.mean * count + descriptor) / (count + 1), count + 1)
