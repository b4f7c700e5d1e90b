"""A test suite that knows only the contract, and not this project, passes in a folder of its own.

tests/foreign/ runs the whole suite in this process; here its clients' way of running it is the subject.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "tests" / "foreign" / "test_contract.py"
# Each of the contract's areas: the settings, the frames, the reports, withdrawal.
SAMPLE = (
    "test_times",
    "test_four_calibrating_frames_then_monitoring",
    "test_reports[change0]",
    "test_withdraw[None]",
)


def test_contract_suite_passes_in_a_foreign_folder(tmp_path: Path) -> None:
    suite = tmp_path / SUITE.name
    shutil.copy(SUITE, suite)
    # Without the plugins that are here for other tests: to import them takes seconds.
    left_out = ("anyio", "cacheprovider", "hypothesispytest", "locust", "schemathesis", "xdist")
    options = ["-q", *(f"-pno:{name}" for name in left_out), "--rootdir", str(tmp_path), "--ds=posesmart.settings"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *(f"{suite}::{name}" for name in SAMPLE)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "ENV_FILE": str(tmp_path / "no.env")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{len(SAMPLE)} passed" in run.stdout
