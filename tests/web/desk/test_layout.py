"""The desk at the widths people use: nothing moves when the state's words change, and the state comes first."""

import pytest
from playwright.sync_api import expect

from tests.web.browser import layout_shift, overflow_px, resize, violations, watch_layout
from tests.web.desk.conftest import AtDesk
from tests.web.desk.fake_camera import empty_room, tilted, upright

SIZES = [(390, 844), (768, 1024), (1280, 900), (1920, 1080)]
TOP = "(selector) => document.querySelector(selector).getBoundingClientRect().top"
WIDTH = "(selector) => document.querySelector(selector).getBoundingClientRect().width"


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_changing_words_move_nothing(at_desk: AtDesk, size: tuple[int, int]) -> None:
    desk = at_desk(neck_on=False, stranger_on=False)
    page = desk.page
    resize(page, *size)
    watch_layout(page)
    buttons = page.evaluate(TOP, ".monitoring .actions")
    for film, tone in ((tilted(), "bad"), (upright(), "good"), (empty_room(), "unsure"), (upright(), "good")):
        desk.camera.show(film)
        desk.expect_tone(tone)
        assert page.evaluate(TOP, ".monitoring .actions") == buttons
    assert layout_shift(page) < 0.05
    assert overflow_px(page) == 0
    assert violations(page) == []


def test_state_comes_first_and_the_picture_is_as_large_as_it_serves(at_desk: AtDesk) -> None:
    desk = at_desk(neck_on=False)
    page = desk.page
    resize(page, 390, 844)
    assert page.evaluate(TOP, ".state") < page.evaluate(TOP, ".camera-view") < 400
    resize(page, 1920, 1080)
    expect(page.locator(".camera-view")).to_be_in_viewport(ratio=1)
    assert page.evaluate(WIDTH, ".camera-view") > 900
    assert page.evaluate(TOP, ".state") < 200
