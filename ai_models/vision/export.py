"""The descriptor network's ONNX exports: made from dlib's weight file on first use, and stored in a cache folder.

What is read from the folder is compared with this release's hashes before it is used: a file that was changed or cut
short there is made anew, never run.
"""

import hashlib
import logging
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Final, Literal

from ai_models.vision import weights

Precision = Literal["fp32", "int8"]

PRECISIONS: Final[tuple[Precision, ...]] = ("fp32", "int8")
FORMAT: Final = (
    2  # increase it when resnet.py or resnet_int8.py builds a different graph, and write the new hashes below
)
# The SHA-256 of dlib's weight file and of what is made from it. Exporting is deterministic on every machine.
KNOWN_WEIGHTS: Final = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
KNOWN_EXPORTS: Final[dict[Precision, str]] = {
    "fp32": "a2200d4159960f5369d6861096d84ee20cf8795ad45c9645288745ac2358b5c7",
    "int8": "81de37b40da19c249e08130a03038e5feea672d09648db71683bca5983447f9b",
}
READABLE_BY_ALL = 0o644

_log = logging.getLogger(__name__)


class ExportUnusable(RuntimeError):
    """The export cannot be made or loaded; the message says why and what to do about it."""


def export_path(cache_folder: Path, precision: Precision = "fp32") -> Path:
    """Where the export of the installed weight file is stored. Raises WeightsMissing."""
    return cache_folder / f"descriptor-{_weights_hash()}-{precision}-{FORMAT}.onnx"


def exported_network(cache_folder: Path, precision: Precision = "fp32") -> bytes:
    """The ONNX file's content, made and stored if it is not there as made. Raises ExportUnusable, WeightsMissing."""
    path = export_path(cache_folder, precision)
    try:
        stored = path.read_bytes() if path.is_file() else None
        if stored is not None and _is_as_made(stored, precision):
            return stored
        made = _export(weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes(), precision)
        if stored is not None and stored != made:
            _log.warning("%s is not as it was made: it is replaced.", path)
        if stored != made:
            cache_folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, made)
    except OSError as error:
        raise ExportUnusable(
            f"The descriptor network's export cannot be stored in {cache_folder} ({error.strerror}): "
            "set MODEL_CACHE_DIR to a writable folder."
        ) from error
    return made


def export_all(cache_folder: Path) -> None:
    """Store every export, for an image or a package. Raises ExportUnusable, WeightsMissing."""
    for precision in PRECISIONS:
        exported_network(cache_folder, precision)


def write_atomically(path: Path, data: bytes) -> None:
    """Write the file in one step: processes that start together may all write it. Raises OSError."""
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


def _is_as_made(stored: bytes, precision: Precision) -> bool:
    """False for other weights than the known ones, too: their export is made anew at each start, in 0.2 s."""
    return _weights_hash() == KNOWN_WEIGHTS and _sha256(stored) == KNOWN_EXPORTS[precision]


def _weights_hash() -> str:
    path = weights.weight_path(weights.DESCRIPTOR_FILE)
    status = path.stat()
    return _file_hash(path, status.st_size, status.st_mtime_ns)


@cache
def _file_hash(path: Path, size: int, changed_ns: int) -> str:
    return _sha256(path.read_bytes())


def _export(weight_file: bytes, precision: Precision) -> bytes:
    from ai_models.vision import resnet, resnet_int8

    export = resnet.export if precision == "fp32" else resnet_int8.export
    try:
        return export(weight_file)
    except ValueError as error:
        raise ExportUnusable(f"The weight file is not the expected one ({error}).") from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
