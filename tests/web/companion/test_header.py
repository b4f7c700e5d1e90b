"""The header's words are whole at every width, so that nobody has to guess what "Not seen fo…" ends with."""

from typing import Any

import pytest

from tests.web.browser import Visits, overflow_px, resize
from tests.web.companion.stub import posture, session, snapshot, start

PHONES = (360, 390)
OTHERS = (768, 1024, 1100, 1280, 1366, 1920)
HEADER = """async (snapshot) => {
    document.documentElement.toggleAttribute("data-signed-in", true);
    const { Header } = await import("/static/web/js/engine/header.js");
    new Header(Object.assign(new EventTarget(), { snapshot }));
}"""
IS_CUT = "() => [...document.querySelectorAll('.watch-words')].some((each) => each.scrollWidth > each.clientWidth)"
STATES: dict[str, dict[str, Any]] = {
    "good": {"session": session(posture=posture("good")), "activeS": 29_000},
    "unseen": {"unseenS": 2400, "activeS": 29_000},
    "turned": {"session": session(posture={**posture("unknown"), "reason": "head_turned"}), "activeS": 29_000},
}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("widths", [PHONES, OTHERS], ids=["phones", "others"])
def test_words_are_whole(visit: Visits, language: str, state: str, widths: tuple[int, ...]) -> None:
    page = visit(language=language, has_touch=widths is PHONES, is_mobile=widths is PHONES)
    page.evaluate(HEADER, snapshot(**STATES[state]))
    start(page, **STATES[state])
    cut = []
    for width in widths:
        resize(page, width, 800)
        visit.shoot(page, f"header-{state}-{language}-{width}")
        assert overflow_px(page) == 0, width
        if page.evaluate(IS_CUT):
            cut.append(width)
    assert cut == []
