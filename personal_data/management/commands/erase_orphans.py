"""`python manage.py erase_orphans`: deletes frames without a user; run it after a restore."""

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
        "Deletes frames whose user does not exist, or signed up after they were captured. Two backups are never from "
        "exactly the same moment: a restore may leave such frames, and a new user must not inherit them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only report how many there are")

    def handle(self, *args: Any, **options: Any) -> None:
        joined_at = dict(User.objects.values_list("pk", "date_joined"))
        frames = users = 0
        try:
            for user_id in tqdm(archive.user_ids(), unit="user", disable=None):
                joined = joined_at.get(user_id)
                count = self._erase(user_id, joined - timedelta(milliseconds=1) if joined else None, **options)
                frames, users = frames + count, users + bool(count)
        except ArchiveUnavailable as error:
            raise CommandError("The frame archive cannot be reached. Try again when it is back.") from error
        verb = "There are" if options["dry_run"] else "Deleted"
        self.stdout.write(f"{verb} {frames} frames of {users} users who do not exist or signed up later.")

    @staticmethod
    def _erase(user_id: int, until: Any, *, dry_run: bool, **options: Any) -> int:
        if dry_run:
            return archive.count(user_id=user_id, until=until)
        return archive.delete_all(user_id=user_id, until=until)[0]
