"""What the desk says of the blinks: how often, how sure, and how many were partial."""

from typing import Any

import pytest

from tests.web.browser import Visits

LABELS = """async (all) => {
    const { blinksLabel } = await import("/static/web/js/desk/labels.js");
    return all.map(blinksLabel);
}"""
RATE = "about 12 a minute, give or take 2, measured over 10 min"
KOREAN_RATE = "1분에 12회쯤, 오차 ±2회, 10분 동안 측정"


def eyes(watched_s: float, partial_share: float | None) -> dict[str, Any]:
    rate = {"per_minute": 12.0, "low": 10.2, "high": 13.9, "watched_s": watched_s}
    return {"rate": rate, "partial_share": partial_share}


@pytest.mark.parametrize(
    ("language", "rate", "partial"),
    [("en", RATE, " · 25% of them partial"), ("ko", KOREAN_RATE, " · 그중 25%는 덜 감음")],
)
def test_share_of_partial_blinks_is_told_once_there_are_enough(
    visit: Visits, language: str, rate: str, partial: str
) -> None:
    page = visit(language=language)
    shown = page.evaluate(LABELS, [eyes(600, 0.25), eyes(600, None), eyes(95, 0.25), eyes(29, 0.25), {"rate": None}])
    assert shown[:2] == [rate + partial, rate]
    assert "25%" not in shown[2]  # 19 blinks
    assert shown[2]
    assert shown[3:] == ["", ""]
