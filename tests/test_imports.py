"""The service starts without dlib, cv2, onnxruntime and onnx: they are imported where they are used."""

import json
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests import pictures

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"dlib", "cv2", "onnxruntime", "onnx"}
PURE = [
    *(f"ai_models.{name}" for name in ("analysis", "blink", "identity", "measures", "posture", "quality")),
    *(f"ai_models.monitoring.{path.stem}" for path in (ROOT / "ai_models/monitoring").glob("[a-z]*.py")),
]
START_DJANGO = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'posesmart.settings'; django.setup()"

# A neck frame that enrols, one that is compared, and one of a session, each as a client sends it.
JUDGE_FRAMES = f"""
import base64, os
from pathlib import Path
folder = Path({{folder!r}})
os.environ |= dict(DATABASE_URL=f"sqlite:///{{{{folder}}}}/db.sqlite3", SPOOL_DIR=str(folder / "spool"))
{START_DJANGO}
from django.test import Client
frame = (folder / "frame.jpg").read_bytes()

def post(path, data, content_type="application/json", **headers):
    response = Client().post(f"/api/{{{{path}}}}", data, content_type, headers=dict(host="localhost", **headers))
    assert response.status_code < 300, response.content
    return response.json()

post("accounts/", dict(username="mina", password="12341234"))
access = post("accounts/login/", dict(username="mina", password="12341234"))["access"]
token = dict(authorization=f"Bearer {{{{access}}}}")
body = dict.fromkeys(("face_x", "face_y", "nose_to_center"), "")
body |= dict.fromkeys(("face_x_mean", "face_y_mean", "nose_mean"), 1.0)
for cnt in (3, 4):
    sent = body | dict(cnt=cnt, blob_data=base64.b64encode(frame).decode())
    assert post("detections/neck/", sent, **token)["detection_flag"] == "detected"
session = post("detections/sessions/", dict(), **token)["id"]
assert post(f"detections/sessions/{{{{session}}}}/frames/", frame, "image/jpeg", **token)["accepted"]
"""


@cache
def modules_after(code: str) -> frozenset[str]:
    """The top-level modules that a new interpreter has loaded after running some code."""
    listing = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{listing}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return frozenset(json.loads(result.stdout.splitlines()[-1]))


def test_service_starts_and_checks_itself_without_vision_and_scipy() -> None:
    """A server's process, and `manage.py check`."""
    start = "import posesmart.wsgi, posesmart.urls, accounts.admin, detections.views"
    check = "from django.core.management import call_command; call_command('check')"
    modules = modules_after(f"import sys; sys.modules['scipy'] = None; {START_DJANGO}; {start}; {check}")
    assert {"django", "rest_framework", "detections"} <= modules
    assert modules & HEAVY == set()


def test_export_and_its_opening_need_only_onnx_runtime(tmp_path: Path) -> None:
    opening = f"open_network(Path({str(tmp_path)!r}))"
    code = f"from pathlib import Path; from ai_models.vision.descriptor import open_network; {opening}"
    assert modules_after(code) & HEAVY == {"onnxruntime"}


@pytest.mark.usefixtures("migrated_file")
def test_process_that_has_judged_frames_holds_neither_scipy_nor_onnx(tmp_path: Path) -> None:
    (tmp_path / "frame.jpg").write_bytes(pictures.jpeg(pictures.astronaut()))
    modules = modules_after(JUDGE_FRAMES.format(folder=str(tmp_path)))
    assert {"dlib", "cv2", "onnxruntime"} <= modules
    assert modules & {"scipy", "onnx", "ml_dtypes", "matplotlib"} == set()


def test_pure_modules_import_only_numpy_and_msgspec() -> None:
    new = modules_after(f"import {', '.join(PURE)}") - modules_after("import numpy, msgspec.structs")
    # zoneinfo also loads the standard library's table of how this Python was built.
    own = {name for name in new if not name.startswith("_sysconfigdata")} - sys.stdlib_module_names
    assert own == {"ai_models"}


def test_upward_import_is_refused(tmp_path: Path) -> None:
    """The contracts in pyproject.toml reject a copy in which the store imports an app above it."""
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    for package in packages:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert lint_imports(tmp_path).returncode == 0
    with (tmp_path / "mongos/archive.py").open("a") as file:
        file.write("\nfrom accounts.models import User\n")
    refused = lint_imports(tmp_path)
    assert refused.returncode == 1
    assert "mongos.archive -> accounts.models" in refused.stdout


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
