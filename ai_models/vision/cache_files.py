"""Files in the model cache folder, which several processes may make and read."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

READABLE_BY_ALL = 0o644  # the service may run as a different user than the installer


def write_atomically(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file in one step: processes that start together may all write it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.writelines(parts)
            file.flush()
            os.fchmod(file.fileno(), READABLE_BY_ALL)
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
