"""`python manage.py drain_spool`: stores the frames that wait on disk, now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from mongos import archive, guard, maintenance
from personal_data import erasures

PATIENCE_S = 5.0


class Command(BaseCommand):
    help = (
        "Stores the frames that wait on disk because the archive could not be reached, and carries out the erasures it "
        "missed. The server does this by itself; this command shows how far it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", action="store_true", help="only tell what waits")
        parser.add_argument("--retry-refused", action="store_true", help="try once more what the archive refused")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["state"]:
            self._drain(retry_refused=options["retry_refused"])
        state = archive.spool().state()
        self.stdout.write(
            f"In {archive.spool().folder}: {state.waiting} frames waiting, {state.refused} refused by the archive, "
            f"{state.bytes / 2**20:.1f} MiB. Dropped so far for want of room: {state.dropped}. "
            f"Erasures to be carried out: {erasures.pending_count()}."
        )

    def _drain(self, *, retry_refused: bool) -> None:
        if not guard.probe(timeout_s=PATIENCE_S):
            raise CommandError("The frame archive cannot be reached. The frames wait on; try again when it is back.")
        spool = archive.spool()
        with spool.exclusive() as alone:
            if not alone:
                raise CommandError("A server is at it already; --state tells how far it is.")
            if retry_refused:
                spool.requeue()
            with tqdm(total=len(spool.entries()), unit="frame", disable=None) as bar:
                drained = maintenance.drain(erasures.storable, on_progress=bar.update)
            erasures.erasures_run_due()
        self.stdout.write(f"Stored {drained.stored}, deleted {drained.deleted}, refused {drained.refused}.")
        if not drained.is_complete:
            raise CommandError("The frame archive went away. The other frames wait on.")
