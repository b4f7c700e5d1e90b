"""Any bytes sent as a picture give an image of the declared size or InvalidFrame, in bounded time and memory."""

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
PATIENCE_S = SECONDS + 600
SMALL = pictures.png(pictures.small())


def test_broken_pictures_are_decoded_or_refused(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    position_file = tmp_path / "at"
    command = [
        sys.executable,
        "-m",
        "tests.hostile.decode_pictures",
        str(SEED),
        str(CASES),
        str(SECONDS),
        str(position_file),
    ]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert process.returncode == 0, (
        f"seed {SEED}, picture {position_file.read_text()}: {process.returncode}\n{process.stderr[-3000:]}"
    )
    result = json.loads(process.stdout)
    record_property("fuzz", f"broken pictures, seed {SEED}: {result}")
    assert result["cases"] >= (CASES or 1)
    assert result["images"] > result["cases"] / 50, "too few pictures get past the header"
    assert result["reasons"] >= 8


def test_same_seed_gives_the_same_pictures() -> None:
    first, again, other = (cases(seed) for seed in (1, 1, 2))
    assert [next(first) for _ in range(50)] == [next(again) for _ in range(50)]
    assert [next(other) for _ in range(50)] != [next(cases(1)) for _ in range(50)]


@pytest.mark.parametrize("name", originals())
def test_original_pictures_are_valid(name: str) -> None:
    assert decode_pictures.outcome(originals()[name]) == "image"


def _raises(frame: Frame) -> Any:
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


@pytest.mark.parametrize("decode", [_raises, _is_grey, _is_larger, _is_slow])
def test_faulty_decoder_is_detected(
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


any_text = st.text(st.characters(exclude_categories=()), max_size=200)
whole = st.sampled_from([pictures.data_url(SMALL), pictures.data_url(SMALL).partition(",")[2]])
thorough = settings(max_examples=2000 if SECONDS else 200, derandomize=not SECONDS)


@thorough
@given(any_text)
def test_any_text_is_refused(text: str) -> None:
    assert parsed(text) is None


@thorough
@given(st.sampled_from(["data:", "data:image/png;base64,", "DATA:;BASE64,", "data:,", ""]), st.binary(max_size=200))
def test_any_base64_bytes_are_a_frame_or_refused(prefix: str, data: bytes) -> None:
    parsed(prefix + pictures.data_url(data).partition(",")[2])


@thorough
@given(whole, any_text, st.integers(0, 3000), st.integers(0, 3))
def test_any_data_url_is_a_frame_or_refused(url: str, text: str, at: int, lost: int) -> None:
    frame = parsed(url[:at] + text + url[at + lost :])
    assert frame is None or max(frame.width, frame.height) <= 4096
