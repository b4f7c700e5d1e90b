"""A session's calibration: collects good frames of good posture, whose medians become the baseline."""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from ai_models.measures import FaceMeasures
from ai_models.quality import Hint

FRAMES_NEEDED = 8
MAX_FRAMES = 15  # of which the steadiest are used
MIN_FACE_PX = 100.0  # below it, landmarks jitter by more than the margins allow
GOOD_FACE_PX = 150.0
# The camera may stand beside the screen: people in the clips look at theirs at up to 20 degrees.
MAX_YAW_DEG = 30.0
# Open eyes measure 0.25 and more in nine of ten portraits, shut ones under 0.2; but so do the open eyes of one in 31
# East Asian people, and of one in 55 others. So under this ratio eyes may be either: if they stay like that for eight
# seconds they are taken for open, and if they then open wider they were not.
NARROW_RATIO = 0.18
NARROW_FRAMES = 16
CLOSED_SHARE = 0.75  # of the median open-eye ratio so far
# Measured on webcam clips of people sitting still: width 1.4 %, position 2 % of the width, roll 0.4 degrees.
STEADY_WIDTH = 0.04
STEADY_POSITION = 0.08  # face widths
STEADY_ROLL_DEG = 3.0
MOVES_IN_A_ROW = 3  # after which collection restarts at the new position


class Baseline(Struct, frozen=True):
    """Good posture in front of one camera, from one frame or as medians: as in FaceMeasures; quality is 0 to 1.

    shape: the picture's width over its height; None if an earlier release did not keep it. source: the landmarks'
    model, empty for this service's own. outline: the face's, packed, in the last frame of the calibration; None
    likewise.
    """

    width: float
    x: float
    y: float
    roll_deg: float
    yaw_deg: float
    pitch_deg: float
    open_ratio: float
    quality: float
    shape: float | None = None
    source: str = ""
    outline: bytes | None = None


MEDIANS = ("width", "x", "y", "roll_deg", "yaw_deg", "pitch_deg", "open_ratio", "quality")


class Calibration(Struct, frozen=True):
    """The samples collected so far, and why the last frame did not count."""

    samples: tuple[Baseline, ...] = ()
    hints: tuple[Hint, ...] = ()
    moves: int = 0  # consecutive frames rejected only because the person moved
    narrow: int = 0  # good frames whose eyes are narrow or shut

    @property
    def frames(self) -> int:
        return min(len(self.samples), FRAMES_NEEDED)

    def with_frame(
        self, measures: FaceMeasures | None, unseen: Hint | None = None, *, has_company: bool = False
    ) -> "Calibration":
        """The calibration after one more frame. A frame that is not good enough only leaves its hints.

        unseen: why there is no face, if that is known.
        """
        hints = hints_of(measures, has_company=has_company) if measures else (unseen or "no_face",)
        if measures is None or hints:
            return replace(self, hints=hints, moves=0)
        sample = _sample(measures)
        if self.samples and sample.shape != self.samples[-1].shape:
            return Calibration().with_frame(measures, unseen, has_company=has_company)  # of that picture alone
        if not self._shows_open_eyes(sample.open_ratio):
            return self._with_narrow_eyes(sample)
        if self.samples and sample.open_ratio * CLOSED_SHARE > median(known.open_ratio for known in self.samples):
            return Calibration((sample,))  # the eyes were not open before
        if self.samples and not _is_near(sample, _medians(self.samples)):
            moved = replace(self, hints=("hold_still",), moves=self.moves + 1)
            return moved if moved.moves < MOVES_IN_A_ROW else Calibration((sample,), ("hold_still",))
        return Calibration((*self.samples, sample)[-MAX_FRAMES:], ())

    def _shows_open_eyes(self, ratio: float) -> bool:
        if not self.samples:
            return ratio >= NARROW_RATIO
        return ratio >= CLOSED_SHARE * median(sample.open_ratio for sample in self.samples)

    def _with_narrow_eyes(self, sample: Baseline) -> "Calibration":
        """The calibration after a good frame with narrow or shut eyes: no sample, until it has been so for long."""
        if self.samples:  # this person's eyes can be wider
            return replace(self, hints=("open_your_eyes",), moves=0)
        if self.narrow + 1 < NARROW_FRAMES:
            return replace(self, hints=("open_your_eyes",), moves=0, narrow=self.narrow + 1)
        return Calibration((sample,), ())

    def baseline(self) -> Baseline | None:
        """The medians over the steady frames; None until there are enough."""
        if len(self.samples) < FRAMES_NEEDED:
            return None
        middle = _medians(self.samples)
        steady = [sample for sample in self.samples if _is_near(sample, middle)]
        if len(steady) < FRAMES_NEEDED:
            if len(self.samples) < MAX_FRAMES:
                return None
            steady = sorted(self.samples, key=lambda sample: _distance(sample, middle))[:FRAMES_NEEDED]
        return _baseline(steady)


def hints_of(measures: FaceMeasures, *, has_company: bool) -> tuple[Hint, ...]:
    """What is wrong with a frame for calibration, what to change first first."""
    hints: list[Hint] = []
    if has_company:
        hints.append("more_than_one_face")
    if measures.width_px < MIN_FACE_PX:
        hints.append("face_too_small")
    if measures.quality is not None and measures.quality.problem:
        hints.append(measures.quality.problem)
    if abs(measures.yaw_deg) > MAX_YAW_DEG:
        hints.append("look_ahead")
    elif not measures.eye_aspect_ratio > 0:  # nor NaN
        hints.append("open_your_eyes")
    return tuple(hints)


def _sample(measures: FaceMeasures) -> Baseline:
    return Baseline(
        width=measures.width,
        x=measures.x,
        y=measures.y,
        roll_deg=measures.roll_deg,
        yaw_deg=measures.yaw_deg,
        pitch_deg=measures.pitch_deg,
        open_ratio=measures.eye_aspect_ratio,
        shape=measures.shape,
        source=measures.source,
        quality=min(1.0, measures.width_px / GOOD_FACE_PX) * (measures.quality.score if measures.quality else 1.0),
    )


def _medians(samples: Sequence[Baseline]) -> Baseline:
    numbers = {name: median(getattr(sample, name) for sample in samples) for name in MEDIANS}
    return Baseline(**numbers, shape=samples[-1].shape, source=samples[-1].source)


def _is_near(sample: Baseline, middle: Baseline) -> bool:
    return _distance(sample, middle) <= 1.0


def _distance(sample: Baseline, middle: Baseline) -> float:
    """How far two samples are apart; 1 is the limit of steady."""
    return max(
        abs(sample.width / middle.width - 1) / STEADY_WIDTH,
        abs(sample.x - middle.x) / middle.width / STEADY_POSITION,
        abs(sample.y - middle.y) / middle.width / STEADY_POSITION,
        abs(sample.roll_deg - middle.roll_deg) / STEADY_ROLL_DEG,
    )


def _baseline(steady: Sequence[Baseline]) -> Baseline:
    middle = _medians(steady)
    unsteadiness = sum(_distance(sample, middle) for sample in steady) / len(steady)
    return replace(middle, quality=round(middle.quality * max(0.0, 1 - unsteadiness / 2), 3))
