"""Pictures of a camera that is larger than needed are averaged: what is left of its noise is what is left by a mean."""

import pytest
from playwright.sync_api import Page

from tests.web.browser import Visits

FACTOR = 4
# A picture of noise in place of the video, and the standard deviation of a picture.
NOISE = """
    const [width, height] = [640, 480];
    const pixels = new ImageData(width, height);
    let state = 1;
    for (let i = 0; i < pixels.data.length; i += 4) {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        pixels.data.set([state >> 16, state >> 16, state >> 16, 255].map((value) => value & 255), i);
    }
    const sizes = { width, height, videoWidth: width, videoHeight: height };
    const video = Object.assign(document.createElement("canvas"), sizes);
    video.getContext("2d").putImageData(pixels, 0, 0);
    const deviation = (bitmap) => {
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        const greys = Array.from(data).filter((_, i) => !(i & 3));
        const mean = greys.reduce((sum, grey) => sum + grey, 0) / greys.length;
        return Math.sqrt(greys.reduce((sum, grey) => sum + (grey - mean) ** 2, 0) / greys.length);
    };
    const [wide, high] = [width, height].map((side) => side / %d);
"""
SENT = """
    const { snapshot } = await import("/static/web/js/engine/background.js");
    const encode = await snapshot(video, { left: 0, top: 0, width: wide, height: high }, 1, false);
    const small = await createImageBitmap((await encode()).blob);
"""
# The picture that is given to the finder of faces, whether or not its model is there.
LOOKED_AT = """
    const { look } = await import("/static/web/js/landmarks/finder.js");
    const made = [];
    const original = window.createImageBitmap;
    window.createImageBitmap = async (...args) => {
        const bitmap = await original(...args);
        made.push(await original(bitmap));
        return bitmap;
    };
    await look(video, wide, high);
    const [small] = made;
"""


@pytest.mark.parametrize("script", [SENT, LOOKED_AT], ids=["sent", "looked at in the browser"])
def test_smaller_picture_has_less_noise(visit: Visits, script: str) -> None:
    page: Page = visit()
    code = f"{NOISE % FACTOR}{script}return [small.width, deviation(video), deviation(small)];"
    width, before, after = page.evaluate(f"async () => {{{code}}}")
    assert width == 640 / FACTOR
    assert after == pytest.approx(before / FACTOR, rel=0.15)
