"""Face ID's errors: how often the owner is taken for somebody else, and somebody else for the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ai_models.identity import SAME_PERSON_MAX_DISTANCE, Descriptor, distance
from evaluation import estimates
from evaluation.clips import Clip, FaceSample
from evaluation.estimates import Estimate

ENROLLED_FACES = 8  # as many as a calibration takes
THRESHOLDS = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60)


@dataclass(frozen=True, slots=True)
class IdentityRates:
    """At one threshold. frr: the owner's faces that are refused. far: other people's faces that are accepted."""

    threshold: float
    frr: Estimate
    far: Estimate


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """One person as the owner, at version 1's threshold.

    faces: the owner's, without the enrolled ones. others: other people's faces.
    """

    person: str
    faces: int
    others: int
    largest_own: float | None
    smallest_other: float | None
    frr: Estimate
    far: Estimate


@dataclass(frozen=True, slots=True)
class Identities:
    people: tuple[PersonIdentity, ...]
    thresholds: tuple[IdentityRates, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Distances:
    """Distances to an enrolled person, with the file of each face: a file's frames are too alike to count singly."""

    own: Sequence[tuple[Path, float]]
    others: Sequence[tuple[Path, float]]


def measure_identities(clips: Sequence[Clip]) -> Identities:
    """Each person is enrolled with their first faces and compared with all other faces."""
    samples = {
        person: [sample for clip in clips if clip.person == person for sample in clip.samples]
        for person in _people(clips)
    }
    distances = {
        person: _distances(own, [sample for other in samples if other != person for sample in samples[other]])
        for person, own in samples.items()
        if len(own) > ENROLLED_FACES
    }
    people = tuple(_measure_person(person, measured) for person, measured in distances.items())
    return Identities(people, tuple(_rates(list(distances.values()), threshold) for threshold in THRESHOLDS))


def _people(clips: Sequence[Clip]) -> list[str]:
    return list(dict.fromkeys(clip.person for clip in clips))


def _distances(own: Sequence[FaceSample], others: Sequence[FaceSample]) -> _Distances:
    enrolled: Descriptor = np.mean([sample.descriptor for sample in own[:ENROLLED_FACES]], axis=0, dtype=np.float64)
    return _Distances(
        [(sample.file, distance(sample.descriptor, enrolled)) for sample in own[ENROLLED_FACES:]],
        [(sample.file, distance(sample.descriptor, enrolled)) for sample in others],
    )


def _measure_person(person: str, distances: _Distances) -> PersonIdentity:
    rates = _rates([distances], SAME_PERSON_MAX_DISTANCE)
    return PersonIdentity(
        person=person,
        faces=len(distances.own),
        others=len(distances.others),
        largest_own=max((apart for _, apart in distances.own), default=None),
        smallest_other=min((apart for _, apart in distances.others), default=None),
        frr=rates.frr,
        far=rates.far,
    )


def _rates(distances: Sequence[_Distances], threshold: float) -> IdentityRates:
    own = [face for person in distances for face in person.own]
    others = [face for person in distances for face in person.others]
    return IdentityRates(
        threshold=threshold,
        frr=_share([(path, apart > threshold) for path, apart in own]),
        far=_share([(path, apart <= threshold) for path, apart in others]),
    )


def _share(judged: Sequence[tuple[Path, bool]]) -> Estimate:
    """The share of faces judged wrongly; its interval is as wide as if each file were one face."""
    if not judged:
        return estimates.NOTHING
    part = sum(is_wrong for _, is_wrong in judged) / len(judged)
    files = len({path for path, _ in judged})
    return estimates.share(part * files, files)
