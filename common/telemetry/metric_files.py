"""The folder in which a server's worker processes share their metrics, so that each of them can report all.

gunicorn.conf.py uses it before the application is loaded: no Django is imported here.
"""

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from common.file_lock import FOLDER, lock

FOLDER_NAME = "PROMETHEUS_MULTIPROC_DIR"  # the environment variable that prometheus_client reads
PREFIX = "posesmart-metrics-"
MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder, for this user alone


@cache
def prepare() -> None:
    """Make this server's folder, set it in the environment, and delete the folders of servers that were killed."""
    parent = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for folder in parent.glob(f"{PREFIX}*"):
        _delete_if_unused(folder)
    folder = _new_folder(parent)
    os.environ[FOLDER_NAME] = str(folder)
    atexit.register(_delete_at_exit, folder, os.getpid())


def folder() -> str:
    """This server's folder; empty if there is only one process."""
    return os.environ.get(FOLDER_NAME, "")


def _new_folder(parent: Path) -> Path:
    """A new folder, locked while this process or one forked from it lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        with suppress(FileNotFoundError, BlockingIOError):
            lock(folder, kind=FOLDER)
            if folder.is_dir():  # else a server that started at the same moment deleted it as unused
                return folder


def _delete_if_unused(folder: Path) -> None:
    with suppress(OSError):  # its server is running, it is another user's, or another process is deleting it
        descriptor = lock(folder, kind=FOLDER)
        try:
            shutil.rmtree(folder)
        finally:
            os.close(descriptor)


def _delete_at_exit(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # not in a worker, which runs the same exit handlers
        shutil.rmtree(folder, ignore_errors=True)
