"""The descriptor network's export: made from dlib's weight file on first use, and kept in a cache folder."""

import hashlib
import os
import tempfile
from pathlib import Path

from ai_models.vision import weights

FORMAT = 1  # goes up when resnet.py builds another graph from the same weights
READABLE_BY_ALL = 0o644


class ExportUnusable(RuntimeError):
    """There is no export to be had; the message says why, and what to do about it."""


def exported_network(cache_folder: Path, *, anew: bool = False) -> Path:
    """The ONNX file, made where it is missing, or anew. Raises ExportUnusable, WeightsMissing."""
    weight_file = weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes()
    path = cache_folder / f"descriptor-{hashlib.sha256(weight_file).hexdigest()}-{FORMAT}.onnx"
    try:
        if anew or not path.is_file():
            cache_folder.mkdir(parents=True, exist_ok=True)
            _write_whole(path, _export(weight_file))
    except OSError as error:
        raise ExportUnusable(
            f"The descriptor network's export cannot be kept in {cache_folder} ({error.strerror}): "
            "set MODEL_CACHE_DIR to a folder that can be written."
        ) from error
    return path


def _export(weight_file: bytes) -> bytes:
    try:
        from ai_models.vision import resnet

        return resnet.export(weight_file)
    except ImportError as error:
        raise ExportUnusable(f"The package onnx is missing ({error}): pip install -r requirements.txt.") from error
    except ValueError as error:
        raise ExportUnusable(f"The weight file is not the one that is known here ({error}).") from error


def _write_whole(path: Path, data: bytes) -> None:
    """Write the file in one step for all who look: processes that start together may all do it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, READABLE_BY_ALL)  # the service may run as another user than who installed it
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
