"""When an alarm may do what, and for how long it can be silenced: the companion's pure functions."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.web.companion.stub import LEANING, UPRIGHT

MODULES = "/static/web/js/companion"
ALL_STEPS = ["figure", "edge", "banner", "sound"]


@pytest.fixture
def page(shared_page: Page) -> Page:
    return shared_page


def call(page: Page, module: str, function: str, *values: Any) -> Any:
    """What a module's function returns; sets become lists."""
    script = """async ([module, name, values]) => {
        const returned = (await import(module))[name](...values);
        return returned instanceof Set ? [...returned] : returned;
    }"""
    return page.evaluate(script, [f"{MODULES}/{module}.js", function, values])


@pytest.mark.parametrize(
    ("lasted_s", "steps"),
    [(0, ["figure"]), (4.9, ["figure"]), (5, ["figure", "edge"]), (10, ["figure", "edge", "banner"]), (60, ALL_STEPS)],
)
def test_each_step_waits_for_the_one_before(page: Page, lasted_s: float, steps: list[str]) -> None:
    assert call(page, "steps", "stepsDue", "neck", lasted_s, ALL_STEPS) == steps


def test_steps_that_are_switched_off_take_no_time(page: Page) -> None:
    assert call(page, "steps", "stepsDue", "neck", 0, ["sound", "banner"]) == ["banner"]
    assert call(page, "steps", "stepsDue", "neck", 5, ["sound", "banner"]) == ["banner", "sound"]


@pytest.mark.parametrize("kind", ["stranger", "someone_behind"])
def test_what_is_for_the_moment_takes_no_steps(page: Page, kind: str) -> None:
    assert call(page, "steps", "stepsDue", kind, 0, ALL_STEPS) == ALL_STEPS


@pytest.mark.parametrize(
    ("hour", "label", "seconds"),
    [("09:00", "Until lunch", 12_600), ("12:29", "Until lunch", 60), ("12:30", "Rest of the day", 41_400)],
)
def test_long_span_ends_at_lunch_or_at_midnight(page: Page, hour: str, label: str, seconds: int) -> None:
    now = page.evaluate("hour => new Date(`2026-03-02T${hour}:00`).getTime()", hour)
    assert call(page, "spans", "longSpan", now) == {"label": label, "seconds": seconds}


def test_figure_sits_as_its_person_does(page: Page) -> None:
    upright = call(page, "figure", "pose", UPRIGHT)
    assert {name: abs(share) for name, share in upright.items()} == {"closer": 0, "lower": 0, "tilted": 0}
    assert call(page, "figure", "pose", LEANING) == {"closer": 1.5, "lower": 1, "tilted": -1}  # as in a mirror
    fallen = {name: {"value": 100, "limit": 2} for name in LEANING}
    assert call(page, "figure", "pose", fallen) == {"closer": 1.6, "lower": 1.6, "tilted": -1.6}
    assert call(page, "figure", "pose", None) == {"closer": 0, "lower": 0, "tilted": 0}
