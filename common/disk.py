"""How much room is left on a folder's disk."""

import os
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Room:
    """In bytes. free: what this user may still write."""

    free: int
    total: int


def room_for(path: Path) -> Room:
    """The room on the disk of a file or folder; if it does not exist yet, of the nearest folder above it."""
    while True:
        try:
            disk = os.statvfs(path)
        except (FileNotFoundError, NotADirectoryError):
            path = path.absolute().parent
        else:
            return Room(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)
