"""The fast search's results against the exact ones, on the same frames."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import ArrayLike

from ai_models import blink, posture
from ai_models.identity import distance
from ai_models.landmarks import Face
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import Verdict
from ai_models.vision import weights
from ai_models.vision.backend import Backend
from ai_models.vision.descriptor import Network, describe_face, face_chip
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from benchmarks import frames, plain
from benchmarks.client import CALIBRATION_FRAMES
from benchmarks.figures import Target, number, summary, with_progress
from benchmarks.frames import FrameSequence
from benchmarks.report import Table
from detections.analysis import mean_baseline

NETWORK_CHECKS = 40  # frames, about, on which the two networks are compared
CONVERSIONS = (None, cv2.COLOR_RGB2GRAY)
HALVINGS = (cv2.INTER_LINEAR, cv2.INTER_AREA)


class Reading:
    """The results of one way of searching in a frame with a face."""

    def __init__(self, image: Image, face: Face, network: Network) -> None:
        self.face, self.measures = face, posture.measure(face.points)
        self.eye_aspect_ratio = eye_aspect_ratio(face.points)
        self.descriptor = describe_face(image, face, network)


@dataclass(frozen=True, slots=True)
class Pair:
    """A frame searched both ways. is_missed_at_half_size: some way of halving it hides the face from dlib."""

    fast: Reading | None
    exact: Reading | None
    is_missed_at_half_size: bool

    @property
    def is_identical(self) -> bool:
        if self.fast is None or self.exact is None:
            return self.fast is self.exact
        one, other = self.fast.face, self.exact.face
        return one.box == other.box and np.array_equal(one.points, other.points)


def compare(
    title: str, sequences: Sequence[FrameSequence], network: Network, backend: Backend
) -> tuple[Table, list[Target]]:
    """The agreement on frames, verdicts of each sequence, and the largest difference of the two networks."""
    step = max(1, frames.total(sequences) // NETWORK_CHECKS)
    pairs: list[Pair] = []
    verdicts: list[tuple[Verdict, Verdict]] = []
    differences = []
    for sequence in with_progress(sequences, title.lower(), "sequence"):
        first = len(pairs)
        for data in sequence.frames:
            image = plain.decode(data)
            found = find_face(image, backend=backend), find_face(image, exact=True)
            fast, exact = (Reading(image, face, network) if face else None for face in found)
            if len(pairs) % step == 0 and fast:
                by_dlib = weights.descriptor_network().compute_face_descriptor(face_chip(image, fast.face))
                differences.append(np.abs(np.array(by_dlib) - fast.descriptor).max())
            pairs.append(Pair(fast, exact, _is_missed_at_half_size(image)))
        verdicts += _verdicts(pairs[first:])
    return _results(title, pairs, verdicts, float(max(differences, default=np.nan)))


def _results(
    title: str, pairs: Sequence[Pair], verdicts: Sequence[tuple[Verdict, Verdict]], network_difference: float
) -> tuple[Table, list[Target]]:
    both = [(pair.fast, pair.exact) for pair in pairs if pair.fast and pair.exact]
    lost = sum(pair.fast is None and pair.exact is not None for pair in pairs)
    gained = sum(pair.exact is None and pair.fast is not None for pair in pairs)
    widths = [100 * abs(fast.measures.face_x / exact.measures.face_x - 1) for fast, exact in both]
    ratios = [(fast.eye_aspect_ratio, exact.eye_aspect_ratio) for fast, exact in both]
    distances = [distance(fast.descriptor, exact.descriptor) for fast, exact in both]
    identical = [pair.is_identical for pair in pairs if pair.fast and pair.exact]
    agreeing = _percent(fast == exact for fast, exact in verdicts)
    missed = [pair.is_identical for pair in pairs if pair.is_missed_at_half_size]
    rows: dict[str, str] = {
        "frames": str(len(pairs)),
        "with a face for both, lost by fast, gained by fast": f"{len(both)}, {lost}, {gained}",
        "box and landmarks identical": f"{_percent(identical):.1f} %",
        "face width differs by, median and 95th percentile": _typical(widths, " %", 2),
        "eye aspect ratio differs by, median and 95th percentile": _typical([abs(a - b) for a, b in ratios], "", 4),
        "posture verdict agrees": f"{agreeing:.1f} % of {len(verdicts)}",
        "bad posture by the exact path": f"{_percent(not exact.is_good for _, exact in verdicts):.1f} %",
        "closed-eye verdict agrees": f"{_percent(blink.is_closed(a) == blink.is_closed(b) for a, b in ratios):.1f} %",
        "descriptor distance, median and 95th percentile": _typical(distances, "", 4),
        "descriptor distance, largest": number(max(distances, default=np.nan), 4),
        "a half-size detection misses the face: identical of frames": f"{sum(missed)} of {len(missed)}",
        "ONNX Runtime's descriptor differs from dlib's, largest": f"{network_difference:.1e}",
    }
    return Table(title, ("fast against exact", ""), list(rows.items())), [
        Target(f"{title}: posture verdicts that agree", 99, agreeing, " %", at_least=True),
        Target(f"{title}: face width, 95th percentile", 1.5, summary(widths).p95, " %"),
        Target(f"{title}: faces lost by the fast search", 0, lost),
        Target(f"{title}: half size finds nothing, yet not identical to exact", 0, len(missed) - sum(missed)),
        Target(f"{title}: ONNX Runtime's descriptor against dlib's, largest difference", 1e-5, network_difference),
    ]


def _is_missed_at_half_size(image: Image) -> bool:
    """True if dlib finds nothing at half size in colour or grey, by either interpolation."""
    for conversion, halving in product(CONVERSIONS, HALVINGS):
        picture = image if conversion is None else cv2.cvtColor(image, conversion)
        if not plain.frontal_detector()(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=halving), 0):
            return True
    return False


def _verdicts(pairs: Sequence[Pair]) -> Iterator[tuple[Verdict, Verdict]]:
    """Fast and exact for each frame of a sequence, each against its own baseline; none if too few show a face."""
    both = [(pair.fast.measures, pair.exact.measures) for pair in pairs if pair.fast and pair.exact]
    if len(both) >= CALIBRATION_FRAMES:
        fast, exact = map(mean_baseline, zip(*both[:CALIBRATION_FRAMES], strict=True))
        for one, other in both:
            yield posture.judge(one, fast), posture.judge(other, exact)


def _percent(agrees: Iterable[bool]) -> float:
    return 100 * float(np.mean(values)) if (values := list(agrees)) else np.nan


def _typical(values: ArrayLike, unit: str, digits: int) -> str:
    found = summary(values)
    return f"{number(found.median, digits)}{unit}, {number(found.p95, digits)}{unit}"
