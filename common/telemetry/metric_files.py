"""The folder in which a server's worker processes keep their counts, so that any of them can tell those of all.

For gunicorn.conf.py, before the application is loaded: nothing of Django is imported here.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

FOLDER_NAME = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client looks for it in the environment
PREFIX = "posesmart-metrics-"
MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder, for this user alone


@cache
def prepare() -> None:
    """Make this server's folder, for the environment to tell, and delete those of servers that were killed."""
    parent = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for folder in parent.glob(f"{PREFIX}*"):
        _delete_if_left(folder)
    folder = _new_folder(parent)
    os.environ[FOLDER_NAME] = str(folder)
    atexit.register(_delete_at_exit, folder, os.getpid())


def folder() -> str:
    """This server's folder; none where one process is all there is."""
    return os.environ.get(FOLDER_NAME, "")


def _new_folder(parent: Path) -> Path:
    """A folder that is locked for as long as this process, or one forked from it, lives."""
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        with suppress(FileNotFoundError, BlockingIOError):
            _lock(made)
            if made.is_dir():  # else a server that began this moment took it for one that was left
                return made


def _delete_if_left(made: Path) -> None:
    with suppress(OSError):  # its server runs, it is another user's, or somebody else deletes it
        lock = _lock(made)
        try:
            shutil.rmtree(made)
        finally:
            os.close(lock)


def _lock(made: Path) -> int:
    """A file number that holds the lock. Raises BlockingIOError where another does, and OSError."""
    number = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(number)
        raise
    return number


def _delete_at_exit(made: Path, pid: int) -> None:
    if os.getpid() == pid:  # not in a worker, which ends the same way
        shutil.rmtree(made, ignore_errors=True)
