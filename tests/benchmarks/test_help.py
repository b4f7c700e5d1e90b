"""make bench and make bench-load as they are started: in a process of their own, without Django's settings."""

import os
import subprocess
import sys

import pytest

from tests.gunicorn_server import ROOT


@pytest.mark.parametrize("module", ["benchmarks", "benchmarks.load"])
def test_help_needs_no_settings(module: str) -> None:
    command = [sys.executable, "-m", module, "--help"]
    ran = subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "--write-docs" in ran.stdout
