"""What 8-bit integers change in Face ID: errors of distances, and verdicts that would differ from float32's.

People are divided into halves, one by one in turn. What has to be chosen is chosen on the first half: the activations'
ranges in ai_models/vision/resnet_ranges.py and the width of the guard band. The second half confirms it. In each half
every person is enrolled with their first face alone, and with the mean of half of their faces (8 at most); each
enrolment is compared with all other faces of the half.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ai_models.identity import GUARD_BAND, SAME_PERSON_MAX_DISTANCE
from ai_models.vision import resnet, weights
from ai_models.vision.descriptor import Network, face_chip, open_session
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.resnet_layers import INPUT
from evaluation.clips import images_of
from evaluation.identities import ENROLLED_FACES
from evaluation.tables import Table

VERSION_1: Final = (SAME_PERSON_MAX_DISTANCE,)
HALVES: Final = ("first", "second")
SIGNIFICANT_DIGITS: Final = 3
NEAR: Final = 0.1  # where errors can change verdicts; the largest are those of nearly equal pictures

Distances = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PersonFaces:
    """One person's aligned faces, (150, 150, 3) each, and their descriptors, (faces, 128) float64."""

    person: str
    chips: Sequence[Image]
    exact: Distances
    quick: Distances


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Distances of the same comparisons by both networks, and which of them are with the enrolled person's own face."""

    exact: Distances
    quick: Distances
    is_own: NDArray[np.bool_]

    @property
    def errors(self) -> Distances:
        return np.abs(self.quick - self.exact)

    @property
    def is_near_threshold(self) -> NDArray[np.bool_]:
        return np.abs(self.exact - SAME_PERSON_MAX_DISTANCE) <= NEAR

    def is_in_guard(self, thresholds: Sequence[float]) -> NDArray[np.bool_]:
        near = np.abs(self.quick[:, None] - thresholds) <= GUARD_BAND
        return np.array(near.any(axis=1))

    def wrong(self, thresholds: Sequence[float], *, guarded: bool) -> int:
        """How many lie on another side of a threshold than by float32."""
        decided = np.where(self.is_in_guard(thresholds), self.exact, self.quick) if guarded else self.quick
        differs = (decided[:, None] <= thresholds) != (self.exact[:, None] <= thresholds)
        return int(differs.any(axis=1).sum())


def person_faces(person: str, files: Sequence[Path], exact: Network, quick: Network) -> PersonFaces:
    """The faces in a person's files. Raises DatasetError, WeightsMissing."""
    chips = [
        face_chip(image, face) for file in files for image in images_of(file) if (face := find_face(image)) is not None
    ]
    described = [np.array([network(chip) for chip in chips], np.float64).reshape(-1, 128) for network in (exact, quick)]
    return PersonFaces(person, chips, *described)


def halves(people: Sequence[PersonFaces]) -> Mapping[str, Sequence[PersonFaces]]:
    return dict(zip(HALVES, (people[::2], people[1::2]), strict=True))


def compare(people: Sequence[PersonFaces]) -> Compared:
    """All comparisons within one half."""
    rows = [row for person in people for row in _comparisons(person, people)]
    exact, quick, is_own = (np.concatenate(column) for column in zip(*rows, strict=True))
    return Compared(exact, quick, is_own)


def results(compared: Mapping[str, Compared]) -> Table:
    columns = [_figures(found) for found in compared.values()]
    rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
    return Table("Face ID in 8-bit integers against float32", ("", *(f"{name} half" for name in compared)), rows)


def measure_ranges(people: Sequence[PersonFaces], on_progress: Callable[[], object]) -> list[tuple[float, float]]:
    """The least and largest value of each rounded activation over all faces: those of ReLU begin at 0."""
    weight_file = weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes()
    model, names = resnet.export_with_activations(weight_file)
    session = open_session(model)
    low, high = np.zeros(len(names)), np.zeros(len(names))
    for chip in (chip for person in people for chip in person.chips):
        activations = session.run(names, {INPUT.name: chip[None]})
        low = np.minimum(low, [activation.min() for activation in activations])
        high = np.maximum(high, [activation.max() for activation in activations])
        on_progress()
    return [(_rounded(least), _rounded(largest)) for least, largest in zip(low, high, strict=True)]


def _comparisons(
    person: PersonFaces, people: Sequence[PersonFaces]
) -> Iterator[tuple[Distances, Distances, NDArray[np.bool_]]]:
    for count in {1, min(ENROLLED_FACES, len(person.exact) // 2)} - {0}:
        enrolled = person.exact[:count].mean(axis=0)  # always by float32
        for other in people:
            first = count if other is person else 0
            ways = (np.linalg.norm(way[first:] - enrolled, axis=1) for way in (other.exact, other.quick))
            yield *ways, np.full(len(other.exact) - first, other is person)


def _figures(compared: Compared) -> dict[str, str]:
    errors = np.percentile(compared.errors, [50, 99, 100])
    figures = {
        "comparisons": f"{len(compared.exact):,}",
        "of these, with the enrolled person's own face": f"{compared.is_own.sum():,}",
        "distance error, median, 99th percentile, largest": ", ".join(f"{error:.4f}" for error in errors),
        f"distance error, largest within {NEAR} of a threshold": f"{_largest(compared):.4f}",
    }
    guard = compared.is_in_guard(VERSION_1)
    return figures | {
        "wrong verdicts without the guard": f"{compared.wrong(VERSION_1, guarded=False):,}",
        "wrong verdicts with the guard": f"{compared.wrong(VERSION_1, guarded=True):,}",
        "own faces within the guard": f"{guard[compared.is_own].mean():.1%}",
        "others' faces within the guard": f"{guard[~compared.is_own].mean():.1%}",
    }


def _largest(compared: Compared) -> float:
    return max(compared.errors[compared.is_near_threshold], default=0.0)


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
