"""How often Face ID takes the owner for somebody else, and somebody else for the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ai_models.identity import SAME_PERSON_MAX_DISTANCE, Descriptor, distance
from evaluation import estimates
from evaluation.estimates import Estimate
from evaluation.people import Clip, FaceSample

ENROLLED_BY = 8  # faces, as many as a calibration takes
THRESHOLDS = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60)


@dataclass(frozen=True, slots=True)
class IdentityRates:
    """At one threshold. frr: the owner's faces that are taken for somebody else's. far: others', taken for theirs."""

    threshold: float
    frr: Estimate
    far: Estimate


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """One person as the owner, at version 1's threshold. faces: theirs but those enrolled; others: other people's."""

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
    """To an enrolled person, with the files they were measured in: frames of one file are too alike to count each."""

    own: Sequence[tuple[Path, float]]
    others: Sequence[tuple[Path, float]]


def identities(clips: Sequence[Clip]) -> Identities:
    """Each person enrolled with the first faces, and asked of all other faces."""
    samples = {
        person: [sample for clip in clips if clip.person == person for sample in clip.samples]
        for person in _people(clips)
    }
    distances = {
        person: _distances(own, [sample for other in samples if other != person for sample in samples[other]])
        for person, own in samples.items()
        if len(own) > ENROLLED_BY
    }
    people = tuple(_person(person, each) for person, each in distances.items())
    return Identities(people, tuple(_rates(list(distances.values()), threshold) for threshold in THRESHOLDS))


def _people(clips: Sequence[Clip]) -> list[str]:
    return list(dict.fromkeys(clip.person for clip in clips))


def _distances(own: Sequence[FaceSample], others: Sequence[FaceSample]) -> _Distances:
    enrolled: Descriptor = np.mean([sample.descriptor for sample in own[:ENROLLED_BY]], axis=0, dtype=np.float64)
    return _Distances(
        [(sample.file, distance(sample.descriptor, enrolled)) for sample in own[ENROLLED_BY:]],
        [(sample.file, distance(sample.descriptor, enrolled)) for sample in others],
    )


def _person(person: str, distances: _Distances) -> PersonIdentity:
    rates = _rates([distances], SAME_PERSON_MAX_DISTANCE)
    return PersonIdentity(
        person=person,
        faces=len(distances.own),
        others=len(distances.others),
        largest_own=max((each for _, each in distances.own), default=None),
        smallest_other=min((each for _, each in distances.others), default=None),
        frr=rates.frr,
        far=rates.far,
    )


def _rates(distances: Sequence[_Distances], threshold: float) -> IdentityRates:
    own = [each for person in distances for each in person.own]
    others = [(path, each) for person in distances for path, each in person.others]
    return IdentityRates(
        threshold=threshold,
        frr=_share([(path, each > threshold) for path, each in own]),
        far=_share([(path, each <= threshold) for path, each in others]),
    )


def _share(judged: Sequence[tuple[Path, bool]]) -> Estimate:
    """The share of faces; its interval is as wide as if each file were one face."""
    if not judged:
        return estimates.NOTHING
    part = sum(is_wrong for _, is_wrong in judged) / len(judged)
    files = len({path for path, _ in judged})
    return estimates.share(part * files, files)
