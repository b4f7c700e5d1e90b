"""The face search of the library in C, compared with dlib's: the same boxes, and scores but for rounding."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from ai_models.landmarks import Box
from ai_models.vision import faces
from ai_models.vision.backend import DLIB, Backend, Detection
from ai_models.vision.frame import Image
from ai_models.vision.native import library
from ai_models.vision.native.filters import filterbank
from tests import pictures
from tests.ai_models.native import each_width, needs_library, opened

pytestmark = needs_library

LOOSE = -0.9  # a threshold at which most pictures give boxes, with or without a face
SAME_SCORE_WITHIN = 1e-5
Found = tuple[list[Any], Any]
COUNT = slice(56, 64)  # of a filterbank's terms, which follow
PICTURES = {
    "astronaut": pictures.astronaut(),
    "at a desk": pictures.at_desk(),
    "tilted": pictures.warped(turn_deg=25),
    "shifted": pictures.framed(150, (403, 171), size=(633, 471)),
    "partly outside": pictures.framed(150, (40, 60)),
    "far away": pictures.framed(80, (120, 300), noise=5),
    "two": pictures.beside(pictures.astronaut(), pictures.framed(120, (150, 130), size=(301, 303))),
    "nobody": pictures.coffee(),
    "noise": pictures.noisy(np.full((240, 320, 3), 128, np.uint8), 60),
    "low and wide": np.ascontiguousarray(pictures.astronaut()[80:181]),
    "narrow and high": np.ascontiguousarray(pictures.astronaut()[:, 180:283]),
    "tiny": pictures.small(),
    "grey": np.ascontiguousarray(pictures.astronaut()[:, :, 1]),
    "grey, odd": np.ascontiguousarray(pictures.at_desk()[:333, :417, 0]),
}
SEARCHES: list[dict[str, Any]] = [
    {},
    {"threshold": LOOSE},
    {"filters": 1, "levels": 5, "threshold": 0.1},  # the first look, and counting
    {"filters": 1, "threshold": LOOSE},
    {"filters": 3, "levels": 4, "threshold": LOOSE},
    {"levels": 2},  # the closer look
    {"levels": 3, "threshold": LOOSE},  # near
]


def assert_same(found: list[Detection], expected: list[Detection]) -> None:
    assert [one.box for one in found] == [one.box for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=SAME_SCORE_WITHIN)


@cache
def dlibs(picture: str, search: int) -> list[Detection]:
    """What dlib finds, which takes it longest: the same for each width."""
    return DLIB.search(PICTURES[picture], **SEARCHES[search])


@each_width
@pytest.mark.parametrize("search", range(len(SEARCHES)), ids=map(str, SEARCHES))
@pytest.mark.parametrize("picture", PICTURES)
def test_search_matches_dlib(picture: str, search: int, width: str, settings: Settings) -> None:
    native = opened(settings.MODEL_CACHE_DIR, width)
    assert_same(native.search(PICTURES[picture], **SEARCHES[search]), dlibs(picture, search))


def test_pictures_have_boxes_to_compare() -> None:
    assert sum(len(DLIB.search(image, threshold=LOOSE)) for image in PICTURES.values()) >= 15


@pytest.mark.parametrize("channels", [1, 3])
@given(height=st.integers(1, 230), width=st.integers(1, 230), left=st.integers(0, 200), seed=st.integers(0, 5))
@hypothesis_settings(max_examples=60)
def test_search_matches_dlib_at_any_size(channels: int, height: int, width: int, left: int, seed: int) -> None:
    from django.conf import settings

    crop = pictures.noisy(pictures.astronaut(), 3.0 * seed)[40 : 40 + height, left : left + width]
    image: Image = np.array(crop if channels == 3 else crop[:, :, 0], np.uint8)
    expected = DLIB.search(image, threshold=LOOSE)
    for bits in ("128", "256"):
        assert_same(opened(settings.MODEL_CACHE_DIR, bits).search(image, threshold=LOOSE), expected)


def test_every_width_gives_the_same_bits(settings: Settings) -> None:
    ffi, lib = library.load()
    widths = ffi.new("int[4]")
    backends = [opened(settings.MODEL_CACHE_DIR, str(bits)) for bits in widths[0 : lib.usable_widths(widths)]]
    for image in PICTURES.values():
        first, *others = (backend.search(image, threshold=LOOSE) for backend in backends)
        assert all(found == first for found in others)


@each_width
def test_face_and_count_match_dlib(width: str, settings: Settings) -> None:
    native = opened(settings.MODEL_CACHE_DIR, width)
    for image, near, expected in frames_by_dlib():
        assert found_by(native, image, near) == expected


@cache
def frames_by_dlib() -> list[tuple[Image, Box | None, Found]]:
    """Frames of a person who moves, each with the box in the frame before it, and what dlib finds."""
    frames: list[tuple[Image, Box | None, Found]] = []
    near = None
    for turn_deg, face_px in [(0, 150), (12, 160), (-14, 230), (3, 90), (0, 66), (0, 140)]:
        image = pictures.framed(face_px, (310, 240), turn_deg=turn_deg, quality=80)
        frames.append((image, near, found_by(DLIB, image, near)))
        near = faces.find_box(image)
    return frames


def found_by(backend: Backend, image: Image, near: Box | None) -> Found:
    """The face by each way to search for it, and the boxes beside none."""
    ways: list[dict[str, Any]] = [{}, {"exact": True}, {"near": near}]
    found = [faces.find_face(image, backend=backend, **options) for options in ways]
    beside = faces.faces_beside(image, Box(0, 0, 1, 1), backend)
    return [face and (face.box, face.points.tolist()) for face in found], beside


def test_large_picture_is_searched(settings: Settings) -> None:
    image = np.asarray(cv2.resize(pictures.at_desk(), (4096, 1024)), np.uint8)
    native = opened(settings.MODEL_CACHE_DIR, "128")
    assert_same(native.search(image, levels=1), DLIB.search(image, levels=1))


@pytest.mark.parametrize("shape", [(0, 10, 3), (10, 0), (10, 10, 4), (10, 10, 2), (2**13 + 1, 1, 3)])
def test_no_picture_is_refused(shape: tuple[int, ...], settings: Settings) -> None:
    with pytest.raises(ValueError, match="No faces can be searched for"):
        opened(settings.MODEL_CACHE_DIR, "128").search(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("options", [{"filters": 0}, {"filters": 6}, {"levels": 0}, {"filters": -1}])
def test_impossible_search_is_refused(options: dict[str, int], settings: Settings) -> None:
    with pytest.raises(ValueError, match="No faces can be searched for"):
        opened(settings.MODEL_CACHE_DIR, "128").search(pictures.small(), **options)


@pytest.mark.parametrize("change", ["empty", "cut", "longer", "other filter", "other plane", "other count"])
def test_damaged_filters_are_refused(change: str) -> None:
    ffi, lib = library.load()
    whole = filterbank()
    start = len(whole) - 88 * int.from_bytes(whole[COUNT], "little")
    changed = {
        "empty": b"",
        "cut": whole[:-4],
        "longer": whole + bytes(88),
        "other filter": whole[:start] + b"\x05" + whole[start + 1 :],
        "other plane": whole[: start + 4] + b"\x1f" + whole[start + 5 :],
        "other count": whole[:56] + b"\xff" * 8 + whole[64:],
    }[change]
    bank = ffi.from_buffer("uint8_t[]", changed)
    assert lib.filterbank_valid(ffi.cast("filterbank *", ffi.from_buffer("uint8_t[]", whole)), len(whole))
    assert not lib.filterbank_valid(ffi.cast("filterbank *", bank), len(changed))


def test_threads_share_one_backend(settings: Settings) -> None:
    native = opened(settings.MODEL_CACHE_DIR, "128")
    images = list(PICTURES.values()) * 3
    alone = [native.search(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(native.search, images)) == alone
