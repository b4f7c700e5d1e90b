"""Face ID: whether a face descriptor is the enrolled user's. A convenience, never a login: a photograph passes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Descriptor = NDArray[np.floating]  # (128,)

DESCRIPTOR_LENGTH = 128
IdentityState = Literal["unknown", "owner", "other", "uncertain"]

SAME_PERSON_WITHIN = 0.45  # Euclidean, the version-1 contract's threshold; dlib's own documentation advises 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """A user's mean descriptor, (128,) float64, and how many frames it is the mean of."""

    mean: NDArray[np.float64]
    frame_count: int


def distance(descriptor: Descriptor, other: Descriptor) -> float:
    """The Euclidean distance of two (128,) descriptors; about 0 for one picture, 0.6 between strangers."""
    return float(np.linalg.norm(np.asarray(descriptor, np.float64) - other))


def is_owner(enrolment: Enrolment, descriptor: Descriptor) -> bool:
    """Whether a (128,) descriptor is the enrolled person's."""
    return distance(descriptor, enrolment.mean) <= SAME_PERSON_WITHIN


def enrol(enrolment: Enrolment | None, descriptor: Descriptor) -> Enrolment:
    """The enrolment with one more (128,) descriptor in its mean; unchanged where it is somebody else's."""
    if enrolment is None:
        return Enrolment(np.asarray(descriptor, np.float64), 1)
    if not is_owner(enrolment, descriptor):
        return enrolment
    count = enrolment.frame_count
    return Enrolment((enrolment.mean * count + descriptor) / (count + 1), count + 1)


# --- A session's: several looks, and two thresholds ---

SURELY_OWNER_WITHIN = 0.40
SURELY_OTHER_FROM = 0.50
LOOKS = 5
DECIDED_BY = 3  # of them


@dataclass(frozen=True, slots=True)
class IdentityFilter:
    """Who is there, by the last looks' distances to the enrolled mean; between the thresholds most of them decide."""

    state: IdentityState = "unknown"
    distances: tuple[float, ...] = ()

    def with_distance(self, distance: float) -> "IdentityFilter":
        """One look further."""
        distances = (*self.distances, round(distance, 3))[-LOOKS:]
        return IdentityFilter(_decided(distances), distances)


def _decided(distances: tuple[float, ...]) -> IdentityState:
    last = distances[-1]
    if last <= SURELY_OWNER_WITHIN:
        return "owner"
    if last >= SURELY_OTHER_FROM:
        return "other"
    near = sum(each <= SAME_PERSON_WITHIN for each in distances)
    if near >= DECIDED_BY:
        return "owner"
    return "other" if len(distances) - near >= DECIDED_BY else "uncertain"
