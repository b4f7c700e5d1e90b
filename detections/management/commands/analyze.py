"""`python manage.py analyze PATH...`: analyse pictures and videos as version 1 does."""

import json
import math
import unicodedata
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ai_models.posture import ContractBaseline
from ai_models.vision.frame import Image, InvalidFrame
from ai_models.vision.weights import WeightsMissing
from detections import drawing
from detections.analysis import (
    NO_FACE,
    Analysis,
    UnsupportedMedia,
    analyze,
    eyes_text,
    files,
    first_baseline,
    images,
    judge_after,
    verdict_text,
)

MAX_BASELINE_FRAMES = 100  # pictures that may wait in memory for their verdict
BASELINE_HELP = (
    f"first:N (the mean of the first N frames with a face, N from 1 to {MAX_BASELINE_FRAMES}) "
    "or FACE_X,FACE_Y,NOSE (three numbers in pixels, such as 76.25,107.6,19.0)"
)
HEADINGS = ("picture", "face box", "face_x", "face_y", "nose_to_center", "head angle", "eye ratio", "eyes", "posture")
TEXT_COLUMNS = frozenset({"picture", "face box", "eyes", "posture"})
NOTHING = "-"

AnalysedPicture = tuple[Analysis, Image]


class Command(BaseCommand):
    help = "Analyses pictures (JPEG, PNG, or folders of them) and videos. Stores nothing."
    requires_system_checks = []  # no database is needed, and missing weights are reported below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a picture, a folder of pictures, or a video")
        parser.add_argument("--baseline", help=f"judge posture against {BASELINE_HELP}")
        parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth frame of a video")
        parser.add_argument("--draw", metavar="DIR", help="write each picture to DIR with the analysis drawn into it")
        parser.add_argument("--json", action="store_true", help="print one JSON array, numbers unrounded")

    def handle(self, *args: Any, **options: Any) -> None:
        baseline = parse_baseline(options["baseline"])
        if options["every"] < 1:
            raise CommandError("--every takes a whole number from 1 on.")
        folder = _make_folder(options["draw"])
        problems: list[str] = []
        pictures = _pictures(options["paths"], options["every"], problems)
        try:
            analyses = _drawn(_judge(pictures, baseline), folder)
        except WeightsMissing as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps([analysis.as_json() for analysis in analyses], indent=2, allow_nan=False))
        else:
            self._print_table(analyses, baseline)
        faces = sum(analysis.reading is not None for analysis in analyses)
        if isinstance(baseline, int) and faces < baseline:
            problems.append(
                f"No verdict: --baseline first:{baseline} needs {baseline} frames with a face; found: {faces}."
            )
        if problems:
            raise CommandError("\n".join(problems))

    def _print_table(self, analyses: Sequence[Analysis], baseline: ContractBaseline | int | None) -> None:
        if not analyses:
            return
        for line in table(analyses, with_posture=baseline is not None):
            self.stdout.write(line)
        used = first_baseline(analyses, baseline) if isinstance(baseline, int) else baseline
        if used:
            self.stdout.write(f"baseline: {used.face_x},{used.face_y},{used.nose_to_center}")


def parse_baseline(text: str | None) -> ContractBaseline | int | None:
    """The given baseline, or the number of first frames to calculate it from. Raises CommandError."""
    if text is None:
        return None
    kind, colon, count = text.partition(":")
    if colon and kind == "first" and count.isdecimal() and 1 <= int(count) <= MAX_BASELINE_FRAMES:
        return int(count)
    try:
        face_x, face_y, nose = (float(part) for part in text.split(","))
    except ValueError:
        face_x = face_y = nose = math.nan
    if not (all(map(math.isfinite, (face_x, face_y, nose))) and face_x > 0 and nose >= 0):
        raise CommandError(f"--baseline {text!r} is not understood. Accepted: {BASELINE_HELP}.")
    return ContractBaseline(face_x, face_y, nose)


def _pictures(paths: Sequence[str], every: int, problems: list[str]) -> Iterator[AnalysedPicture]:
    """The analysis of every readable picture; the others are added to problems."""
    number = 0
    for path in _files(paths, problems):
        try:
            for origin, image in images(path, every):
                number += 1
                yield analyze(image, origin, number), image
        except (UnsupportedMedia, InvalidFrame, OSError) as error:
            problems.append(f"{path}: {_reason(error)}")


def _files(paths: Sequence[str], problems: list[str]) -> Iterator[Path]:
    for name in paths:
        try:
            yield from files(Path(name))
        except (UnsupportedMedia, OSError) as error:
            problems.append(f"{name}: {_reason(error)}")


def _drawn(pictures: Iterable[AnalysedPicture], folder: Path | None) -> list[Analysis]:
    """The analyses in the order of the inputs. Each picture is drawn at once, so that its memory can be freed."""
    analyses: list[Analysis] = []
    for analysis, image in pictures:
        analyses.append(analysis)
        if folder:
            _draw(folder, analysis, image)
    return sorted(analyses, key=lambda item: item.number)


def _draw(folder: Path, analysis: Analysis, image: Image) -> None:
    # The number comes first in the name, so that pictures of two folders do not overwrite each other or an input.
    origin = analysis.origin
    frame = "" if origin.frame is None else f"-{origin.frame}"
    path = folder / f"{analysis.number:04}-{Path(origin.path).stem}{frame}.png"
    try:
        drawing.write_png(path, drawing.annotate(image, analysis))
    except OSError as error:
        raise CommandError(f"{path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def table(analyses: Sequence[Analysis], *, with_posture: bool) -> list[str]:
    """The lines of an aligned table, starting with its headings."""
    headings = HEADINGS if with_posture else HEADINGS[:-1]
    rows = [headings, *(_row(item)[: len(headings)] for item in analyses)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_pad, row, widths, headings)).rstrip() for row in rows]


def _row(analysis: Analysis) -> tuple[str, ...]:
    name, reading = str(analysis.origin), analysis.reading
    if reading is None:
        return (name, NO_FACE, *[NOTHING] * (len(HEADINGS) - 2))
    box, measures = reading.face.box, reading.measures
    return (
        name,
        f"{box.left},{box.top}-{box.right},{box.bottom}",
        f"{measures.face_x:.2f}",
        f"{measures.face_y:.2f}",
        f"{measures.nose_to_center:.2f}",
        f"{measures.head_angle_deg:.1f}",
        f"{reading.eye_aspect_ratio:.3f}",
        eyes_text(reading),
        verdict_text(analysis.verdict) if analysis.verdict else NOTHING,
    )


def _width(text: str) -> int:
    # A Korean syllable is two columns wide in a terminal; macOS stores file names decomposed.
    return sum(2 if unicodedata.east_asian_width(item) in "WF" else 1 for item in unicodedata.normalize("NFC", text))


def _pad(text: str, width: int, heading: str) -> str:
    space = " " * (width - _width(text))
    return text + space if heading in TEXT_COLUMNS else space + text


def _judge(pictures: Iterable[AnalysedPicture], baseline: ContractBaseline | int | None) -> Iterator[AnalysedPicture]:
    if isinstance(baseline, int):
        return judge_after(pictures, baseline)
    return ((analysis.judged(baseline) if baseline else analysis, image) for analysis, image in pictures)


def _make_folder(name: str | None) -> Path | None:
    if name is None:
        return None
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--draw {name}: {_reason(error)}") from error
    return folder
