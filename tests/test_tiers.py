"""tests/tiers.py and tests/refusals.py: what a run leaves out, and in which order it takes the rest."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from tests import refusals, tiers
from tests.tiers import TESTS, is_left_out, sort_long_files_first


@pytest.mark.parametrize(
    ("file", "expression", "expected"),
    [
        ("test_speed.py", "alone", False),
        ("test_health.py", "alone", True),
        ("conftest.py", "alone", False),
        ("faults", "alone", False),
        ("faults", "not server and not alone", True),
        ("test_health.py", "not server and not alone", False),
        ("faults", "not alone", False),
        ("test_health.py", "", False),
    ],
)
def test_files_without_a_selected_test_are_left_out(file: str, expression: str, expected: bool) -> None:
    assert is_left_out(TESTS / file, expression) == expected


def test_mark_alone_is_given_by_name_in_the_tests_own_file() -> None:
    giving = re.compile(r"add_marker\(.*alone|getattr\(.*mark.*alone|mark import")
    assert [
        path.name for path in TESTS.rglob("*.py") if path != Path(__file__) and giving.search(path.read_text())
    ] == []


def test_listed_files_exist() -> None:
    assert [path for path in tiers.SERVER_PATHS | tiers.FUZZES if not path.exists()] == []


def test_long_files_come_first_and_the_others_stay_in_their_order() -> None:
    def item(file: str, number: int, *fixtures: str) -> Any:
        return SimpleNamespace(path=TESTS / file, fixturenames=fixtures, number=number)

    quick = [item("test_b.py", 0), item("test_a.py", 1), item("test_a.py", 2)]
    served = [item("faults/test_x.py", 3), item("faults/test_y.py", 4), item("faults/test_y.py", 5)]
    in_browser = [item("web/test_z.py", 6), item("web/test_z.py", 7, "playwright")]
    fuzz = [item("hostile/test_schema_fuzz.py", 8)]
    items = quick + served + in_browser + fuzz
    sort_long_files_first(items)
    assert [each.number for each in items] == [8, 6, 7, 4, 5, 3, 0, 1, 2]


def test_refusal_that_writes_fails(db: None) -> None:
    item: Any = SimpleNamespace(get_closest_marker=lambda name: name == "refused")
    for writes in (False, True):
        run = refusals.pytest_runtest_call(item)
        next(run)
        assert not User.objects.exists()
        if writes:
            User.objects.create(username="mina")
        with pytest.raises(AssertionError if writes else StopIteration):
            run.send(None)
