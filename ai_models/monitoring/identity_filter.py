"""Who is there, decided over several frames with two thresholds."""

from dataclasses import dataclass
from typing import Literal

from ai_models.identity import SAME_PERSON_MAX_DISTANCE

OWNER_MAX_DISTANCE = 0.40
STRANGER_MIN_DISTANCE = 0.50
DECISIVE_DISTANCES = (OWNER_MAX_DISTANCE, SAME_PERSON_MAX_DISTANCE, STRANGER_MIN_DISTANCE)
VOTES = 5
VOTES_NEEDED = 3  # of VOTES

IdentityState = Literal["unknown", "owner", "other", "uncertain"]


@dataclass(frozen=True, slots=True)
class IdentityFilter:
    """Who is there, by the last distances to the enrolled mean; between the thresholds, the majority decides."""

    state: IdentityState = "unknown"
    distances: tuple[float, ...] = ()

    def with_distance(self, distance: float) -> "IdentityFilter":
        """The filter after one more distance."""
        distances = (*self.distances, round(distance, 3))[-VOTES:]
        return IdentityFilter(_decide(distances), distances)


def _decide(distances: tuple[float, ...]) -> IdentityState:
    last = distances[-1]
    if last <= OWNER_MAX_DISTANCE:
        return "owner"
    if last >= STRANGER_MIN_DISTANCE:
        return "other"
    matches = sum(distance <= SAME_PERSON_MAX_DISTANCE for distance in distances)
    if matches >= VOTES_NEEDED:
        return "owner"
    return "other" if len(distances) - matches >= VOTES_NEEDED else "uncertain"
