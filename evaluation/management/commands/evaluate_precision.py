"""`python manage.py evaluate_precision`: what 8-bit integers change in Face ID, on pictures of people."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ai_models.vision import precision
from ai_models.vision.descriptor import open_network, open_quick_network
from ai_models.vision.weights import WeightsMissing
from evaluation import clips, precisions
from evaluation.precisions import PersonFaces
from evaluation.traces import DatasetError


class Command(BaseCommand):
    help = "Compares Face ID in 8-bit integers with float32 on pictures of people. Stores nothing."
    requires_system_checks = []  # no database is needed, and missing weights are reported below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--pictures", metavar="DIR", nargs="+", required=True, help=f"pictures or videos of people. {clips.LAYOUT}"
        )
        parser.add_argument("--ranges", action="store_true", help="print the first half's ranges for resnet_ranges.py")
        parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            people = _people([Path(folder) for folder in options["pictures"]])
        except (DatasetError, WeightsMissing) as error:
            raise CommandError(str(error)) from error
        halves = precisions.halves(people)
        if options["ranges"]:
            first = halves[precisions.HALVES[0]]
            with tqdm(total=sum(len(person.chips) for person in first), desc="ranges", unit="face") as progress:
                ranges = precisions.measure_ranges(first, progress.update)
            self.stdout.write("\n".join(f"    {pair}," for pair in ranges))
            return
        table = precisions.results({name: precisions.compare(half) for name, half in halves.items()})
        self.stdout.write(table.markdown() if options["markdown"] else table.text())
        self.stdout.write(f"On this machine {precision.stored(settings.MODEL_CACHE_DIR)}.")


def _people(folders: list[Path]) -> list[PersonFaces]:
    """Raises DatasetError, WeightsMissing."""
    exact, quick = open_network(settings.MODEL_CACHE_DIR), open_quick_network(settings.MODEL_CACHE_DIR, "int8")
    if quick is None:
        raise CommandError("The network in 8-bit integers cannot be used on this machine: see the log.")
    files = [
        (person, [file for clip in found for file in clip])
        for folder in folders
        for person, found in clips.find_clips(folder).items()
    ]
    people = [
        precisions.person_faces(person, own, exact, quick) for person, own in tqdm(files, desc="faces", unit="person")
    ]
    if sum(len(person.chips) >= 2 for person in people) < 2 * len(precisions.HALVES):
        raise CommandError("At least four people with two faces each are needed.")
    return people
