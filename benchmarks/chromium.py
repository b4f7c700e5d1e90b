"""Landmarks as the page finds them in browser mode: Chromium's worker, without a camera."""

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from msgspec import convert
from playwright.sync_api import sync_playwright

from ai_models.analysis import FrameAnalysis
from ai_models.vision.frame import Image
from benchmarks.environment import Environment
from detections.sessions import landmark_request
from detections.sessions.landmark_request import LandmarksBody, PointsOfPicture
from tests.pictures import png
from tests.web import browser

AT_ONCE = 10  # pictures that are handed over together
START = """async () => {
    const worker = new Worker("/landmarks.js", { type: "module" });
    const waiting = [];
    worker.addEventListener("message", ({ data }) => waiting.shift()(data));
    window.ask = (task, moved) => new Promise((answered) => {
        waiting.push(answered);
        worker.postMessage({ id: 0, ...task }, moved);
    });
    return (await ask({}, [])).error ?? null;
}"""
FIND = """async (pictures) => {
    const found = [];
    for (const text of pictures) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        found.push((await ask({ bitmap }, [bitmap])).result.found);
    }
    return found;
}"""

Found = dict[str, Any]  # as landmarks/finder.js describes it
Finder = Callable[[Sequence[Image]], list[Found]]


@contextmanager
def finder(service: Environment) -> Iterator[Finder]:
    """What finds faces in pictures. Raises RuntimeError without browser mode or without WebGL 2."""
    with service.serve(workers=1) as server, sync_playwright() as playwright, browser.chromium(playwright) as chromium:
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/")
        if error := page.evaluate(START):
            raise RuntimeError(f"Chromium finds no faces: {error}")

        def find(images: Sequence[Image]) -> list[Found]:
            texts = [base64.b64encode(png(image)).decode() for image in images]
            parts = [texts[first : first + AT_ONCE] for first in range(0, len(texts), AT_ONCE)]
            return [found for part in parts for found in page.evaluate(FIND, part)]

        yield find


def analyses_of(found: Sequence[Found], source: str) -> list[FrameAnalysis]:
    """The service's analyses of what is sent of pictures, a second apart."""
    return landmark_request.analyses_of(LandmarksBody([_sent(*each) for each in enumerate(found)]), source)


def _sent(at_s: int, found: Found) -> PointsOfPicture:
    return convert(found | {"captured_at": datetime.fromtimestamp(at_s, UTC)}, PointsOfPicture)
