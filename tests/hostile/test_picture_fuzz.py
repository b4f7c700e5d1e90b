"""Any bytes sent as a picture give an image of the declared size or InvalidFrame, soon and in bounded memory."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_models.vision.frame import Frame, InvalidFrame, parse_data_url
from tests import pictures
from tests.gunicorn_server import ROOT
from tests.hostile import decode_pictures
from tests.hostile.amount import SECONDS, SEED
from tests.hostile.broken_pictures import cases, originals

CASES = 0 if SECONDS else 3000
PATIENCE_S = SECONDS + 120
SMALL = pictures.png(pictures.small())


def test_every_broken_picture_is_an_image_or_refused(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    place = tmp_path / "at"
    command = [sys.executable, "-m", "tests.hostile.decode_pictures", str(SEED), str(CASES), str(SECONDS), str(place)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert ran.returncode == 0, f"seed {SEED}, picture {place.read_text()}: {ran.returncode}\n{ran.stderr[-3000:]}"
    told = json.loads(ran.stdout)
    record_property("fuzz", f"broken pictures, seed {SEED}: {told}")
    assert told["cases"] >= (CASES or 1)
    assert told["images"] > told["cases"] / 50, "hardly any picture gets past the header"
    assert told["reasons"] >= 8


def test_the_same_seed_breaks_the_same_pictures() -> None:
    first, again, other = (cases(seed) for seed in (1, 1, 2))
    assert [next(first) for _ in range(50)] == [next(again) for _ in range(50)]
    assert [next(other) for _ in range(50)] != [next(cases(1)) for _ in range(50)]


@pytest.mark.parametrize("name", originals())
def test_the_pictures_that_are_broken_were_whole(name: str) -> None:
    assert decode_pictures.outcome(originals()[name]) == "image"


def _fails(frame: Frame) -> Any:
    raise MemoryError


def _is_grey(frame: Frame) -> Any:
    return np.zeros((frame.height, frame.width, 1), np.uint8)


def _is_larger(frame: Frame) -> Any:
    return np.zeros((frame.height + 1, frame.width, 3), np.uint8)


def _is_slow(frame: Frame) -> Any:
    until = time.process_time() + decode_pictures.MAX_CPU_S
    while time.process_time() < until:
        pass
    return np.zeros((frame.height, frame.width, 3), np.uint8)


@pytest.mark.parametrize("decode", [_fails, _is_grey, _is_larger, _is_slow])
def test_a_decoder_that_does_otherwise_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, decode: Callable[[Frame], Any]
) -> None:
    monkeypatch.setattr("tests.hostile.decode_pictures.MAX_CPU_S", 0.2)
    monkeypatch.setattr("tests.hostile.decode_pictures.decode", decode)
    with pytest.raises(AssertionError, match="seed 3, picture"):
        decode_pictures.decode_all(3, 200, 0, tmp_path / "at")


def parsed(text: str) -> Frame | None:
    try:
        return parse_data_url(text)
    except InvalidFrame:
        return None


anything = st.text(st.characters(exclude_categories=()), max_size=200)
whole = st.sampled_from([pictures.data_url(SMALL), pictures.data_url(SMALL).partition(",")[2]])
much = settings(max_examples=2000 if SECONDS else 200, derandomize=not SECONDS)


@much
@given(anything)
def test_any_text_is_refused(text: str) -> None:
    assert parsed(text) is None


@much
@given(st.sampled_from(["data:", "data:image/png;base64,", "DATA:;BASE64,", "data:,", ""]), st.binary(max_size=200))
def test_any_bytes_in_base64_are_a_frame_or_refused(prefix: str, data: bytes) -> None:
    parsed(prefix + pictures.data_url(data).partition(",")[2])


@much
@given(whole, anything, st.integers(0, 3000), st.integers(0, 3))
def test_any_text_within_a_data_url_is_a_frame_or_refused(url: str, text: str, at: int, lost: int) -> None:
    frame = parsed(url[:at] + text + url[at + lost :])
    assert frame is None or max(frame.width, frame.height) <= 4096
