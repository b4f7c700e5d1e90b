"""A test suite that knows only the contract, and not this project, passes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "tests" / "foreign" / "contract_suite.py"


def test_contract_suite_passes(tmp_path: Path) -> None:
    suite = tmp_path / "test_contract.py"
    shutil.copy(SUITE, suite)
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "--ds=posesmart.settings"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(suite)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "ENV_FILE": str(tmp_path / "no.env")} | _own_database(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def _own_database() -> dict[str, str]:
    """A separate database, since on a server two runs would drop each other's test database; SQLite needs none."""
    if connection.vendor == "sqlite":
        return {}
    url = urlsplit(os.environ["DATABASE_URL"])
    return {"DATABASE_URL": url._replace(path=f"{url.path}_foreign").geturl()}
