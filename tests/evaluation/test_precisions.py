"""`manage.py evaluate_precision`: the errors of 8-bit integers, by made distances and on a few pictures."""

import re
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ai_models.identity import GUARD_BAND
from ai_models.vision.resnet_ranges import RANGES
from evaluation import precisions
from evaluation.precisions import VERSION_1, Compared, PersonFaces
from tests import pictures

CHIP = np.zeros((150, 150, 3), np.uint8)


def compared(exact: list[float], quick: list[float]) -> Compared:
    return Compared(np.array(exact), np.array(quick), np.array([True] * len(exact)))


def person(name: str, *at: float) -> PersonFaces:
    """Faces on one axis, where the quick network puts them 0.01 too far."""
    exact, quick = np.zeros((len(at), 128)), np.zeros((len(at), 128))
    exact[:, 0], quick[:, 0] = at, np.array(at) + 0.01
    return PersonFaces(name, [CHIP] * len(at), exact, quick)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Four people, who all look like the astronaut; no second free face is at hand."""
    for number, name in enumerate("abcd"):
        (tmp_path / name).mkdir()
        for take in range(2):
            image = pictures.framed(150 + 5 * number + 3 * take, (320, 240))
            (tmp_path / name / f"{take}.jpg").write_bytes(pictures.jpeg(image))
    return tmp_path


def test_verdicts_on_different_sides_are_wrong() -> None:
    found = compared([0.44, 0.46, 0.44], [0.46, 0.44, 0.43])
    assert found.wrong(VERSION_1, guarded=False) == 2
    assert found.wrong((0.2, 0.45), guarded=False) == 2


def test_guard_band_takes_the_exact_distance() -> None:
    found = compared([0.44, 0.30], [0.45 + GUARD_BAND, 0.45 + GUARD_BAND + 0.01])
    assert found.is_in_guard(VERSION_1).tolist() == [True, False]
    assert found.wrong(VERSION_1, guarded=True) == 1


def test_people_are_enrolled_exactly_and_compared_with_all_other_faces() -> None:
    found = precisions.compare([person("a", 0.0, 0.2, 0.4, 0.6), person("b", 1.0)])
    # a's first face alone, 0, and the mean of the first two, 0.1; b's only face, 1.
    assert sorted(found.exact[found.is_own].round(6)) == [0.2, 0.3, 0.4, 0.5, 0.6]
    assert sorted(found.exact[~found.is_own].round(6)) == [0.4, 0.6, 0.8, 0.9, 1.0, 1.0]
    assert found.errors == pytest.approx(np.full(11, 0.01))


def test_halves_take_people_in_turn() -> None:
    halves = precisions.halves([person(name, 0.0) for name in "abcde"])
    assert {name: [each.person for each in half] for name, half in halves.items()} == {
        "first": ["a", "c", "e"],
        "second": ["b", "d"],
    }


def test_command_prints_a_column_for_each_half(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate_precision", pictures=[str(people)])
    text = capsys.readouterr().out
    assert "first half" in text
    for row in (r"comparisons +6 +6", r"wrong verdicts with the guard +0 +0"):
        assert re.search(rf"^{row}$", text, re.MULTILINE), text


def test_ranges_are_printed_as_the_table_has_them(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate_precision", pictures=[str(people)], ranges=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(RANGES)
    assert all(line.startswith("    (") and line.endswith("),") for line in lines)


def test_too_few_people_are_refused(people: Path) -> None:
    for name in "bcd":
        (people / name / "0.jpg").unlink()
    with pytest.raises(CommandError, match="At least four people"):
        call_command("evaluate_precision", pictures=[str(people)])
