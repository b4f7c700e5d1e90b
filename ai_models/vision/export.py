"""The descriptor network's ONNX export: made from dlib's weight file on first use, and stored in a cache folder."""

import hashlib
import os
import tempfile
from pathlib import Path

from ai_models.vision import weights

FORMAT = 1  # increase it when resnet.py builds a different graph from the same weights
READABLE_BY_ALL = 0o644


class ExportUnusable(RuntimeError):
    """The export cannot be made or loaded; the message says why and what to do about it."""


def exported_network(cache_folder: Path, *, rebuild: bool = False) -> Path:
    """The path of the ONNX file, made if it is missing or rebuild is set. Raises ExportUnusable, WeightsMissing."""
    weight_file = weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes()
    path = cache_folder / f"descriptor-{hashlib.sha256(weight_file).hexdigest()}-{FORMAT}.onnx"
    try:
        if rebuild or not path.is_file():
            cache_folder.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, _export(weight_file))
    except OSError as error:
        raise ExportUnusable(
            f"The descriptor network's export cannot be stored in {cache_folder} ({error.strerror}): "
            "set MODEL_CACHE_DIR to a writable folder."
        ) from error
    return path


def _export(weight_file: bytes) -> bytes:
    try:
        from ai_models.vision import resnet

        return resnet.export(weight_file)
    except ImportError as error:
        raise ExportUnusable(f"The package onnx is missing ({error}): pip install -r requirements.txt.") from error
    except ValueError as error:
        raise ExportUnusable(f"The weight file is not the expected one ({error}).") from error


def _write_atomically(path: Path, data: bytes) -> None:
    """Write the file in one step: processes that start together may all write it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, READABLE_BY_ALL)  # the service may run as a different user than the installer
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
