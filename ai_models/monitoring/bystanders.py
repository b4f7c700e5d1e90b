"""The faces beside the user's: people, and fixtures such as a picture on the wall.

A fixture was there from the start and has not moved since; it is neither somebody behind the user nor a sitter when
they leave. What moves, or comes later, is a person.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from ai_models.landmarks import Box

PICTURE_WIDTH = 1000  # of the pictures that bystanders' boxes are in, whatever the camera's resolution
FROM_START_S = 10.0  # since the first count
FIXTURE_AFTER_S = 5.0
FIXTURE_COUNTS = 3
PERSON_COUNTS = 2  # in a row: a single one may be a mistake
# The detector's grid shifts a still face by an eighth of its width, and its sizes are a factor of 1.2 apart.
STILL = 0.3  # face widths
STILL_SIZE = 1.45
SAME = 0.75  # face widths between two counts
MAX_BYSTANDERS = 6


class Bystander(Struct, frozen=True):
    """A face beside the user's. box: where it was first seen. counts: in which it was seen, in a row."""

    box: Box
    place: Box
    first_at_s: float
    last_at_s: float
    is_from_start: bool
    counts: int = 1
    has_moved: bool = False
    is_here: bool = True

    @property
    def is_fixture(self) -> bool:
        return (
            self.may_be_fixture
            and self.counts >= FIXTURE_COUNTS
            and self.last_at_s - self.first_at_s >= FIXTURE_AFTER_S
        )

    @property
    def may_be_fixture(self) -> bool:
        """True if this is a fixture, or time will tell."""
        return self.is_from_start and not self.has_moved

    @property
    def is_person(self) -> bool:
        """True if there is somebody now."""
        return self.is_here and not self.may_be_fixture and self.counts >= PERSON_COUNTS

    @property
    def is_undecided(self) -> bool:
        """True if there is somebody or something now, and the next count will say more."""
        return self.is_here and not self.is_fixture


Bystanders = tuple[Bystander, ...]


def scaled(box: Box, picture_width: int) -> Box:
    """A box in a picture of this width, as the boxes of bystanders are."""
    return box.scaled(PICTURE_WIDTH / picture_width)


def after_count(known: Bystanders, boxes: Sequence[Box], at_s: float, *, is_start: bool) -> Bystanders:
    """The bystanders after a count that found these boxes. is_start: the session, or its calibration, begins."""
    waiting = list(boxes)
    after: list[Bystander] = []
    for bystander in known:
        box = min(waiting, key=lambda box: _distance(bystander.place, box), default=None)
        if box is not None and _distance(bystander.place, box) <= SAME:
            waiting.remove(box)
            after.append(_seen(bystander, box, at_s))
        elif bystander.may_be_fixture:  # the user may be in front of it
            after.append(replace(bystander, is_here=False))
    after += [Bystander(box, box, at_s, at_s, is_start) for box in waiting]
    return tuple(after[:MAX_BYSTANDERS])


def is_at_fixture(bystanders: Bystanders, box: Box) -> bool:
    """True if a face at this place is a fixture."""
    return any(bystander.is_fixture and _is_still(bystander.box, box) for bystander in bystanders)


def _seen(bystander: Bystander, box: Box, at_s: float) -> Bystander:
    has_moved = bystander.has_moved or not _is_still(bystander.box, box)
    return replace(bystander, place=box, last_at_s=at_s, counts=bystander.counts + 1, has_moved=has_moved, is_here=True)


def _is_still(before: Box, now: Box) -> bool:
    sizes = sorted((_width(before), _width(now)))
    return _distance(before, now) <= STILL and sizes[1] <= STILL_SIZE * sizes[0]


def _distance(one: Box, other: Box) -> float:
    """Between the middles of two boxes, in widths of the larger one, along the axis on which it is larger."""
    right, down = one.left + one.right - other.left - other.right, one.top + one.bottom - other.top - other.bottom
    return max(abs(right), abs(down)) / 2 / max(_width(one), _width(other))


def _width(box: Box) -> int:
    return box.right - box.left + 1
