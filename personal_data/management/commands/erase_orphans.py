"""`python manage.py erase_orphans`: deletes frames that belong to nobody; to be run after a restore."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.models import User
from mongos import archive
from mongos.guard import ArchiveUnavailable


class Command(BaseCommand):
    help = (
        "Deletes frames whose user does not exist, or signed up after they were captured. Two backups are never of one "
        "moment: after a restore there may be such frames, and a new user must not come into them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only tell how many there are")

    def handle(self, *args: Any, **options: Any) -> None:
        joined_at = dict(User.objects.values_list("pk", "date_joined"))
        frames = users = 0
        try:
            for user_id in tqdm(archive.user_ids(), unit="user", disable=None):
                joined = joined_at.get(user_id)
                count = self._erase(user_id, joined - timedelta(milliseconds=1) if joined else None, **options)
                frames, users = frames + count, users + bool(count)
        except ArchiveUnavailable as error:
            raise CommandError("The frame archive cannot be reached. Repeat when it is back.") from error
        verb = "There are" if options["dry_run"] else "Deleted"
        self.stdout.write(f"{verb} {frames} frames of {users} users who do not exist, or did not then.")

    @staticmethod
    def _erase(user_id: int, until: Any, *, dry_run: bool, **options: Any) -> int:
        if dry_run:
            return archive.count(user_id=user_id, until=until)
        return archive.delete_all(user_id=user_id, until=until)[0]
