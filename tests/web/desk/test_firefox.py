"""The camera in Firefox, which counts no frames of a video: pictures are told apart by their pixels."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Site
from tests.web.firefox import EXECUTABLE, Firefox, firefox

START = """
    const { CameraKeeper } = await import("/static/web/js/engine/camera_keeper.js");
    const keeper = new CameraKeeper();
    window.camera = keeper.camera;
    const { video } = keeper.camera;
    await keeper.turnOn();
    await keeper.camera.prepare(false);
    for (let tries = 0; !video.videoWidth && tries < 100; tries += 1) await new Promise((r) => setTimeout(r, 50));
    return video.getVideoPlaybackQuality().totalVideoFrames;
"""
BURST = """
    const { Film } = await import("/static/web/js/engine/film.js");
    const pictures = await new Film(window.camera, 66, new AbortController().signal).take(45);
    const [first, last] = [pictures[0], pictures[pictures.length - 1]].map((each) => Date.parse(each.capturedAt));
    return { count: pictures.length, seconds: (last - first) / 1000, hidden: document.hidden,
        smallest: Math.min(...pictures.map(({ blob }) => blob.size)) };
"""


@pytest.fixture
def at_camera(site: Site, tmp_path: Path) -> Iterator[Firefox]:
    """Firefox with the page's camera on."""
    if not shutil.which(EXECUTABLE):
        pytest.skip("Firefox is not installed (Debian: apt install firefox-esr)")
    with firefox(tmp_path) as running:
        running.open(site.address)
        running.run(START)
        yield running


def assert_full(burst: Any) -> None:
    """Most of 45 pictures differ: a busy machine's camera repeats some, but one that is not told apart gives one."""
    assert 20 <= burst["count"] <= 45, burst
    assert burst["count"] / burst["seconds"] > 5, burst
    assert burst["smallest"] > 1000


def test_bursts_are_full_shown_and_hidden(at_camera: Firefox) -> None:
    shown = at_camera.run(BURST)
    assert_full(shown)
    at_camera.hide()
    hidden = at_camera.run(BURST)
    assert (shown["hidden"], hidden["hidden"]) == (False, True)
    assert_full(hidden)
