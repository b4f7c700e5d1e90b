"""`python manage.py prepare_archive`: makes MongoDB ready for frames, where one is configured."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mongos import guard, maintenance
from mongos.guard import ArchiveUnavailable
from mongos.router import ARCHIVE_ALIAS

PATIENCE_S = 5.0


class Command(BaseCommand):
    help = "Makes the collection and its indexes in MongoDB, and tells it how long frames are kept. Can be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        if not guard.is_remote():
            if options["verbosity"]:
                self.stdout.write("MONGODB_URI is not set: frames live in the database of DATABASE_URL.")
            return
        if not guard.probe(timeout_s=PATIENCE_S):
            raise CommandError("MongoDB cannot be reached at MONGODB_URI. Start it, or mend the address, and repeat.")
        try:
            with guard.archive_guard(), guard.with_timeout(PATIENCE_S):
                call_command("migrate", database=ARCHIVE_ALIAS, verbosity=0)
            maintenance.expire()
        except ArchiveUnavailable as error:
            raise CommandError("MongoDB went away. Repeat when it is back.") from error
        except maintenance.ExpiryRefused as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            days = settings.FRAME_RETENTION_DAYS
            kept = f"for {days} days" if days else "until their user deletes them"
            self.stdout.write(f"MongoDB is ready; frames are kept {kept}.")
