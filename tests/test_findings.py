"""The scripts in findings/. They install packages and are run by hand; here only their form is checked."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))
MAX_LINES = 75


def test_page_lists_every_script_and_no_other() -> None:
    page = (ROOT / "docs" / "findings.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert SCRIPTS
    assert sorted(listed) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_is_valid_bash(script: Path) -> None:
    subprocess.run(["/bin/bash", "-n", str(script)], check=True)
    assert len(script.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_stops_at_errors_and_cleans_up(script: Path) -> None:
    lines = script.read_text().splitlines()
    assert {"set -euo pipefail", "work=$(mktemp -d)"} <= set(lines)
    assert any(line.startswith("trap ") and 'rm -rf "$work"' in line for line in lines)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_pins_every_package(script: Path) -> None:
    packages = _installed_by(r"/bin/pip\"", script)
    assert packages
    assert all("==" in package for package in packages), packages
    packages = _installed_by("npm", script)
    assert all(re.search(r".@\d+\.\d+\.\d+$", package) for package in packages), packages


def _installed_by(command: str, script: Path) -> list[str]:
    calls = re.findall(rf"{command} install ((?:.*\\\n)*.*)", script.read_text())
    return [word for call in calls for word in re.split(r"[\s\\]+", call) if word and word[0] != "-"]
