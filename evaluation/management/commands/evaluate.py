"""`python manage.py evaluate`: how accurate the vision is, on labelled traces and on pictures of people."""

import json
import math
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ai_models.blink_finder import MIN_FRAME_RATE
from ai_models.vision.weights import WeightsMissing
from evaluation import blinks, people, replay, traces
from evaluation.chart import chart
from evaluation.identities import identities
from evaluation.jitter import deviations, jitters
from evaluation.report import Evaluation
from evaluation.result_tables import tables
from evaluation.traces import DataProblem


class Command(BaseCommand):
    help = "Tells how accurate Pose Smart is: blinks, open eyes, Face ID and posture, on labelled data. Stores nothing."
    requires_system_checks = []  # no database is needed, and missing weights are told below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--traces", metavar="DIR", help=f"labelled traces of the eye aspect ratio. {traces.LAYOUT}")
        parser.add_argument("--pictures", metavar="DIR", help=f"pictures or videos of people. {people.LAYOUT}")
        parser.add_argument("--frame-rate", type=float, default=30.0, metavar="N", help="of the traces, a second (30)")
        parser.add_argument(
            "--rates", type=float, nargs="+", default=[30.0, 15.0, 10.0], metavar="N", help="score at these (30 15 10)"
        )
        parser.add_argument(
            "--leave-one-out", action="store_true", help="score each person by weights fitted to all others"
        )
        parser.add_argument(
            "--hours", type=float, default=80.0, metavar="N", help="simulate so many of sitting still (80)"
        )
        parser.add_argument(
            "--trials", type=int, default=200, metavar="N", help="lean in, sink, tilt and glance down so often (200)"
        )
        output = parser.add_mutually_exclusive_group()
        output.add_argument("--json", action="store_true", help="print the figures as JSON, unrounded")
        output.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
        parser.add_argument("--chart", metavar="FILE", help="draw the figures into this SVG file, too")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["traces"] and not options["pictures"]:
            raise CommandError("Give --traces DIR, --pictures DIR, or both: there is nothing to measure.")
        if not 0 < options["hours"] < math.inf:
            raise CommandError("--hours takes a number above 0.")
        if options["trials"] < 1:
            raise CommandError("--trials takes a whole number from 1 on.")
        steps = _steps(options["frame_rate"], options["rates"])
        try:
            figures: dict[str, Any] = {}
            if options["traces"]:
                figures |= _of_traces(Path(options["traces"]), steps, options["frame_rate"], options["leave_one_out"])
            if options["pictures"]:
                figures |= _of_pictures(Path(options["pictures"]), options["hours"], options["trials"])
        except (DataProblem, WeightsMissing) as problem:
            raise CommandError(str(problem)) from problem
        self._tell(Evaluation(**figures), options)

    def _tell(self, evaluation: Evaluation, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(evaluation.as_json(), indent=2, allow_nan=False))
        else:
            told = tables(evaluation)
            self.stdout.write("\n\n".join(each.markdown() if options["markdown"] else each.text() for each in told))
        if options["chart"]:
            try:
                Path(options["chart"]).write_text(chart(evaluation), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"--chart {options['chart']}: {error.strerror}") from error


def _steps(frame_rate: float, rates: Sequence[float]) -> list[int]:
    """Every how many frames give each rate. Raises CommandError."""
    if not frame_rate > 0:
        raise CommandError("--frame-rate takes a number above 0.")
    steps = []
    for rate in dict.fromkeys(rates):
        if not MIN_FRAME_RATE <= rate <= frame_rate:
            raise CommandError(
                f"--rates {rate:g}: give rates from {MIN_FRAME_RATE:g}, below which no blinks are told, "
                f"to {frame_rate:g}, the traces' own."
            )
        step = round(frame_rate / rate)
        if abs(frame_rate / step - rate) > 0.01 * rate:
            raise CommandError(
                f"--rates {rate:g}: no choice of every nth frame makes {rate:g} of {frame_rate:g} a second."
            )
        steps.append(step)
    return steps


def _of_traces(folder: Path, steps: Sequence[int], frame_rate: float, leave_one_out: bool) -> dict[str, Any]:
    sittings = traces.read_sittings(folder, frame_rate)
    with tqdm(total=len(sittings), desc="blinks", unit="sitting") as progress:
        scores = blinks.score(sittings, steps, frame_rate, progress.update, leave_one_out=leave_one_out)
    return {
        "is_left_out": leave_one_out,
        "blinks": scores,
        "blink_summaries": blinks.summarize(scores),
        "open_eyes": [blinks.open_eyes(sitting) for sitting in sittings],
    }


def _of_pictures(folder: Path, hours: float, trials: int) -> dict[str, Any]:
    found = people.find_clips(folder)
    with tqdm(
        total=sum(len(files) for clips in found.values() for files in clips), desc="faces", unit="file"
    ) as progress:
        clips = [people.watch(person, files, progress.update) for person, clips in found.items() for files in clips]
    if not any(clip.samples for clip in clips):
        raise DataProblem(f"There is no face to be found in the pictures of {folder}.")
    figures: dict[str, Any] = {"identities": identities(clips), "jitters": jitters(clips)}
    jitter = deviations(clips)
    if not len(jitter):
        return figures
    rounds = replay.workdays(hours) * len(replay.SENSITIVITIES) * len(replay.NECK_TIMES_S)
    with tqdm(total=rounds, desc="sitting still", unit="workday") as progress:
        figures["stillness"] = replay.sit_still(jitter, hours, progress.update)
    with tqdm(replay.TRIAL_KINDS, desc="moving", unit="kind") as kinds:
        figures["told"] = [replay.try_out(jitter, kind, trials) for kind in kinds]
    return figures
