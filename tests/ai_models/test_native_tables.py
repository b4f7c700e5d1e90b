"""The file of the native backend's tables: made once, checked whenever it is opened, made again if it is damaged."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from ai_models.vision import weights
from ai_models.vision.backend import DLIB
from ai_models.vision.dlib_format import DlibFormatError
from ai_models.vision.engine import open_backend
from ai_models.vision.native import backend, library, self_test, tables
from ai_models.vision.native.backend import NativeBackend, open_native
from detections.checks import native_library_is_usable
from tests.ai_models.native import needs_library

pytestmark = needs_library

ROOT = Path(__file__).parents[2]

SECTIONS = {"one": b"abc", "other": bytes(5000)}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "tables.bin"
    tables.write(path, SECTIONS, {"found": [1, 2]})
    return path


@pytest.fixture
def cached(settings: Settings, tmp_path: Path) -> Path:
    """The real tables, in a folder of the test's own."""
    open_native(settings.MODEL_CACHE_DIR)
    path = tables.path_in(settings.MODEL_CACHE_DIR)
    os.link(path, tmp_path / path.name)
    return tmp_path / path.name


def test_tables_are_read_as_they_were_written(written: Path) -> None:
    opened = tables.open_tables(written)
    assert {name: bytes(section) for name, section in opened.sections.items()} == SECTIONS
    assert opened.expected == {"found": [1, 2]}
    assert written.stat().st_mode & 0o777 == 0o644
    assert list(written.parent.iterdir()) == [written]


@pytest.mark.parametrize("position", [0, 9, 40, tables.PAGE, 2 * tables.PAGE, -1])
def test_changed_byte_is_noticed(written: Path, position: int) -> None:
    data = bytearray(written.read_bytes())
    data[position] ^= 1
    written.write_bytes(data)
    with pytest.raises(tables.TablesUnusable, match="damaged"):
        tables.open_tables(written)


@pytest.mark.parametrize("length", [0, 10, tables.PAGE - 1, tables.PAGE, tables.PAGE + 100])
def test_file_cut_off_is_noticed(written: Path, length: int) -> None:
    written.write_bytes(written.read_bytes()[:length])
    with pytest.raises(tables.TablesUnusable):
        tables.open_tables(written)


def test_tables_are_made_once(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "write", None)
    assert isinstance(open_native(cached.parent), NativeBackend)


def test_damaged_tables_are_made_again(cached: Path, caplog: pytest.LogCaptureFixture) -> None:
    cached.unlink()  # another file, not the linked one
    cached.write_bytes(b"\0" * 10_000)
    assert isinstance(open_native(cached.parent), NativeBackend)
    assert "The native tables are made again" in caplog.text
    tables.open_tables(cached)


def test_folder_that_cannot_be_written_leaves_dlib(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    assert open_backend(tmp_path / "file" / "models") is DLIB
    assert "set MODEL_CACHE_DIR to a writable folder" in caplog.text


def test_other_results_than_dlibs_leave_dlib(
    cached: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(self_test, "results", lambda _: {"landmarks": [], "searches": []})
    assert open_backend(cached.parent) is DLIB
    assert "its results differ from dlib's" in caplog.text


def test_library_that_is_not_compiled_leaves_dlib(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(library, "library_path", lambda: tmp_path / "missing.so")
    monkeypatch.setattr(backend, "load", library.load.__wrapped__)
    assert open_backend(tmp_path) is DLIB
    assert "the library in C is not compiled (make install compiles it" in caplog.text


class Searched:
    """A backend whose searches take so many nanoseconds each, by a clock that only they move."""

    now_ns = 0

    def __init__(self, *taken_ns: int) -> None:
        self.taken_ns = list(taken_ns)

    def search(self, *_: Any) -> list[Any]:
        Searched.now_ns += self.taken_ns.pop(0)
        return []


def test_fastest_vectors_serve_and_not_the_widest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "thread_time_ns", lambda: Searched.now_ns)
    widest, interrupted, narrow = Searched(9, 8, 8, 8), Searched(90, 7, 90, 90), Searched(20, 20, 20, 20)
    backends: Any = [widest, interrupted, narrow]
    assert self_test.fastest(backends) is interrupted
    assert self_test.fastest(backends[:1]) is widest  # nothing is measured: its times are used up


def test_chosen_vectors_serve(settings: Settings) -> None:
    assert open_native(settings.MODEL_CACHE_DIR, "128").vector_bits == 128


def test_off_is_dlib(tmp_path: Path) -> None:
    assert open_backend(tmp_path, library.OFF) is DLIB
    assert list(tmp_path.iterdir()) == []


def test_backend_is_opened_once(settings: Settings) -> None:
    assert open_backend(settings.MODEL_CACHE_DIR) is open_backend(settings.MODEL_CACHE_DIR)


@pytest.mark.parametrize(("choice", "warns"), [("auto", False), ("off", False), ("128", False), ("512", None)])
def test_check_is_silent_where_the_library_can_be_used(choice: str, warns: bool | None, settings: Settings) -> None:
    settings.NATIVE_VISION = choice
    if warns is None:
        ffi, lib = library.load()
        widths = ffi.new("int[4]")
        warns = int(choice) not in list(widths[0 : lib.usable_widths(widths)])
    assert [message.id for message in native_library_is_usable()] == ["detections.W002"] * warns


def test_check_says_in_one_line_that_dlib_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "library_path", lambda: tmp_path / "missing.so")
    monkeypatch.setattr("detections.checks.load", library.load.__wrapped__)
    (message,) = native_library_is_usable()
    assert message.msg.startswith("Faces are searched for by dlib alone, which is slower: the library in C is not")
    assert "\n" not in message.msg


SERVING = """
import sys; from pathlib import Path
from ai_models.vision import engine, faces, weights
backend = engine.open_backend(Path(sys.argv[1]))
faces.preload(backend)
print(type(backend).__name__, weights._shape_predictor.cache_info().currsize, "dlib" in sys.modules)
"""


def test_serving_process_loads_neither_dlibs_landmarks_nor_its_detector(cached: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SERVING, str(cached.parent)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["NativeBackend", "0", "False"]


def test_setting_has_the_librarys_choices() -> None:
    settings_file = ROOT / "posesmart" / "settings.py"
    choices = ", ".join(f'"{choice}"' for choice in library.CHOICES)
    assert f'"NATIVE_VISION", ({choices})' in settings_file.read_text()


@pytest.mark.parametrize("change", ["empty", "cut", "longer", "other version", "random"])
def test_other_weight_file_is_refused(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = weights.weight_path(weights.LANDMARKS_FILE).read_bytes()
    changed = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "longer": whole + b"\x01\x00",
        "other version": b"\x01\x02" + whole[2:],
        "random": os.urandom(100_000),
    }[change]
    (tmp_path / "weights.dat").write_bytes(changed)
    monkeypatch.setattr(weights, "weight_path", lambda _: tmp_path / "weights.dat")
    with pytest.raises(DlibFormatError, match="not the expected one"):
        backend._read_trees(library.load())
