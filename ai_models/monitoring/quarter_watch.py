"""The quarter hour that a session is in: what had been counted when it began, and how far posture went since."""

from msgspec import Struct

from ai_models.monitoring.posture_filter import Sample


class QuarterCounts(Struct, frozen=True):
    """Seconds and counts, of a quarter hour or up to its start. closer_s, lower_s and tilted_s are parts of bad_s.

    They overlap where posture was wrong in two ways. watched_s: in bursts; blinks: in those. neck: episodes of bad
    posture that lasted for the time set. rests: breaks of a minute or more that ended in it.
    """

    desk_s: float = 0.0
    good_s: float = 0.0
    bad_s: float = 0.0
    closer_s: float = 0.0
    lower_s: float = 0.0
    tilted_s: float = 0.0
    watched_s: float = 0.0
    blinks: int = 0
    rests: int = 0
    neck: int = 0

    def __sub__(self, before: "QuarterCounts") -> "QuarterCounts":
        return QuarterCounts(*(getattr(self, name) - getattr(before, name) for name in COUNTED))


COUNTED = QuarterCounts.__struct_fields__
NOT_MOVED = Sample(0.0, 0.0, 0.0)


class Quarter(Struct, frozen=True):
    """A quarter hour that is over. worst: how far posture went in each direction, 1 is at the limit; see shares().

    outline: of the first frame in it whose posture was judged; None if none was.
    """

    starts_at_s: float
    counts: QuarterCounts
    worst: Sample
    outline: bytes | None


class QuarterWatch(Struct, frozen=True):
    """The quarter hour that is going on; starts_at_s: None before the first frame."""

    starts_at_s: float | None = None
    before: QuarterCounts = QuarterCounts()
    worst: Sample = NOT_MOVED
    outline: bytes | None = None
