import logging
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from unittest.mock import Mock

import dlib
import numpy as np
import pytest
from django.conf import settings

from ai_models.identity import Descriptor
from ai_models.landmarks import Face
from ai_models.vision import descriptor, resnet, weights
from ai_models.vision.descriptor import Network, describe_face, open_network
from ai_models.vision.export import Precision, export_path, exported_network
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.resnet_layers import CHIP_PX
from ai_models.vision.weights import WeightsMissing
from tests import pictures

SAME_WITHIN = 1e-5
# Run in its own process: the kB by which the heap grows, which forked processes would go on using.
HEAP_GROWTH = """
import re, sys
from pathlib import Path
import onnxruntime
from ai_models.vision.descriptor import open_network

def heap_kb():
    parts = re.findall(r"\\[heap\\]\\n(?:.*\\n)*?Rss: +([0-9]+)", Path("/proc/self/smaps").read_text())
    return sum(map(int, parts))

before = heap_kb()
open_network(Path(sys.argv[1]))
print(heap_kb() - before)
"""
HEAP_LIMIT_KB = 5_000  # 50 MB and more if opened in the main thread
FACES = {
    "astronaut": pictures.astronaut(),
    "eyes closed": pictures.eyes_closed(),
    "nearer": pictures.warped(scale=1.3),
    "tilted": pictures.warped(turn_deg=15),
    "low": pictures.warped(down_px=150),
    "small": pictures.framed(82, (200, 300)),
    "large, noisy": pictures.framed(300, (320, 240), noise=8),
    "at the edge": pictures.framed(160, (60, 240)),
    "poor JPEG": pictures.framed(120, (400, 200), quality=20),
}
GREY_CHIP = np.full((CHIP_PX, CHIP_PX, 3), 128, np.uint8)


@pytest.fixture(autouse=True)
def _fresh_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test opens its own networks, and frees them afterwards: they take 40 MB each."""
    monkeypatch.setattr(descriptor, "_open_network", cache(descriptor._open_network.__wrapped__))


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    """A folder with an export in it."""
    exported_network(settings.MODEL_CACHE_DIR)
    shutil.copy(export_path(settings.MODEL_CACHE_DIR), tmp_path)
    return tmp_path


def found(image: Image) -> Face:
    face = find_face(image)
    assert face is not None
    return face


def dlibs(chip: Image) -> Descriptor:
    return np.array(weights.descriptor_network().compute_face_descriptor(chip), np.float32)


def assert_is_onnx_runtimes(network: Network) -> None:
    difference = np.abs(network(GREY_CHIP) - dlibs(GREY_CHIP)).max()
    assert 0 < difference < SAME_WITHIN  # not exactly dlib's own


def assert_is_dlibs(network: Network) -> None:
    assert network(GREY_CHIP).tolist() == dlibs(GREY_CHIP).tolist()


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    assert all(record.levelno == logging.WARNING for record in caplog.records)
    return [record.getMessage() for record in caplog.records]


# --- The numbers ---


@pytest.mark.parametrize("name", FACES)
def test_face_descriptor_matches_dlib(name: str) -> None:
    image = FACES[name]
    face = found(image)
    rectangle = dlib.rectangle(face.box.left, face.box.top, face.box.right, face.box.bottom)
    shape = dlib.full_object_detection(rectangle, [dlib.point(x, y) for x, y in face.points.tolist()])
    expected = np.array(weights.descriptor_network().compute_face_descriptor(image, shape))
    ours = describe_face(image, face, open_network(settings.MODEL_CACHE_DIR))
    assert (ours.shape, ours.dtype.name) == ((128,), "float32")
    assert np.abs(ours - expected).max() < SAME_WITHIN


@pytest.mark.parametrize("kind", ["noise", "black", "white", "red", "stripes"])
def test_chip_descriptor_matches_dlib(kind: str) -> None:
    chip = np.zeros((CHIP_PX, CHIP_PX, 3), np.uint8)
    if kind == "noise":
        chip = np.random.default_rng(0).integers(0, 256, chip.shape, np.uint8)
    chip[:, :, 0] |= 255 * (kind in {"white", "red"})
    chip[:, :, 1:] |= 255 * (kind == "white")
    chip[::3, 1::2] |= 255 * (kind == "stripes")
    assert np.abs(open_network(settings.MODEL_CACHE_DIR)(chip) - dlibs(chip)).max() < SAME_WITHIN


def test_swapping_red_and_blue_changes_the_descriptor() -> None:
    image, face = pictures.astronaut(), found(pictures.astronaut())
    network = open_network(settings.MODEL_CACHE_DIR)
    swapped = np.ascontiguousarray(image[:, :, ::-1])
    assert np.abs(describe_face(image, face, network) - describe_face(swapped, face, network)).max() > 0.01


# --- Opening ---


def test_network_is_opened_once_per_folder(warm: Path) -> None:
    assert open_network(warm) is open_network(Path(str(warm)))
    assert open_network(settings.MODEL_CACHE_DIR) is not open_network(warm)


def test_concurrent_threads_share_one_network(warm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []

    def record_export(folder: Path, precision: Precision) -> bytes:
        folders.append(folder)
        return exported_network(folder, precision)

    monkeypatch.setattr(descriptor, "exported_network", record_export)
    with ThreadPoolExecutor(8) as pool:
        networks = set(pool.map(open_network, [warm] * 16))
    assert (len(networks), folders) == (1, [warm])


def test_later_process_opens_the_existing_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert_is_onnx_runtimes(open_network(tmp_path))
    descriptor._open_network.cache_clear()  # as in a process that starts later
    monkeypatch.setattr(resnet, "export", None)
    assert_is_onnx_runtimes(open_network(tmp_path))
    assert warnings_of(caplog) == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the memory pools are specific to glibc")
def test_opening_barely_grows_the_heap(warm: Path) -> None:
    command = [sys.executable, "-c", HEAP_GROWTH, str(warm)]
    result = subprocess.run(command, check=True, capture_output=True, text=True, cwd=settings.BASE_DIR)
    assert int(result.stdout) < HEAP_LIMIT_KB


def test_missing_weights_raise_instead_of_falling_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WeightsMissing):
        open_network(tmp_path)


# --- Without a usable export ---

SLOW = "Face ID uses dlib's own network, which takes about ten times as long."
Break = Callable[[Path, pytest.MonkeyPatch], Path]


def folder_below_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "file").write_bytes(b"")
    return folder / "file" / "models"


def folder_read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)  # root may write everywhere
    return folder


def no_onnx_runtime(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    return folder


def no_loading(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("onnxruntime.InferenceSession", Mock(side_effect=ValueError("of another kind")))
    return folder


def weights_of_another_layout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    export = resnet.export
    monkeypatch.setattr(resnet, "export", lambda weight_file: export(weight_file.replace(b"fc_2", b"fc_9")))
    return folder


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (folder_below_a_file, ["cannot be stored in {folder} (Not a directory)", "MODEL_CACHE_DIR"]),
        (folder_read_only, ["cannot be stored in {folder} (Permission denied)", "MODEL_CACHE_DIR"]),
        (no_onnx_runtime, ["ONNX Runtime is missing", "pip install -r requirements.txt"]),
        (no_loading, ["ONNX Runtime cannot load the descriptor network (of another kind)"]),
        (weights_of_another_layout, ["The weight file is not the expected one", "after byte"]),
    ],
)
def test_missing_export_warns_once_and_uses_dlib(
    broken: Break,
    expected: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = broken(tmp_path, monkeypatch)
    image, face = pictures.astronaut(), found(pictures.astronaut())
    slow = [describe_face(image, face, open_network(folder)) for _ in range(2)]
    assert_is_dlibs(open_network(folder))
    (warning,) = warnings_of(caplog)
    assert warning.endswith(SLOW)
    assert [part for part in expected if part.format(folder=folder) not in warning] == []
    monkeypatch.undo()
    fast = describe_face(image, face, open_network(settings.MODEL_CACHE_DIR))
    assert np.abs(slow[0] - fast).max() < SAME_WITHIN
    assert (slow[0].dtype.name, slow[0].tolist()) == ("float32", slow[1].tolist())
