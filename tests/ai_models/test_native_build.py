"""Compiling the library in C: warnings are errors, and a machine without a compiler goes on."""

import shutil
import sys
from pathlib import Path

import pytest

from ai_models.vision.native import build

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources in a folder of the test's own, and nothing built yet."""
    shutil.copytree(build.SOURCES, tmp_path / "src")
    monkeypatch.setattr(build, "SOURCES", tmp_path / "src")
    monkeypatch.setattr(build, "BUILT", tmp_path / "built")
    return tmp_path


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@needs_compiler
def test_library_is_compiled_once_and_replaces_older_ones(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build.main(["--strict"]) == 0
    (first,) = (copied / "built").iterdir()
    made = first.stat().st_mtime_ns
    assert build.main(["--strict"]) == 0
    assert first.stat().st_mtime_ns == made
    append(copied / "src" / "search.h", "\n/* changed */\n")
    monkeypatch.setattr(build, "WIDER", {})  # the widest vectors take longest, and were compiled above
    assert build.main(["--strict"]) == 0
    (second,) = (copied / "built").iterdir()
    assert second != first


@needs_compiler
@pytest.mark.parametrize(("strict", "code"), [(True, 1), (False, 0)])
def test_warning_is_an_error(copied: Path, capsys: pytest.CaptureFixture[str], *, strict: bool, code: int) -> None:
    append(copied / "src" / "hog.c", "static int unused(void) { return 1; }\n")
    assert build.main(["--strict"] * strict) == code
    printed = capsys.readouterr()
    assert "unused" in (printed.err if strict else printed.out)
    assert not (copied / "built").exists()


@pytest.mark.parametrize("lacking", ["compiler", "headers"])
def test_machine_that_cannot_compile_goes_on(
    copied: Path, lacking: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if lacking == "compiler":
        monkeypatch.setenv("CC", "/nonexistent/cc")
    else:
        monkeypatch.setattr("sysconfig.get_path", lambda name: str(copied))
    assert build.main([]) == 0
    printed = capsys.readouterr()
    assert (printed.out.count("\n"), printed.err) == (1, "")
    assert printed.out.startswith("Faces are searched for by dlib alone, which is slower: ")
    assert build.main(["--strict"]) == 1


def test_library_is_not_in_the_repository() -> None:
    ignored = (Path(sys.modules["tests"].__path__[0]).parent / ".gitignore").read_text().splitlines()
    assert "ai_models/vision/native/built/" in ignored
