"""A test suite that knows the contract only, and not this project, passes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "tests" / "foreign" / "contract_suite.py"


def test_a_suite_that_knows_only_the_contract_passes(tmp_path: Path) -> None:
    suite = tmp_path / "test_contract.py"
    shutil.copy(SUITE, suite)
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "--ds=posesmart.settings"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(suite)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "ENV_FILE": str(tmp_path / "no.env")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
