"""Face ID: whether a face descriptor is the enrolled user's. A convenience, never a login: a photograph passes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Descriptor = NDArray[np.floating]  # (128,)

DESCRIPTOR_LENGTH = 128
IdentityState = Literal["unknown", "owner", "other", "uncertain"]

SAME_PERSON_MAX_DISTANCE = 0.45  # Euclidean, the version-1 contract's threshold; dlib's own documentation advises 0.6


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
    return distance(descriptor, enrolment.mean) <= SAME_PERSON_MAX_DISTANCE


def enrol(enrolment: Enrolment | None, descriptor: Descriptor) -> Enrolment:
    """The enrolment with one more (128,) descriptor in its mean; unchanged where it is somebody else's."""
    if enrolment is None:
        return Enrolment(np.asarray(descriptor, np.float64), 1)
    if not is_owner(enrolment, descriptor):
        return enrolment
    count = enrolment.frame_count
    return Enrolment((enrolment.mean * count + descriptor) / (count + 1), count + 1)


# --- A session's: several looks, and two thresholds ---

OWNER_MAX_DISTANCE = 0.40
STRANGER_MIN_DISTANCE = 0.50
VOTES = 5
VOTES_NEEDED = 3  # of them


@dataclass(frozen=True, slots=True)
class IdentityFilter:
    """Who is there, by the last looks' distances to the enrolled mean; between the thresholds most of them decide."""

    state: IdentityState = "unknown"
    distances: tuple[float, ...] = ()

    def with_distance(self, distance: float) -> "IdentityFilter":
        """One look further."""
        distances = (*self.distances, round(distance, 3))[-VOTES:]
        return IdentityFilter(_decided(distances), distances)


def _decided(distances: tuple[float, ...]) -> IdentityState:
    last = distances[-1]
    if last <= OWNER_MAX_DISTANCE:
        return "owner"
    if last >= STRANGER_MIN_DISTANCE:
        return "other"
    near = sum(each <= SAME_PERSON_MAX_DISTANCE for each in distances)
    if near >= VOTES_NEEDED:
        return "owner"
    return "other" if len(distances) - near >= VOTES_NEEDED else "uncertain"
