"""The fast search's results against the exact ones, on the same frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import ArrayLike

from ai_models import blink, posture
from ai_models.identity import Descriptor, distance
from ai_models.landmarks import Face
from ai_models.posture import ContractMeasures, Verdict
from ai_models.vision import weights
from ai_models.vision.descriptor import Network, describe_face
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from benchmarks import frames, pipelines, plain
from benchmarks.figures import Target, number, summary, with_progress
from benchmarks.frames import FrameSequence
from benchmarks.report import Table
from detections.analysis import mean_baseline
from detections.calibration import CALIBRATION_FRAMES

NETWORK_CHECKS = 40  # frames, about, on which the two networks are compared
CONVERSIONS = (None, cv2.COLOR_RGB2GRAY)
HALVINGS = (cv2.INTER_LINEAR, cv2.INTER_AREA)


class Reading:
    """The results of one way of searching in a frame with a face."""

    def __init__(self, image: Image, face: Face, network: Network) -> None:
        self.face = face
        self.measures: ContractMeasures = posture.measure(face.points)
        self.eye_aspect_ratio = blink.eye_aspect_ratio(face.points)
        self.descriptor = describe_face(image, face, network)


@dataclass(frozen=True, slots=True)
class Pair:
    """A frame searched both ways. is_missed_at_half_size: some way of halving it hides the face from dlib."""

    fast: Reading | None
    exact: Reading | None
    is_missed_at_half_size: bool

    @property
    def has_same_face(self) -> bool:
        if self.fast is None or self.exact is None:
            return self.fast is self.exact
        same_points = np.array_equal(self.fast.face.points, self.exact.face.points)
        return self.fast.face.box == self.exact.face.box and same_points


@dataclass(frozen=True, slots=True)
class Agreement:
    """All frames; the verdicts (fast, exact) of the sequences with enough faces; the networks' largest difference."""

    pairs: list[Pair]
    verdicts: list[tuple[Verdict, Verdict]]
    network_difference: float

    @property
    def both(self) -> list[tuple[Reading, Reading]]:
        return [(pair.fast, pair.exact) for pair in self.pairs if pair.fast and pair.exact]

    @property
    def width_changes(self) -> list[float]:
        """Differences of the face's width, in percent."""
        return [100 * abs(fast.measures.face_x / exact.measures.face_x - 1) for fast, exact in self.both]

    @property
    def verdict_percent(self) -> float:
        return _percent([fast == exact for fast, exact in self.verdicts])

    @property
    def lost(self) -> int:
        return sum(pair.fast is None and pair.exact is not None for pair in self.pairs)

    @property
    def missed_at_half_size(self) -> list[bool]:
        """For each frame missed at half size: are the two results identical?"""
        return [pair.has_same_face for pair in self.pairs if pair.is_missed_at_half_size]


def compare(sequences: Sequence[FrameSequence], network: Network) -> Agreement:
    step = max(1, frames.total(sequences) // NETWORK_CHECKS)
    pairs: list[Pair] = []
    verdicts: list[tuple[Verdict, Verdict]] = []
    differences = []
    for sequence in with_progress(sequences, "agreement", "sequence"):
        first = len(pairs)
        for data in sequence.frames:
            image = pipelines.decode(data)
            found = find_face(image), find_face(image, exact=True)
            fast, exact = (Reading(image, face, network) if face else None for face in found)
            if len(pairs) % step == 0 and fast:
                differences.append(np.abs(describe_face(image, fast.face, _dlib) - fast.descriptor).max())
            pairs.append(Pair(fast, exact, _is_missed_at_half_size(image)))
        verdicts += _verdicts(pairs[first:])
    return Agreement(pairs, verdicts, float(max(differences, default=np.nan)))


def table(title: str, agreement: Agreement) -> Table:
    pairs, both, missed = agreement.pairs, agreement.both, agreement.missed_at_half_size
    gained = sum(pair.exact is None and pair.fast is not None for pair in pairs)
    ratios = [(fast.eye_aspect_ratio, exact.eye_aspect_ratio) for fast, exact in both]
    distances = [distance(fast.descriptor, exact.descriptor) for fast, exact in both]
    same_face = _percent([pair.has_same_face for pair in pairs if pair.fast and pair.exact])
    same_eyes = _percent([blink.is_closed(fast) == blink.is_closed(exact) for fast, exact in ratios])
    bad = _percent([not exact.is_good for _, exact in agreement.verdicts])
    rows: dict[str, object] = {
        "frames": len(pairs),
        "with a face for both, lost by fast, gained by fast": f"{len(both)}, {agreement.lost}, {gained}",
        "box and landmarks identical": f"{same_face:.1f} %",
        "face width differs by, median and 95th percentile": _typical(agreement.width_changes, " %", 2),
        "eye aspect ratio differs by, median and 95th percentile": _typical([abs(a - b) for a, b in ratios], "", 4),
        "posture verdict agrees": f"{agreement.verdict_percent:.1f} % of {len(agreement.verdicts)}",
        "bad posture by the exact path": f"{bad:.1f} %",
        "closed-eye verdict agrees": f"{same_eyes:.1f} %",
        "descriptor distance, median and 95th percentile": _typical(distances, "", 4),
        "descriptor distance, largest": number(max(distances, default=np.nan), 4),
        "a half-size detection misses the face: identical of frames": f"{sum(missed)} of {len(missed)}",
        "ONNX Runtime's descriptor differs from dlib's, largest": f"{agreement.network_difference:.1e}",
    }
    return Table(title, ("fast against exact", ""), list(rows.items()))


def targets(agreement: Agreement) -> list[Target]:
    missed, width = agreement.missed_at_half_size, summary(agreement.width_changes).p95
    difference = agreement.network_difference
    return [
        Target("posture verdicts that agree", 99, agreement.verdict_percent, " %", at_least=True),
        Target("face width, 95th percentile", 1.5, width, " %"),
        Target("faces lost by the fast search", 0, agreement.lost),
        Target("half size finds nothing, yet not identical to exact", 0, len(missed) - sum(missed)),
        Target("ONNX Runtime's descriptor against dlib's, largest difference", 1e-5, difference),
    ]


def _dlib(chip: Image) -> Descriptor:
    return np.array(weights.descriptor_network().compute_face_descriptor(chip), np.float32)


def _is_missed_at_half_size(image: Image) -> bool:
    """True if dlib finds nothing at half size in colour or grey, by either interpolation."""
    for conversion, halving in product(CONVERSIONS, HALVINGS):
        picture = image if conversion is None else cv2.cvtColor(image, conversion)
        if not plain.frontal_detector()(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=halving), 0):
            return True
    return False


def _verdicts(pairs: Sequence[Pair]) -> list[tuple[Verdict, Verdict]]:
    """Fast and exact for each frame of a sequence, each against its own baseline; none if too few show a face."""
    ways = [pair.fast for pair in pairs if pair.fast], [pair.exact for pair in pairs if pair.exact]
    if min(map(len, ways)) < CALIBRATION_FRAMES:
        return []
    fast, exact = (mean_baseline([reading.measures for reading in way[:CALIBRATION_FRAMES]]) for way in ways)
    both = [(pair.fast.measures, pair.exact.measures) for pair in pairs if pair.fast and pair.exact]
    return [(posture.judge(one, fast), posture.judge(other, exact)) for one, other in both]


def _percent(agrees: Sequence[bool]) -> float:
    return 100 * sum(agrees) / len(agrees) if agrees else np.nan


def _typical(values: ArrayLike, unit: str, digits: int) -> str:
    found = summary(values)
    return f"{number(found.median, digits)}{unit}, {number(found.p95, digits)}{unit}"
