"""Locks on files and folders, between processes. The system lets go of them when their process ends."""

import fcntl
import os
from pathlib import Path

FILE = os.O_WRONLY | os.O_CREAT
FOLDER = os.O_RDONLY | os.O_DIRECTORY
AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB


def lock(path: Path, *, kind: int = FILE, mode: int = AT_ONCE) -> int:
    """A file descriptor that holds the lock until it is closed.

    kind: FILE, which is made if it is missing, or FOLDER. mode: as flock takes it. Raises BlockingIOError if another
    process has the lock and it is not waited for, or another OSError.
    """
    descriptor = os.open(path, kind | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, mode)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
