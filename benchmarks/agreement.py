"""The fast search's results against the exact ones, on the same frames."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
from tqdm import tqdm

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
from benchmarks import plain
from benchmarks.client import CALIBRATION_FRAMES
from benchmarks.frames import FrameSequence
from benchmarks.report import Report, Table, Target, number, stats
from detections.analysis import mean_baseline

HALVINGS = (cv2.INTER_LINEAR, cv2.INTER_AREA)


class Compared(NamedTuple):
    """A frame's face as both ways find it, the distance of the two descriptors, and that of the two networks' ones.

    is_missed: whether half a picture's size hides the face.
    """

    fast: Face | None
    exact: Face | None
    distance: float
    networks_distance: float
    is_missed: bool

    @property
    def is_identical(self) -> bool:
        if self.fast is None or self.exact is None:
            return self.fast is self.exact
        return self.fast.box == self.exact.box and np.array_equal(self.fast.points, self.exact.points)


def compare(report: Report, title: str, sequences: Sequence[FrameSequence], network: Network, backend: Backend) -> None:
    """Adds the agreement on frames, on verdicts of each sequence, and of the two networks."""
    frames: list[Compared] = []
    verdicts: list[tuple[Verdict, Verdict]] = []
    for sequence in tqdm(sequences, title.lower()):
        found = [_compared(plain.decode(data), network, backend) for data in sequence]
        frames += found
        verdicts += _verdicts(found)
    both = [(frame.fast.points, frame.exact.points) for frame in frames if frame.fast and frame.exact]
    identical = [frame.is_identical for frame in frames if frame.fast and frame.exact]
    missed = [frame.is_identical for frame in frames if frame.is_missed]
    lost = sum(frame.fast is None and frame.exact is not None for frame in frames)
    gained = sum(frame.exact is None and frame.fast is not None for frame in frames)
    widths = [100 * abs(posture.measure(a).face_x / posture.measure(b).face_x - 1) for a, b in both]
    ratios = [(eye_aspect_ratio(fast), eye_aspect_ratio(exact)) for fast, exact in both]
    distances = [frame.distance for frame in frames if frame.fast and frame.exact]
    agreeing = _percent(fast == exact for fast, exact in verdicts)
    networks_differ = max((frame.networks_distance for frame in frames if frame.fast), default=np.nan)
    rows = {
        "frames": len(frames),
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
        "ONNX Runtime's descriptor differs from dlib's, largest": f"{networks_differ:.1e}",
    }
    report.add(
        Table(title, [{"fast against exact": name, "": value} for name, value in rows.items()]),
        Target(f"{title}: posture verdicts that agree", 99, agreeing, " %", at_least=True),
        Target(f"{title}: face width, 95th percentile", 1.5, stats(widths, "p95")["p95"], " %"),
        Target(f"{title}: faces lost by the fast search", 0, lost),
        Target(f"{title}: half size finds nothing, yet not identical to exact", 0, len(missed) - sum(missed)),
        Target(f"{title}: ONNX Runtime's descriptor against dlib's, largest difference", 1e-5, networks_differ),
    )


def _compared(image: Image, network: Network, backend: Backend) -> Compared:
    fast, exact = find_face(image, backend=backend), find_face(image, exact=True)
    apart = networks_apart = np.nan
    if fast:
        ours = describe_face(image, fast, network)
        by_dlib = weights.descriptor_network().compute_face_descriptor(face_chip(image, fast))
        networks_apart = float(np.abs(np.array(by_dlib) - ours).max())
        apart = distance(ours, describe_face(image, exact, network)) if exact else np.nan
    pictures = (image, cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    halves = (cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=by) for one, by in product(pictures, HALVINGS))
    is_missed = not all(plain.frontal_detector()(half, 0) for half in halves)
    return Compared(fast, exact, apart, networks_apart, is_missed)


def _verdicts(frames: Sequence[Compared]) -> list[tuple[Verdict, Verdict]]:
    """Each way has its own baseline, of a sequence's first faces."""
    measures = [
        (posture.measure(frame.fast.points), posture.measure(frame.exact.points))
        for frame in frames
        if frame.fast and frame.exact
    ]
    if len(measures) < CALIBRATION_FRAMES:
        return []
    of_fast, of_exact = map(mean_baseline, zip(*measures[:CALIBRATION_FRAMES], strict=True))
    return [(posture.judge(one, of_fast), posture.judge(other, of_exact)) for one, other in measures]


def _percent(agrees: Iterable[bool]) -> float:
    return 100 * float(np.mean(values)) if (values := list(agrees)) else np.nan


def _typical(values: Sequence[float], unit: str, digits: int) -> str:
    return ", ".join(f"{number(value, digits)}{unit}" for value in stats(values, "median", "p95").values())
