"""Ours against other libraries on the same frames: landmarks from scratch and tracked, and the descriptor.

The others are installed into an environment of their own, for a run, and answer from a process of it. Processor time of
all threads, since MediaPipe has several; decoding is not part of it.
"""

import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from itertools import count
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO, Any, cast

from ai_models.landmarks import Box, Face
from ai_models.vision import weights
from ai_models.vision.descriptor import describe_face, open_network, open_quick_network
from ai_models.vision.engine import open_backend
from ai_models.vision.faces import face_at, find_face
from ai_models.vision.frame import Image
from benchmarks import pipelines, plain
from benchmarks.environment import Run
from benchmarks.pipelines import OURS, Item
from benchmarks.report import Report
from benchmarks.turns import TOTAL, Sample, Way, comparison, faster, take_turns

MEDIAPIPE = "MediaPipe 0.10.21, FaceMesh"
FACE_RECOGNITION = "face_recognition 1.3.0"
DLIB, IN_BURST = "plain dlib", "ours in a burst, searched in every fifth frame"
SEARCH_EVERY = 5
# face_recognition by itself, with the wheel of dlib: it would compile another.
REQUIREMENTS = (
    ("mediapipe==0.10.21", "Click", "Pillow", "setuptools<81"),
    ("--no-deps", "face_recognition==1.3.0", "face_recognition_models==0.3.0", "dlib-bin==20.0.1.post1"),
)
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
PROCESS = Path(__file__).parent / "peer_process.py"


def measure(report: Report, run: Run, *, main: int = 120) -> None:
    """Adds tables and targets on `main` frames, or the reason why there are none."""
    sequences = run.frames(report, main)
    python, reason = _installed(run.folder / "peers")
    if reason:
        report.facts.append(f"Other libraries are not measured: {reason}.")
        return
    items = pipelines.items(sequences)
    with report.part("peers"), subprocess.Popen([python, PROCESS], stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        kinds = _ways(process, run.cache)
        measured = {kind: take_turns(ways, items, kind.lower(), warm_up=1) for kind, ways in kinds.items()}
        process.kill()
    for kind, times in measured.items():
        report.add(comparison(f"{kind}, 640×480, ms", times, DLIB if DLIB in times else MEDIAPIPE))
        if MEDIAPIPE in times:
            report.targets.append(faster(f"{kind}, against {MEDIAPIPE}", 1, times[MEDIAPIPE], times[OURS]))


def _installed(folder: Path) -> tuple[Path, str]:
    """The Python of a new environment with the other libraries, and the reason why there is none, or nothing."""
    venv.create(folder)
    python = folder / "bin" / "python"
    for requirements in REQUIREMENTS:
        command = [*PIP, "--python", str(python), "install", "--quiet", *requirements]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            return python, f"pip cannot install {', '.join(requirements)}: {ran.stderr.strip().splitlines()[-1]}"
    return python, ""


def _ways(process: "subprocess.Popen[bytes]", cache: Path) -> dict[str, dict[str, Way[Item]]]:
    backend, network = open_backend(cache), open_quick_network(cache) or open_network(cache)
    number = count()

    def in_burst(image: Image, near: Box) -> Face | None:
        is_searched = next(number) % SEARCH_EVERY == 0
        return find_face(image, near=near, backend=backend) if is_searched else face_at(image, near, backend)

    return {
        "Face and landmarks from scratch": {
            OURS: _ours(lambda image, _: find_face(image, backend=backend)),
            DLIB: _ours(lambda image, _: plain.find(image)),
            MEDIAPIPE: _theirs(process, "mediapipe"),
            FACE_RECOGNITION: _theirs(process, "face_recognition"),
        },
        "Face and landmarks, tracked": {
            OURS: _ours(lambda image, near: find_face(image, near=near, backend=backend), lambda item, _: item.near),
            IN_BURST: _ours(in_burst, lambda item, _: item.near),
            MEDIAPIPE: _theirs(process, "mediapipe tracked"),
        },
        "Descriptor": {
            OURS: _ours(lambda image, face: describe_face(image, face, network), lambda _, image: find_face(image)),
            DLIB: _ours(
                weights.descriptor_network().compute_face_descriptor,
                lambda _, image: (plain.find(image) or (None, None))[1],
            ),
            FACE_RECOGNITION: _theirs(process, "face_recognition descriptor"),
        },
    }


def _theirs(process: "subprocess.Popen[bytes]", name: str) -> Way[Item]:
    requests, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)

    def run(item: Item) -> Sample:
        requests.write(f"{name} {len(item.data)}\n".encode() + item.data)
        requests.flush()
        ms, is_found = json.loads(answers.readline())
        return Sample(**{TOTAL: ms}).found(is_found)

    return run


def _ours(call: Callable[[Image, Any], object], prepare: Callable[[Item, Image], object] | None = None) -> Way[Item]:
    """A call with an image, and with what is prepared without being timed; no face without that."""

    def run(item: Item) -> Sample:
        image = plain.decode(item.data)
        given = prepare(item, image) if prepare else None
        if prepare and given is None:
            return Sample().found(None)
        start = time.process_time_ns()
        found = call(image, given)
        return Sample(**{TOTAL: (time.process_time_ns() - start) / 1e6}).found(found is not None)

    return run
