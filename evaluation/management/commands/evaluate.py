"""`python manage.py evaluate`: measures the vision's accuracy on labelled traces and on pictures of people."""

import importlib.util
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
from evaluation import blinks, clips, natural, replay, served, traces
from evaluation.chart import draw_chart
from evaluation.identities import measure_identities
from evaluation.jitter import deviations, measure_jitter
from evaluation.report import Evaluation
from evaluation.result_tables import make_tables
from evaluation.seats import measure_groups
from evaluation.traces import DatasetError


class Command(BaseCommand):
    help = "Measures the accuracy of blinks, open eyes, Face ID and posture on labelled data. Stores nothing."
    requires_system_checks = []  # no database is needed, and missing weights are reported below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--traces", metavar="DIR", help=f"labelled traces of the eye aspect ratio. {traces.LAYOUT}")
        parser.add_argument("--pictures", metavar="DIR", help=f"pictures or videos of people. {clips.LAYOUT}")
        parser.add_argument("--frame-rate", type=float, default=30.0, metavar="N", help="of the traces (30)")
        parser.add_argument(
            "--rates", type=float, nargs="+", default=[30.0, 15.0, 10.0], metavar="N", help="score at these (30 15 10)"
        )
        parser.add_argument(
            "--leave-one-out", action="store_true", help="score each person with weights fitted to all others"
        )
        parser.add_argument(
            "--hours", type=float, default=100.0, metavar="N", help="simulated hours of sitting still (100)"
        )
        parser.add_argument(
            "--trials", type=int, default=200, metavar="N", help="simulated trials of each change of posture (200)"
        )
        output = parser.add_mutually_exclusive_group()
        output.add_argument("--json", action="store_true", help="print the figures as JSON, unrounded")
        output.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
        parser.add_argument("--chart", metavar="FILE", help="also draw the figures into this SVG file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["chart"] and importlib.util.find_spec("matplotlib") is None:
            raise CommandError("evaluate needs matplotlib. Install it with: pip install -r requirements-dev.txt")
        if options["chart"] and not Path(options["chart"]).absolute().parent.is_dir():
            raise CommandError(f"--chart {options['chart']}: its folder does not exist. Make it first.")
        if not options["traces"] and not options["pictures"]:
            raise CommandError("Give --traces DIR, --pictures DIR, or both: there is nothing to measure.")
        if not 0 < options["hours"] < math.inf:
            raise CommandError("--hours must be a number above 0.")
        if options["trials"] < 1:
            raise CommandError("--trials must be a whole number, at least 1.")
        steps = _steps(options["frame_rate"], options["rates"])
        try:
            figures: dict[str, Any] = {}
            if options["traces"]:
                folder = Path(options["traces"])
                figures |= _evaluate_traces(folder, steps, options["frame_rate"], options["leave_one_out"])
            if options["pictures"]:
                figures |= _evaluate_pictures(Path(options["pictures"]), options["hours"], options["trials"])
        except (DatasetError, WeightsMissing) as error:
            raise CommandError(str(error)) from error
        self._report(Evaluation(**figures), options)

    def _report(self, evaluation: Evaluation, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(evaluation.as_json(), indent=2, allow_nan=False))
        else:
            tables = make_tables(evaluation)
            texts = [table.markdown() if options["markdown"] else table.text() for table in tables]
            self.stdout.write("\n\n".join(texts))
        if options["chart"]:
            try:
                Path(options["chart"]).write_text(draw_chart(evaluation), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"--chart {options['chart']}: {error.strerror}") from error


def _steps(frame_rate: float, rates: Sequence[float]) -> list[int]:
    """The n of every nth frame that gives each rate. Raises CommandError."""
    if not frame_rate > 0:
        raise CommandError("--frame-rate must be a number above 0.")
    steps = []
    for rate in dict.fromkeys(rates):
        if not MIN_FRAME_RATE <= rate <= frame_rate:
            raise CommandError(
                f"--rates {rate:g}: rates must be from {MIN_FRAME_RATE:g}, below which blinks are not reported, "
                f"to {frame_rate:g}, the traces' own."
            )
        step = round(frame_rate / rate)
        if abs(frame_rate / step - rate) > 0.01 * rate:
            raise CommandError(f"--rates {rate:g}: every nth of {frame_rate:g} frames a second cannot give {rate:g}.")
        steps.append(step)
    return steps


def _evaluate_traces(folder: Path, steps: Sequence[int], frame_rate: float, leave_one_out: bool) -> dict[str, Any]:
    recordings = traces.read_recordings(folder, frame_rate)
    weights = blinks.weights_by_person(recordings, steps, leave_one_out=leave_one_out)
    scores: list[blinks.BlinkScore] = []
    served_results: list[served.Served] = []
    with tqdm(recordings, desc="blinks", unit="recording") as progress:
        for recording in progress:
            scores += blinks.score(recording, steps, frame_rate, weights[recording.person])
            served_results.append(served.serve(recording, weights[recording.person]))
    return {
        "is_left_out": leave_one_out,
        "blinks": scores,
        "blink_summaries": blinks.summarize(scores),
        "served": served_results,
        "served_summary": served.summarize(served_results),
        "open_eyes": [blinks.check_open_eyes(recording) for recording in recordings],
    }


def _evaluate_pictures(folder: Path, hours: float, trials: int) -> dict[str, Any]:
    people = clips.find_clips(folder)
    file_count = sum(len(files) for person_clips in people.values() for files in person_clips)
    with tqdm(total=file_count, desc="faces", unit="file") as progress:
        analyzed = [
            clips.analyze_clip(person, files, progress.update)
            for person, person_clips in people.items()
            for files in person_clips
        ]
    if not any(clip.samples for clip in analyzed):
        raise DatasetError(f"No face was found in the pictures of {folder}.")
    figures: dict[str, Any] = {
        "identities": measure_identities(analyzed),
        "seats": measure_groups(analyzed),
        "jitters": measure_jitter(analyzed),
    }
    jitter = deviations(analyzed)
    if not len(jitter):
        return figures
    total = replay.workdays(hours) * len(replay.SENSITIVITIES) * len(replay.NECK_TIMES_S)
    with tqdm(total=total, desc="sitting still", unit="workday") as progress:
        figures["stillness"] = replay.sit_still(jitter, hours, progress.update)
    with tqdm(replay.SCENARIOS, desc="changing posture", unit="scenario") as scenarios:
        figures["told"] = [replay.try_out(jitter, scenario, trials) for scenario in scenarios]
    with tqdm(total=len(replay.POSTURES) * len(replay.SENSITIVITIES), desc="postures", unit="posture") as progress:
        figures["postures"] = replay.try_postures(jitter, trials, progress.update)
    total = len(natural.sittings(analyzed)) * len(replay.SENSITIVITIES)
    with tqdm(total=total, desc="sitting naturally", unit="person") as progress:
        figures["natural"] = natural.sit_naturally(analyzed, progress.update)
    return figures
