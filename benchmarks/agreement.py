"""The fast search's answers against the exact ones, on the same frames."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from ai_models import blink, posture
from ai_models.identity import Descriptor, distance
from ai_models.landmarks import Face
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline, ContractMeasures, Verdict
from ai_models.vision import weights
from ai_models.vision.descriptor import Network, describe_face
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from benchmarks import ours, plain
from benchmarks.frames import FrameSequence
from benchmarks.stats import Bar, Progress, number, summary
from detections.analysis import mean_baseline
from detections.services import CALIBRATION_FRAMES
from evaluation.tables import Table

CONVERSIONS = (None, cv2.COLOR_RGB2GRAY)
HALVINGS = (cv2.INTER_LINEAR, cv2.INTER_AREA)


@dataclass(frozen=True, slots=True)
class Path:
    """What one way of searching tells of a frame with a face."""

    face: Face
    measures: ContractMeasures
    eye_aspect_ratio: float
    descriptor: Descriptor


@dataclass(frozen=True, slots=True)
class Pair:
    """One frame, searched both ways; whether any detection at half size misses the face; the networks' difference."""

    fast: Path | None
    exact: Path | None
    is_missed_at_half_size: bool
    network_difference: float | None = None

    @property
    def is_identical(self) -> bool:
        if self.fast is None or self.exact is None:
            return self.fast is self.exact
        return _is_same(self.fast.face, self.exact.face) and np.array_equal(self.fast.descriptor, self.exact.descriptor)


@dataclass(frozen=True, slots=True)
class Agreement:
    """All frames, and of the sequences with enough faces each frame's verdicts, fast and exact."""

    pairs: list[Pair]
    verdicts: list[tuple[Verdict, Verdict]]

    @property
    def both(self) -> list[tuple[Path, Path]]:
        return [(pair.fast, pair.exact) for pair in self.pairs if pair.fast and pair.exact]

    @property
    def missed_at_half_size(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.is_missed_at_half_size]

    @property
    def width_p95(self) -> float:
        return 100 * summary(self.width_changes).p95

    @property
    def width_changes(self) -> list[float]:
        return [abs(fast.measures.face_x / exact.measures.face_x - 1) for fast, exact in self.both]

    @property
    def verdict_share(self) -> float:
        return _share(fast == exact for fast, exact in self.verdicts)

    @property
    def lost(self) -> int:
        return sum(pair.fast is None and pair.exact is not None for pair in self.pairs)


def compare(
    sequences: Sequence[FrameSequence], network: Network, progress: Progress, network_checks: int = 40
) -> Agreement:
    """Both searches on every frame; the two networks on about so many frames."""
    count = sum(len(each.frames) for each in sequences)
    every = max(1, count // network_checks)
    pairs: list[Pair] = []
    verdicts: list[tuple[Verdict, Verdict]] = []
    for each in sequences:
        sequence: list[Pair] = []
        for data in each.frames:
            check_network = (len(pairs) + len(sequence)) % every == 0
            sequence.append(_pair(ours.decode(data), network, check_network=check_network))
            progress.update()
        pairs += sequence
        verdicts += _verdicts(sequence)
    return Agreement(pairs, verdicts)


def table(title: str, agreement: Agreement) -> Table:
    both = agreement.both
    ratios = [abs(fast.eye_aspect_ratio - exact.eye_aspect_ratio) for fast, exact in both]
    distances = [distance(fast.descriptor, exact.descriptor) for fast, exact in both]
    closed = _share(
        blink.is_closed(fast.eye_aspect_ratio) == blink.is_closed(exact.eye_aspect_ratio) for fast, exact in both
    )
    missed = agreement.missed_at_half_size
    pairs = agreement.pairs
    networks = [pair.network_difference for pair in pairs if pair.network_difference is not None]
    gained = sum(pair.exact is None and pair.fast is not None for pair in pairs)
    rows = [
        ["frames", str(len(pairs))],
        ["with a face for both, lost by fast, gained by fast", f"{len(both)}, {agreement.lost}, {gained}"],
        ["box and landmarks identical", _percent(_share(_is_same(fast.face, exact.face) for fast, exact in both))],
        [
            "face width differs by, median and 95th percentile",
            _two([100 * each for each in agreement.width_changes], " %"),
        ],
        ["eye aspect ratio differs by, median and 95th percentile", _two(ratios, "", 4)],
        ["posture verdict agrees", f"{_percent(agreement.verdict_share)} of {len(agreement.verdicts)}"],
        ["bad posture by the exact path", _percent(_share(not exact.is_good for _, exact in agreement.verdicts))],
        ["closed-eye verdict agrees", _percent(closed)],
        ["descriptor distance, median and 95th percentile", _two(distances, "", 4)],
        ["descriptor distance, largest", number(max(distances, default=float("nan")), 4)],
        ["a half-size detection misses the face: identical of frames", f"{_identical(missed)} of {len(missed)}"],
        ["ONNX Runtime's descriptor differs from dlib's, largest", f"{max(networks, default=float('nan')):.1e}"],
    ]
    return Table(title, ("fast against exact", ""), rows)


def bars(agreement: Agreement) -> list[Bar]:
    missed = agreement.missed_at_half_size
    networks = [pair.network_difference for pair in agreement.pairs if pair.network_difference is not None]
    return [
        Bar("posture verdicts that agree", 99, 100 * agreement.verdict_share, " %", at_least=True),
        Bar("face width, 95th percentile", 1.5, agreement.width_p95, " %"),
        Bar("faces lost by the fast search", 0, agreement.lost),
        Bar("half size finds nothing, yet not identical to exact", 0, len(missed) - _identical(missed)),
        Bar("ONNX Runtime's descriptor against dlib's, largest difference", 1e-5, max(networks, default=float("nan"))),
    ]


def _pair(image: Image, network: Network, *, check_network: bool) -> Pair:
    fast, exact = find_face(image), find_face(image, exact=True)
    fast_path, exact_path = (_path(image, face, network) for face in (fast, exact))
    missed = _is_missed_at_half_size(image)
    difference = None
    if check_network and fast and fast_path:
        dlibs = describe_face(image, fast, _dlib_network)
        difference = float(np.abs(dlibs - fast_path.descriptor).max())
    return Pair(fast_path, exact_path, missed, difference)


def _path(image: Image, face: Face | None, network: Network) -> Path | None:
    if face is None:
        return None
    measures, ratio = posture.measure(face.points), eye_aspect_ratio(face.points)
    return Path(face, measures, ratio, describe_face(image, face, network))


def _dlib_network(chip: Image) -> Descriptor:
    return np.array(weights.descriptor_network().compute_face_descriptor(chip), np.float32)


def _is_missed_at_half_size(image: Image) -> bool:
    """Whether dlib finds nothing at half size, in colour or grey, however the picture is halved."""
    for conversion, halving in product(CONVERSIONS, HALVINGS):
        picture = image if conversion is None else cv2.cvtColor(image, conversion)
        if not plain.frontal_detector()(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=halving), 0):
            return True
    return False


def _verdicts(sequence: Sequence[Pair]) -> list[tuple[Verdict, Verdict]]:
    """The verdicts on each frame of a sequence, fast and exact, each against its own baseline."""
    fast_baseline, exact_baseline = (
        _baseline([pair.fast for pair in sequence]),
        _baseline([pair.exact for pair in sequence]),
    )
    if fast_baseline is None or exact_baseline is None:
        return []
    both = [(pair.fast, pair.exact) for pair in sequence if pair.fast and pair.exact]
    return [
        (posture.judge(fast.measures, fast_baseline), posture.judge(exact.measures, exact_baseline))
        for fast, exact in both
    ]


def _baseline(paths: Sequence[Path | None]) -> ContractBaseline | None:
    measures = [path.measures for path in paths if path][:CALIBRATION_FRAMES]
    return mean_baseline(measures) if len(measures) == CALIBRATION_FRAMES else None


def _is_same(face: Face, other: Face) -> bool:
    return face.box == other.box and np.array_equal(face.points, other.points)


def _identical(pairs: Sequence[Pair]) -> int:
    return sum(pair.is_identical for pair in pairs)


def _share(agrees: Iterable[bool]) -> float:
    values = list(agrees)
    return sum(values) / len(values) if values else float("nan")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _two(values: Sequence[float], unit: str, digits: int = 2) -> str:
    told = summary(values)
    return f"{number(told.median, digits)}{unit}, {number(told.p95, digits)}{unit}"
