"""ai_models.templates: what is learned of a face, and what is not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ai_models.identity import DESCRIPTOR_LENGTH
from ai_models.templates import MAX_SITTINGS, MAX_TEMPLATES, Template, agreeing, learn, nearest_distance, pack, unpack

Looks = NDArray[np.float64]


def at(distance: float, axis: int = 0) -> Looks:
    return distance * np.asarray(np.eye(DESCRIPTOR_LENGTH)[axis], np.float64)


def looks(*descriptors: Looks) -> Looks:
    return np.array(descriptors)


def means(templates: tuple[Template, ...]) -> list[list[float]]:
    return [template.mean[:3].round(6).tolist() for template in templates]


KNOWN = (Template(at(0.0)),)


def test_looks_survive_packing() -> None:
    before = np.random.default_rng(0).normal(0, 0.1, (3, DESCRIPTOR_LENGTH))
    assert np.abs(unpack(pack(before)) - before).max() < 2e-4
    assert len(pack(before)) == 3 * 256
    assert unpack(b"").shape == (0, DESCRIPTOR_LENGTH)


def test_five_agreeing_looks_are_needed() -> None:
    assert len(agreeing(looks(*[at(0.0)] * 5))) == 5
    assert len(agreeing(looks(*[at(0.0)] * 4))) == 0
    assert len(agreeing(np.empty((0, DESCRIPTOR_LENGTH)))) == 0


@pytest.mark.parametrize("position", range(8))
def test_outlier_teaches_nothing_wherever_it_comes(position: int) -> None:
    frames = [at(0.1)] * 7
    frames.insert(position, at(0.7))
    assert agreeing(looks(*frames)).tolist() == [at(0.1).tolist()] * 7


def test_two_people_in_turn_teach_nothing() -> None:
    assert len(agreeing(looks(*[at(0.0), at(0.7)] * 4))) == 0


def test_first_face_is_the_mean_of_its_looks() -> None:
    assert means(learn((), looks(at(0.1), at(0.3)))) == [[0.2, 0, 0]]
    assert learn((), looks()) == ()


def test_certain_face_is_averaged_in_by_sittings() -> None:
    once = learn(KNOWN, looks(at(0.3)))
    assert means(once) == [[0.15, 0, 0]]
    twice = learn(once, looks(at(0.3)))
    assert means(twice) == [[0.2, 0, 0]]
    assert [template.sittings for template in twice] == [3]


def test_old_sittings_do_not_outweigh_new_ones_for_ever() -> None:
    (template,) = learn((Template(at(0.0), 1000),), looks(at(0.3)))
    assert (template.sittings, template.mean[0]) == (MAX_SITTINGS, pytest.approx(0.3 / MAX_SITTINGS))


def test_uncertain_face_teaches_nothing() -> None:
    assert learn(KNOWN, looks(at(0.33))) is KNOWN
    assert learn(KNOWN, looks()) is KNOWN


def test_confirmed_face_is_kept_beside_the_others() -> None:
    assert means(learn(KNOWN, looks(at(0.5)), "add")) == [[0, 0, 0], [0.5, 0, 0]]
    assert means(learn(KNOWN, looks(at(0.2)), "add")) == [[0.1, 0, 0]]


def test_confirmed_face_can_replace_the_others() -> None:
    assert means(learn((*KNOWN, Template(at(0.4))), looks(at(0.1)), "replace")) == [[0.1, 0, 0]]


def test_only_the_nearest_template_grows() -> None:
    templates = (*KNOWN, Template(at(0.5, 1)))
    assert means(learn(templates, looks(at(0.4, 1)))) == [[0, 0, 0], [0, 0.45, 0]]


def test_two_nearest_templates_make_room_for_another() -> None:
    templates = (Template(at(0.0), 3), Template(at(0.6, 1)), Template(at(0.4), 1))
    after = learn(templates, looks(at(0.6, 2)), "add")
    assert len(after) == MAX_TEMPLATES
    assert sorted(means(after)) == sorted([[0, 0.6, 0], [0, 0, 0.6], [0.1, 0, 0]])
    assert nearest_distance(after, at(0.6, 2)) == 0
