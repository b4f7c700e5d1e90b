"""Who is there, over several frames and with two thresholds."""

from dataclasses import dataclass
from typing import Literal

from ai_models.identity import SAME_PERSON_MAX_DISTANCE

OWNER_MAX_DISTANCE = 0.40
STRANGER_MIN_DISTANCE = 0.50
VOTES = 5
VOTES_NEEDED = 3  # of them

IdentityState = Literal["unknown", "owner", "other", "uncertain"]


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
