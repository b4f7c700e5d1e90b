import errno
import hashlib
import logging
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from django.conf import settings

from ai_models.vision import resnet, weights
from ai_models.vision.descriptor import open_network
from ai_models.vision.dlib_format import DlibFormatError
from ai_models.vision.export import FORMAT, ExportUnusable, exported_network
from tests.processes import answers_of


class Stopped(BaseException):
    """An exception that ends a process half-way."""


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Replaces the export, which is tested elsewhere; gives the length of each weight file exported from now on."""
    lengths: list[int] = []

    def export(weight_file: bytes) -> bytes:
        lengths.append(len(weight_file))
        return b"an export"

    monkeypatch.setattr(resnet, "export", export)
    return lengths


def weight_file() -> bytes:
    return weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes()


def open_and_describe(folder: Path) -> tuple[list[float], list[str]]:
    """Run in its own process: the descriptor of a grey chip, and the messages logged meanwhile."""
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    network = open_network(folder)
    return network(np.full((resnet.CHIP_PX, resnet.CHIP_PX, 3), 128, np.uint8)).tolist(), messages


# --- The graph ---


def test_exporting_twice_gives_the_same_bytes() -> None:
    assert resnet.export(weight_file()) == resnet.export(weight_file())


def test_graph_maps_one_chip_to_128_numbers() -> None:
    graph = onnx.load(exported_network(settings.MODEL_CACHE_DIR)).graph
    ends = [
        (
            end.name,
            end.type.tensor_type.elem_type,
            [dimension.dim_value for dimension in end.type.tensor_type.shape.dim],
        )
        for end in (*graph.input, *graph.output)
    ]
    assert ends == [
        ("chip", onnx.TensorProto.UINT8, [1, 150, 150, 3]),
        ("descriptor", onnx.TensorProto.FLOAT, [1, 128]),
    ]


def test_last_eight_convolutions_are_matrix_products() -> None:
    # 29 convolutions, the last eight written as matrix products, and two that widen.
    operators = [node.op_type for node in onnx.load(exported_network(settings.MODEL_CACHE_DIR)).graph.node]
    assert operators.count("Conv") == 1 + 2 * 10 + 2
    assert operators.count("Gemm") == 2 * 4


@pytest.mark.parametrize("length", [0, 1000, 1_000_000, 20_000_000])
def test_truncated_weight_file_is_refused(length: int) -> None:
    with pytest.raises(DlibFormatError):
        resnet.export(weight_file()[:length])


def test_other_dlib_weight_file_is_refused() -> None:
    with pytest.raises(DlibFormatError):
        resnet.export(weights.weight_path(weights.LANDMARKS_FILE).read_bytes()[:1_000_000])


# --- The file ---


def test_file_name_holds_the_weights_hash(tmp_path: Path, exports: list[int]) -> None:
    path = exported_network(tmp_path)
    assert path == tmp_path / f"descriptor-{hashlib.sha256(weight_file()).hexdigest()}-{FORMAT}.onnx"
    assert path.read_bytes() == b"an export"


@pytest.mark.usefixtures("exports")
def test_everybody_may_read_and_owner_may_write_file(tmp_path: Path) -> None:
    assert exported_network(tmp_path).stat().st_mode & 0o777 == 0o644


def test_missing_folder_is_created(tmp_path: Path, exports: list[int]) -> None:
    assert exported_network(tmp_path / "not" / "yet").is_file()
    assert len(exports) == 1


def test_second_call_exports_nothing(tmp_path: Path, exports: list[int]) -> None:
    assert exported_network(tmp_path) == exported_network(tmp_path)
    assert exports == [len(weight_file())]


def test_other_weights_get_their_own_export(
    tmp_path: Path, exports: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exported_network(tmp_path)
    other = tmp_path / "weights.dat"
    other.write_bytes(b"other weights")
    monkeypatch.setattr(weights, "weight_path", lambda name: other)
    after = exported_network(tmp_path)
    assert before != after
    assert (before.is_file(), after.is_file(), len(exports)) == (True, True, 2)


@pytest.mark.usefixtures("exports")
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), Stopped(), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["replace", "fsync", "fchmod"])
def test_interrupted_write_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def interrupted(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(os, step, interrupted)
    with pytest.raises((ExportUnusable, Stopped, KeyboardInterrupt)):
        exported_network(tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("exports")
def test_full_disk_error_names_folder_and_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportUnusable) as unusable:
        exported_network(tmp_path)
    assert str(unusable.value) == (
        f"The descriptor network's export cannot be stored in {tmp_path} (No space left on device): "
        "set MODEL_CACHE_DIR to a writable folder."
    )


@pytest.mark.usefixtures("exports")
def test_file_instead_of_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ExportUnusable, match=r"set MODEL_CACHE_DIR to a writable folder\.$"):
            exported_network(folder)


def test_missing_onnx_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ExportUnusable, match=r"^The package onnx is missing .* pip install -r requirements\.txt\.$"):
        exported_network(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_existing_export_needs_no_onnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = exported_network(settings.MODEL_CACHE_DIR)
    shutil.copy(export, tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert exported_network(tmp_path) == tmp_path / export.name


# --- Concurrent processes ---


def test_four_processes_can_export_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "cold"
    responses = answers_of("spawn", 4, open_and_describe, folder)
    assert [warnings for _, warnings in responses] == [[]] * 4
    assert len({tuple(descriptor) for descriptor, _ in responses}) == 1
    expected = exported_network(settings.MODEL_CACHE_DIR)
    assert [path.name for path in folder.iterdir()] == [expected.name]
    assert (folder / expected.name).read_bytes() == expected.read_bytes()


def test_forbidden_folder_error_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    export = exported_network(settings.MODEL_CACHE_DIR)
    assert export.is_file()
    weights_found = weights.weight_path(weights.DESCRIPTOR_FILE)
    monkeypatch.setattr(weights, "weight_path", lambda name: weights_found)
    monkeypatch.setattr(Path, "is_file", refuse)  # root may enter every folder
    with pytest.raises(ExportUnusable, match="MODEL_CACHE_DIR"):
        exported_network(tmp_path)
