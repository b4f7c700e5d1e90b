"""evaluation.seats: Face ID as sessions judge it, by groups, with descriptors made by hand."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.clips import Clip, FaceSample
from evaluation.seats import EVERYBODY, FACE, GroupIdentity, measure_groups


def descriptor(axis: int, distance: float, noise: int = 0) -> NDArray[np.float64]:
    """A face: `distance` along an axis, and 0.1 along another that changes from picture to picture."""
    numbers = np.zeros(128)
    numbers[axis] = distance
    numbers[100 + noise] = 0.1
    return numbers


def clips(people: Mapping[str, NDArray[np.float64]], pictures: int = 6) -> list[Clip]:
    return [
        Clip(
            name,
            pictures,
            [
                FaceSample(Path(f"{name}/{number}.jpg"), FACE, face + descriptor(0, 0.0, number))
                for number in range(pictures)
            ],
        )
        for name, face in people.items()
    ]


def measured(people: Mapping[str, NDArray[np.float64]]) -> dict[str, GroupIdentity]:
    return {group.group: group for group in measure_groups(clips(people))}


APART = {"a1": descriptor(0, 0.6), "a2": descriptor(1, 0.6), "b1": descriptor(2, 0.6), "b2": descriptor(2, 0.5)}


def test_people_are_grouped_by_the_letters_before_their_number() -> None:
    assert {name: group.people for name, group in measured(APART).items()} == {"a": 2, "b": 2}
    assert set(measured(APART | {"bob": descriptor(3, 0.6)})) == {EVERYBODY}


def test_people_who_are_apart_are_neither_refused_nor_accepted() -> None:
    group = measured(APART)["a"]
    assert (group.refused.value, group.accepted.value, group.too_near.value) == (0.0, 0.0, 0.0)
    assert (group.told.value, group.locked_out.value) == (1.0, 0.0)
    assert group.mean_told_after_s is not None
    assert 2 < group.mean_told_after_s < 10


def test_people_whom_the_descriptor_cannot_part_are_counted() -> None:
    group = measured(APART)["b"]
    assert (group.accepted.value, group.too_near.value) == (1.0, 1.0)
    assert group.told.value is None


def test_owner_whose_pictures_differ_is_refused() -> None:
    (clip,) = clips({"a1": descriptor(0, 0.0)})
    samples = [
        FaceSample(sample.file, sample.measures, descriptor(number, 0.9)) for number, sample in enumerate(clip.samples)
    ]
    (group,) = measure_groups([Clip("a1", 6, samples)])
    assert group.refused.value == 1.0
    assert group.accepted.value is None


def test_owners_need_pictures_to_learn_from_and_pictures_to_look_at() -> None:
    assert measure_groups(clips(APART, pictures=5)) == ()


@pytest.mark.parametrize("pictures", [6, 9])
def test_each_owner_counts_once_however_many_pictures_there_are(pictures: int) -> None:
    group = measure_groups(clips(APART, pictures))[0]
    assert group.owners == 2
    assert group.refused.high == pytest.approx(0.657, abs=0.01)  # Wilson's, of 0 in 2
