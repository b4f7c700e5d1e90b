"""How much room is left where frames are kept."""

from django.db import connections

from common.disk import Room, room_for
from mongos import space
from mongos.guard import ARCHIVE_ALIAS, archive_guard, is_remote


def archive_room() -> Room | None:
    """None if it is not known. Raises ArchiveUnavailable."""
    if is_remote():
        return _of_mongodb()
    rooms = [room_for(folder) for folder in space.places().values()]
    return min(rooms, key=lambda room: room.free, default=None)


def _of_mongodb() -> Room | None:
    with archive_guard():
        stats = connections[ARCHIVE_ALIAS].database.command("dbStats")  # type: ignore[attr-defined]
    total, used = stats.get("fsTotalSize"), stats.get("fsUsedSize")
    return Room(int(total - used), int(total)) if total and used is not None else None
