"""The fast search's results against the exact ones, on the same frames."""

from collections.abc import Iterable, Sequence
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
from benchmarks.frames import FrameSequence
from benchmarks.report import Report, Table, Target, number, stats
from benchmarks.turns import with_progress
from detections.analysis import mean_baseline

NETWORK_CHECKS = 40  # frames, about, on which the two networks are compared
HALVINGS = (cv2.INTER_LINEAR, cv2.INTER_AREA)

Pair = tuple[Face | None, Face | None]  # as the fast search and the exact one find it


def compare(report: Report, title: str, sequences: Sequence[FrameSequence], network: Network, backend: Backend) -> None:
    """Adds the agreement on frames, on verdicts of each sequence, and of the two networks."""
    pairs, verdicts, distances, network_differences, missed = _found(title, sequences, network, backend)
    both = [(fast.points, exact.points) for fast, exact in pairs if fast and exact]
    lost = sum(fast is None and exact is not None for fast, exact in pairs)
    gained = sum(exact is None and fast is not None for fast, exact in pairs)
    widths = [100 * abs(posture.measure(a).face_x / posture.measure(b).face_x - 1) for a, b in both]
    ratios = [(eye_aspect_ratio(fast), eye_aspect_ratio(exact)) for fast, exact in both]
    agreeing = _percent(fast == exact for fast, exact in verdicts)
    network_difference = float(max(network_differences, default=np.nan))
    rows = {
        "frames": len(pairs),
        "with a face for both, lost by fast, gained by fast": f"{len(both)}, {lost}, {gained}",
        "box and landmarks identical": f"{_percent(_is_identical(pair) for pair in pairs if all(pair)):.1f} %",
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
    report.add(
        Table(title, [{"fast against exact": name, "": value} for name, value in rows.items()]),
        Target(f"{title}: posture verdicts that agree", 99, agreeing, " %", at_least=True),
        Target(f"{title}: face width, 95th percentile", 1.5, stats(widths, "p95")["p95"], " %"),
        Target(f"{title}: faces lost by the fast search", 0, lost),
        Target(f"{title}: half size finds nothing, yet not identical to exact", 0, len(missed) - sum(missed)),
        Target(f"{title}: ONNX Runtime's descriptor against dlib's, largest difference", 1e-5, network_difference),
    )


def _found(
    title: str, sequences: Sequence[FrameSequence], network: Network, backend: Backend
) -> tuple[list[Pair], list[tuple[Verdict, Verdict]], list[float], list[float], list[bool]]:
    """Faces, verdicts and distances of descriptors, all both ways; differences of the two networks; and whether the
    ways are identical where half a picture's size hides the face.
    """
    step = max(1, frames.total(sequences) // NETWORK_CHECKS)
    pairs: list[Pair] = []
    verdicts, distances, network_differences, missed = [], [], [], []
    for sequence in with_progress(sequences, title.lower(), "sequence"):
        measures = []
        for data in sequence:
            image = plain.decode(data)
            fast, exact = pair = find_face(image, backend=backend), find_face(image, exact=True)
            if fast and exact:
                measures.append((posture.measure(fast.points), posture.measure(exact.points)))
                distances.append(distance(*(describe_face(image, face, network) for face in (fast, exact))))
            if len(pairs) % step == 0 and fast:
                by_dlib = weights.descriptor_network().compute_face_descriptor(face_chip(image, fast))
                network_differences.append(np.abs(np.array(by_dlib) - describe_face(image, fast, network)).max())
            if _is_missed_at_half_size(image):
                missed.append(_is_identical(pair))
            pairs.append(pair)
        if len(measures) >= CALIBRATION_FRAMES:  # each way has its own baseline
            of_fast, of_exact = map(mean_baseline, zip(*measures[:CALIBRATION_FRAMES], strict=True))
            verdicts += [(posture.judge(one, of_fast), posture.judge(other, of_exact)) for one, other in measures]
    return pairs, verdicts, distances, network_differences, missed


def _is_identical(pair: Pair) -> bool:
    fast, exact = pair
    if fast is None or exact is None:
        return fast is exact
    return fast.box == exact.box and np.array_equal(fast.points, exact.points)


def _is_missed_at_half_size(image: Image) -> bool:
    """True if dlib finds nothing at half size in colour or grey, by either interpolation."""
    pictures = (image, cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    halves = (cv2.resize(one, None, fx=0.5, fy=0.5, interpolation=by) for one, by in product(pictures, HALVINGS))
    return not all(plain.frontal_detector()(half, 0) for half in halves)


def _percent(agrees: Iterable[bool]) -> float:
    return 100 * float(np.mean(values)) if (values := list(agrees)) else np.nan


def _typical(values: ArrayLike, unit: str, digits: int) -> str:
    return ", ".join(f"{number(value, digits)}{unit}" for value in stats(values, "median", "p95").values())
