"""The library in C reads and writes only its own memory, whatever picture it gets: gcc's sanitizers watch it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ai_models.vision.native import build
from tests.gunicorn_server import ROOT

SEED = 20260
ASAN_OPTIONS = "detect_leaks=0:abort_on_error=0:allocator_may_return_null=1"  # Python's own leaks are not ours


def sanitizer_library() -> str:
    try:
        command = [*build.compiler(), "-print-file-name=libasan.so"]
    except build.CannotBuild as error:
        pytest.skip(str(error))
    path = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if not Path(path).is_absolute():
        pytest.skip("the compiler has no address sanitizer to load first")
    return path


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sanitized") / "native.so"
    try:
        build.build(path, sanitize=True)
    except build.CannotBuild as error:
        if "headers" not in str(error):
            raise
        pytest.skip(str(error))
    return path


def run_sanitized(*command: str) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {
        "LD_PRELOAD": sanitizer_library(),
        "ASAN_OPTIONS": ASAN_OPTIONS,
        "PYTHONMALLOC": "malloc",  # so that Python's own arrays are watched too
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=600, check=False
    )


def test_hostile_input_never_leaves_its_memory(sanitized: Path) -> None:
    run = run_sanitized("-m", "tests.hostile.native_pictures", str(sanitized), str(SEED))
    assert run.returncode == 0, run.stderr[-5000:]
    done = json.loads(run.stdout)
    assert done["pictures, 128 bits"] > 150
    assert done["weight files, False"] >= 1


def test_sanitizer_notices_a_wrong_access(sanitized: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ai_models.vision.native import library\n"
        "library.library_path = lambda: Path(sys.argv[1]); ffi, lib = library.load()\n"
        "file = ffi.new('uint8_t[]', 1); trees = ffi.new('uint8_t[]', 100)\n"
        "lib.trees_read(file, 10_000, ffi.cast('trees *', trees))\n"
    )
    run = run_sanitized("-c", script, str(sanitized))
    assert run.returncode != 0
    assert "AddressSanitizer" in run.stderr
