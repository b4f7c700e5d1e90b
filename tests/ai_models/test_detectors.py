import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import dlib
import numpy as np
import pytest

from ai_models.vision.detector import UPRIGHT_FILTER, detector
from ai_models.vision.dlib_format import DlibFormatError, integer_bytes
from ai_models.vision.frame import Image
from tests import pictures

PICTURES = {
    "astronaut": pictures.astronaut(),
    "tilted": pictures.warped(turn_deg=25),
    "nobody": pictures.coffee(),
    "far away": pictures.framed(80, (120, 300)),
    "near, noisy": pictures.framed(230, (330, 240), noise=8),
    "grey": np.ascontiguousarray(pictures.astronaut()[:, :, 1]),
    "noise": pictures.noisy(np.full((240, 320, 3), 128, np.uint8), 60),
    "tiny": pictures.small(),
}
LOOSE = -0.8  # a threshold at which most pictures give boxes, with or without a face

Found = list[tuple[tuple[int, int, int, int], float, int]]  # box, score and filter, as dlib orders them


@cache
def dlibs_detector() -> Any:
    return dlib.get_frontal_face_detector()


def found(search: Any, image: Image, threshold: float = 0.0) -> Found:
    boxes, scores, filters = search.run(image, 0, threshold)
    edges = [(box.left(), box.top(), box.right(), box.bottom()) for box in boxes]
    return list(zip(edges, scores, filters, strict=True))


def widths(search: Any, image: Image, threshold: float) -> set[int]:
    return {right - left for (left, _, right, _), _, _ in found(search, image, threshold)}


@pytest.mark.parametrize("threshold", [0.0, LOOSE])
@pytest.mark.parametrize("name", PICTURES)
def test_whole_detector_matches_dlib_exactly(name: str, threshold: float) -> None:
    expected = found(dlibs_detector(), PICTURES[name], threshold)
    assert found(detector(), PICTURES[name], threshold) == expected


def test_pictures_have_boxes_to_compare() -> None:
    assert sum(len(found(detector(), image, LOOSE)) > 0 for image in PICTURES.values()) >= 5
    assert sum(len(found(detector(), image)) > 0 for image in PICTURES.values()) >= 4


@pytest.mark.parametrize("name", PICTURES)
def test_upright_filter_alone_loses_no_boxes(name: str) -> None:
    alone = found(detector(filters=UPRIGHT_FILTER), PICTURES[name], LOOSE)
    among_others = [match for match in found(detector(), PICTURES[name], LOOSE) if match[2] == 0]
    assert set(among_others) <= set(alone)
    assert {index for _, _, index in alone} <= {0}


def test_upright_filter_finds_the_same_upright_face() -> None:
    ((alone, _, _),) = found(detector(filters=UPRIGHT_FILTER), pictures.astronaut())
    ((together, _, _),) = found(detector(), pictures.astronaut())
    assert alone == together


def test_upright_filter_misses_a_tilted_face() -> None:
    assert found(detector(), pictures.warped(turn_deg=25))
    assert not found(detector(filters=UPRIGHT_FILTER), pictures.warped(turn_deg=25))


def test_few_levels_find_only_small_boxes() -> None:
    far, near = (pictures.framed(face_px, (160, 130), size=(320, 240)) for face_px in (74, 160))
    picture = pictures.beside(far, near)
    # 72 pixels between a window's first and last pixel; 86.4 in the next level.
    assert widths(detector(levels=1), picture, LOOSE) == {72}
    assert widths(detector(levels=2), picture, LOOSE) <= {72, 86, 87}
    assert max(widths(detector(), picture, LOOSE)) > 140


@pytest.mark.parametrize("levels", [1, 2, 5])
def test_face_at_an_unsearched_level_is_missed(levels: int) -> None:
    large = pictures.framed(230, (330, 240))  # at level 6
    assert found(detector(), large)
    assert not found(detector(levels=levels), large)


def test_thread_reuses_its_detectors() -> None:
    assert detector() is detector()
    assert detector(filters=1, levels=5) is detector(levels=5, filters=1)
    assert detector(levels=5) is not detector()


def test_each_thread_has_its_own_detectors() -> None:
    together = threading.Barrier(4)

    def create(_: int) -> list[Any]:
        together.wait(timeout=120)
        return [detector(), detector(levels=2), detector(), detector(levels=2)]

    with ThreadPoolExecutor(4) as pool:
        by_thread = [*pool.map(create, range(4)), main_thread := [detector(), detector(levels=2)]]
    assert all(made[0] is made[2] and made[1] is made[3] for made in by_thread[:4])
    assert len({id(one) for made in by_thread for one in made}) == 2 * 5
    assert main_thread[0] is detector()


STATE: bytes = dlibs_detector().__getstate__()[0]


@pytest.mark.parametrize(
    "state",
    [
        b"",
        STATE[:40],  # truncated in the header
        STATE[:4000],  # truncated in the first filter
        STATE.replace(integer_bytes(1000), integer_bytes(1001), 1),
        integer_bytes(2) + STATE,  # one field too many
        STATE[2:],  # one field missing
        b"\x01\x00" * 100_000,
    ],
    ids=["empty", "no header", "no filter", "other limit", "field more", "field less", "zeros"],
)
def test_unknown_detector_format_is_refused(state: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_models.vision.detector.whole_detector", lambda: state)
    with pytest.raises(DlibFormatError):
        detector(filters=3, levels=7)  # used nowhere else, because detectors are cached


def test_unknown_format_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_models.vision.detector.whole_detector", lambda: b"\x01\x00" * 100_000)
    with pytest.raises(DlibFormatError, match=r"Install the one in requirements\.txt\.$"):
        detector(filters=3, levels=7)
