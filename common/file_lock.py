"""Locks on files and folders, between processes. The system lets go of them when their process ends."""

import fcntl
import os
import struct
from pathlib import Path

FILE = os.O_WRONLY | os.O_CREAT
FOLDER = os.O_RDONLY | os.O_DIRECTORY
_FLOCK = struct.Struct("hhqqi0q")  # struct flock: type, whence, start, length, process
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


def lock_place(path: Path, place: int) -> int:
    """A file descriptor that holds the lock of one place of a file, so that one file has a lock for each user.

    Where the system has no such locks (they are Linux's), nothing is locked. Raises BlockingIOError if somebody else
    holds it, or another OSError.
    """
    descriptor = os.open(path, FILE | os.O_NOFOLLOW, 0o600)
    try:
        if hasattr(fcntl, "F_OFD_SETLK"):
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
