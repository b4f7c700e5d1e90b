"""`python manage.py drain_spool`: stores the frames that wait on disk."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from mongos import archive, guard, maintenance
from personal_data import erasures, quota

TIMEOUT_S = 5.0


class Command(BaseCommand):
    help = (
        "Stores the frames that wait on disk because the archive could not be reached, and carries out the erasures it "
        "missed. The server does this automatically; this command shows the progress."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", action="store_true", help="only report what is waiting")
        parser.add_argument("--retry-refused", action="store_true", help="also retry what the archive refused")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["state"]:
            self._drain(retry_refused=options["retry_refused"])
        state = archive.spool().state()
        self.stdout.write(
            f"In {archive.spool().folder}: {state.waiting} frames waiting, {state.refused} refused by the archive, "
            f"{state.bytes / 2**20:.1f} MiB. Dropped so far for lack of space: {state.dropped}. "
            f"Erasures to be carried out: {erasures.pending_count()}."
        )

    def _drain(self, *, retry_refused: bool) -> None:
        if not guard.probe(timeout_s=TIMEOUT_S):
            raise CommandError("The frame archive cannot be reached. The frames stay on disk; try again later.")
        spool = archive.spool()
        with spool.exclusive() as is_exclusive:
            if not is_exclusive:
                raise CommandError("A server is already storing them; --state shows its progress.")
            if retry_refused:
                spool.requeue()
            with tqdm(total=len(spool.entries()), unit="frame", disable=None) as bar:
                drained = maintenance.drain(erasures.storable, on_progress=bar.update)
            erasures.erasures_run_due()
            quota.settle()
        self.stdout.write(f"Stored {drained.stored}, deleted {drained.deleted}, refused {drained.refused}.")
        if not drained.is_complete:
            raise CommandError("The frame archive became unavailable. The other frames stay on disk.")
