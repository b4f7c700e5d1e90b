import errno
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from django.conf import settings

from ai_models.vision import export as export_module
from ai_models.vision import resnet, resnet_int8, weights
from ai_models.vision.descriptor import open_network
from ai_models.vision.dlib_format import DlibFormatError
from ai_models.vision.export import (
    FORMAT,
    KNOWN_EXPORTS,
    KNOWN_WEIGHTS,
    ExportUnusable,
    Precision,
    export_all,
    export_path,
    exported_network,
)
from ai_models.vision.resnet_layers import CHIP_PX
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
    monkeypatch.setitem(KNOWN_EXPORTS, "fp32", hashlib.sha256(b"an export").hexdigest())
    return lengths


PRECISIONS = pytest.mark.parametrize("precision", ["fp32", "int8"])


def model(precision: Precision) -> onnx.ModelProto:
    return onnx.load_from_string(exported_network(settings.MODEL_CACHE_DIR, precision))


def weight_file() -> bytes:
    return weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes()


def open_and_describe(folder: Path) -> tuple[list[float], list[str]]:
    """Run in its own process: the descriptor of a grey chip, and the messages logged meanwhile."""
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    network = open_network(folder)
    return network(np.full((CHIP_PX, CHIP_PX, 3), 128, np.uint8)).tolist(), messages


# --- The graph ---


def test_known_hashes_are_those_of_the_exports() -> None:
    exports = {"fp32": resnet.export(weight_file()), "int8": resnet_int8.export(weight_file())}
    assert hashlib.sha256(weight_file()).hexdigest() == KNOWN_WEIGHTS
    assert {name: hashlib.sha256(export).hexdigest() for name, export in exports.items()} == KNOWN_EXPORTS


@PRECISIONS
def test_graph_passes_the_checker_of_onnx(precision: Precision) -> None:
    onnx.checker.check_model(model(precision), full_check=True)


@PRECISIONS
def test_graph_maps_one_chip_to_128_numbers(precision: Precision) -> None:
    graph = model(precision).graph
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
    operators = [node.op_type for node in model("fp32").graph.node]
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
    assert exported_network(tmp_path) == b"an export"
    path = tmp_path / f"descriptor-{hashlib.sha256(weight_file()).hexdigest()}-fp32-{FORMAT}.onnx"
    assert (export_path(tmp_path), path.read_bytes()) == (path, b"an export")


@pytest.mark.usefixtures("exports")
def test_everybody_may_read_and_owner_may_write_file(tmp_path: Path) -> None:
    exported_network(tmp_path)
    assert export_path(tmp_path).stat().st_mode & 0o777 == 0o644


def test_missing_folder_is_created(tmp_path: Path, exports: list[int]) -> None:
    exported_network(tmp_path / "not" / "yet")
    assert export_path(tmp_path / "not" / "yet").is_file()
    assert len(exports) == 1


def test_second_call_exports_nothing(tmp_path: Path, exports: list[int]) -> None:
    assert exported_network(tmp_path) == exported_network(tmp_path)
    assert exports == [len(weight_file())]


def test_other_weights_get_their_own_export(
    tmp_path: Path, exports: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    exported_network(tmp_path)
    before = export_path(tmp_path)
    other = tmp_path / "weights.dat"
    other.write_bytes(b"other weights")
    monkeypatch.setattr(weights, "weight_path", lambda name: other)
    exported_network(tmp_path)
    after = export_path(tmp_path)
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


# --- What is in the folder is not trusted ---


def changed(export: bytes) -> bytes:
    """With other weights: everybody would be the owner."""
    model = onnx.load_from_string(export)
    for constant in model.graph.initializer:
        if constant.data_type == onnx.TensorProto.FLOAT and len(constant.dims) > 1:
            zeros = np.zeros(tuple(constant.dims), np.float32)
            constant.CopyFrom(onnx.numpy_helper.from_array(zeros, constant.name))
    return bytes(model.SerializeToString())


def cut_short(export: bytes) -> bytes:
    return export[:1_000_000]


def emptied(export: bytes) -> bytes:
    return b""


@PRECISIONS
@pytest.mark.parametrize("damage", [changed, cut_short, emptied])
def test_file_that_is_not_as_made_is_replaced_with_a_warning(
    damage: Callable[[bytes], bytes], precision: Precision, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    export = exported_network(settings.MODEL_CACHE_DIR, precision)
    path = export_path(tmp_path, precision)
    path.write_bytes(damage(export))
    assert exported_network(tmp_path, precision) == export == path.read_bytes()
    assert [record.getMessage() for record in caplog.records] == [f"{path} is not as it was made: it is replaced."]
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_export_of_unknown_weights_is_never_read_from_the_folder(
    tmp_path: Path, exports: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "KNOWN_WEIGHTS", "of an earlier release")
    for _ in range(2):
        assert exported_network(tmp_path) == b"an export"
    assert len(exports) == 2


def test_image_gets_both_precisions(tmp_path: Path) -> None:
    export_all(tmp_path)
    assert set(tmp_path.iterdir()) == {export_path(tmp_path, "fp32"), export_path(tmp_path, "int8")}


# --- Concurrent processes ---


def test_four_processes_can_export_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "cold"
    responses = answers_of("spawn", 4, open_and_describe, folder)
    assert [warnings for _, warnings in responses] == [[]] * 4
    assert len({tuple(descriptor) for descriptor, _ in responses}) == 1
    expected = exported_network(settings.MODEL_CACHE_DIR)
    assert list(folder.iterdir()) == [export_path(folder)]
    assert export_path(folder).read_bytes() == expected


def test_forbidden_folder_error_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    weights_found = weights.weight_path(weights.DESCRIPTOR_FILE)
    monkeypatch.setattr(weights, "weight_path", lambda name: weights_found)
    monkeypatch.setattr(Path, "is_file", refuse)  # root may enter every folder
    with pytest.raises(ExportUnusable, match="MODEL_CACHE_DIR"):
        exported_network(tmp_path)
