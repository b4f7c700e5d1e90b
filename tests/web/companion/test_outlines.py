"""The outlines of the face, now and at its best: in the alarm, in the small window, and in words."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from ai_models.monitoring.posture_filter import Sample
from ai_models.outlines import unpack_outline
from personal_data.demo.outlines import made_outline
from tests.web.browser import Visits, in_every_variant, overflow_px, violations
from tests.web.companion.stub import LEANING, ONLY_BANNER, alarm, posture, session, start
from tests.web.companion.test_small_window import open_window

BEST = Sample(1.0, 0.0, 0.0)
SUNK = Sample(1.12, 1 / 3, 9.0)
IN_WORDS = "lower by a third of your face, closer by 12%, tilted 9° to the left"
COMPARE = """async ([now, best]) => {
    const { differenceText, difference } = await import("/static/web/js/outlines/difference.js");
    return [differenceText(now, best), difference(now, best)];
}"""


def outline(sample: Sample) -> Any:
    return unpack_outline(made_outline(sample))


def in_bad_posture(sample: Sample = SUNK, **changes: Any) -> dict[str, Any]:
    outlines = {"now": outline(sample), "best": outline(BEST)} | changes
    return session(posture=posture("bad", LEANING, ("closer",)), outlines=outlines)


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (BEST, "as at your best"),
        (Sample(1.02, 0.03, 2.0), "as at your best"),
        (Sample(1.0, 0.1, 0.0), "lower by a tenth of your face"),
        (Sample(1.0, 0.5, 0.0), "lower by half of your face"),
        (Sample(1.0, 0.95, 0.0), "lower by 95% of your face"),
        (Sample(1.0, -0.25, 0.0), "higher by a quarter of your face"),
        (Sample(1.2, 0.0, 0.0), "closer by 20%"),
        (Sample(0.85, 0.0, 0.0), "farther by 15%"),
        (Sample(1.0, 0.0, 12.0), "tilted 12° to the left"),
        (Sample(1.0, 0.0, -12.0), "tilted 12° to the right"),
        (SUNK, IN_WORDS),
    ],
    ids=str,
)
def test_difference_is_told_in_words(shared_page: Page, sample: Sample, words: str) -> None:
    text, numbers = shared_page.evaluate(COMPARE, [outline(sample), outline(BEST)])
    assert text == words
    assert numbers["closer"] == pytest.approx(sample.closer - 1, abs=0.01)
    assert numbers["lower"] == pytest.approx(sample.lower, abs=0.02)
    assert numbers["tilted"] == pytest.approx(sample.tilted, abs=0.7)


@in_every_variant
def test_alarm_shows_both_outlines(visit: Visits, language: str, dark: bool, size: tuple[int, int]) -> None:
    page = visit(language=language, dark=dark, size=size)
    start(page, ONLY_BANNER).show(session=in_bad_posture(), alarm=alarm())
    expect(page.locator(".alarm .outline-best, .alarm .outline-now")).to_have_count(2)
    visit.shoot(page, f"alarm-outlines-{language}-{'dark' if dark else 'light'}-{size[0]}")
    assert violations(page) == []
    assert overflow_px(page) == 0


def test_words_follow_the_posture_without_a_new_alert(visit: Visits) -> None:
    page = visit()
    companion = start(page, ONLY_BANNER)
    companion.show(session=in_bad_posture(), alarm=alarm())
    words = page.locator(".alarm-outlines figcaption")
    expect(words).to_have_text(IN_WORDS)
    companion.show(session=in_bad_posture(Sample(1.12, 0.0, 0.0)))
    expect(words).to_have_text("closer by 12%")
    expect(page.locator(".alarm-outlines").get_by_role("img")).to_have_accessible_name(
        "You now, and at your best: closer by 12%"
    )
    expect(page.get_by_role("alert")).to_have_text("Mind your neckEnds when you sit well again.")


def test_last_outline_stays_while_no_face_is_found(visit: Visits) -> None:
    page = visit()
    companion = start(page, ONLY_BANNER)
    companion.show(session=in_bad_posture(), alarm=alarm())
    companion.show(session=in_bad_posture(now=None))
    expect(page.locator(".alarm-outlines figcaption")).to_have_text(IN_WORDS)


def test_alarm_without_a_best_outline_has_its_sign(visit: Visits) -> None:
    page = visit()
    start(page, ONLY_BANNER).show(session=in_bad_posture(best=None), alarm=alarm())
    expect(page.locator(".alarm-sign")).to_be_visible()
    expect(page.locator(".alarm-outlines")).to_have_count(0)


@pytest.mark.parametrize("kind", ["blink", "rest", "stretching"])
def test_only_the_neck_alarm_shows_outlines(visit: Visits, kind: str) -> None:
    page = visit()
    start(page, ONLY_BANNER).show(session=in_bad_posture(), alarm=alarm(kind))
    expect(page.locator(".alarm[data-alarm]")).to_be_visible()
    expect(page.locator(".outlines:visible")).to_have_count(0)


def test_small_window_shows_outlines_in_bad_posture_only(visit: Visits) -> None:
    page: Page = visit()
    companion = start(page)
    window = open_window(visit, companion)
    expect(window.locator(".sitter")).to_be_visible()
    companion.show(session=in_bad_posture())
    outlines = window.locator(".outlines")
    expect(outlines).to_be_visible()
    expect(outlines).to_have_accessible_name(f"You now, and at your best: {IN_WORDS}")
    expect(window.locator(".sitter")).to_be_hidden()
    box = outlines.bounding_box()
    assert box
    assert 0 <= box["y"] < box["y"] + box["height"] <= 96
    visit.shoot(window, "small-window-outlines")
    assert violations(window) == []
    companion.show(session=session(outlines={"now": outline(BEST), "best": outline(BEST)}))
    expect(window.locator(".sitter")).to_be_visible()
    expect(outlines).to_be_hidden()
