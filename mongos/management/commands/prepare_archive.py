"""`python manage.py prepare_archive`: prepares MongoDB for frames, if it is configured."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mongos import guard, maintenance
from mongos.guard import ARCHIVE_ALIAS, ArchiveUnavailable

PROBE_TIMEOUT_S = 5.0
MIGRATE_TIMEOUT_S = 600.0  # an index of millions of frames takes minutes


class Command(BaseCommand):
    help = "Creates the collection and its indexes in MongoDB, and sets how long frames are kept. Can be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        if not guard.is_remote():
            if options["verbosity"]:
                self.stdout.write("MONGODB_URI is not set: frames are stored in the database of DATABASE_URL.")
            return
        if not guard.probe(timeout_s=PROBE_TIMEOUT_S):
            raise CommandError("MongoDB cannot be reached at MONGODB_URI. Start it or fix the address, and try again.")
        try:
            with guard.archive_guard(), guard.with_timeout(MIGRATE_TIMEOUT_S):
                call_command("migrate", database=ARCHIVE_ALIAS, verbosity=0)
            maintenance.expire()
        except ArchiveUnavailable as error:
            raise CommandError("MongoDB became unavailable. Try again when it is back.") from error
        except maintenance.ExpiryRefused as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            days = settings.FRAME_RETENTION_DAYS
            period = f"for {days} days" if days else "until their user deletes them"
            self.stdout.write(f"MongoDB is ready; frames are kept {period}.")
