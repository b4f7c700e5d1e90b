"""`python manage.py purge_frames`: deletes frames older than FRAME_RETENTION_DAYS."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from mongos import maintenance
from mongos.guard import ArchiveUnavailable, is_remote


class Command(BaseCommand):
    help = (
        "Deletes frames older than FRAME_RETENTION_DAYS. gunicorn's workers do this automatically every hour. MongoDB "
        "does it itself: this command, and every start of the server, only sets the age there."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.FRAME_RETENTION_DAYS
        if is_remote():
            self._set_expiry(days)
        elif not days:
            self.stdout.write("FRAME_RETENTION_DAYS is 0: frames are kept for ever.")
        else:
            deleted = 0
            with tqdm(total=maintenance.expired_count(), unit="frame", disable=None) as bar:
                for count in maintenance.delete_expired_slices():
                    deleted += count
                    bar.update(count)
            self.stdout.write(f"Deleted {deleted} frames older than {days} days.")

    def _set_expiry(self, days: int) -> None:
        try:
            maintenance.expire()
        except ArchiveUnavailable as error:
            raise CommandError("MongoDB cannot be reached.") from error
        except maintenance.ExpiryRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"MongoDB deletes frames after {days} days." if days else "MongoDB keeps frames for ever.")
