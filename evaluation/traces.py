"""Labelled traces of the eye aspect ratio: `frame,eye_aspect_ratio,blink`, a CSV file for each sitting."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ai_models.dips import Trace

COLUMNS = ("frame", "eye_aspect_ratio", "blink")
LAYOUT = (
    f"A trace is a CSV file whose first line is {','.join(COLUMNS)}, one for each sitting; "
    "--leave-one-out needs a folder of them for each person"
)


class DataProblem(Exception):
    """Labelled data that cannot be used; the message says where, why, and what is wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """A labelled trace: times_s, ratios (NaN without a face) and is_blink, all (n,); blinks: first and last moments.

    person: their folder's name, empty where the file is in none.
    """

    person: str
    name: str
    times_s: Trace
    ratios: Trace
    is_blink: NDArray[np.bool_]

    @property
    def blinks(self) -> list[tuple[float, float]]:
        edges = np.diff(np.concatenate(([0], self.is_blink.astype(int), [0])))
        firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        return [
            (float(self.times_s[first]), float(self.times_s[end - 1])) for first, end in zip(firsts, ends, strict=True)
        ]

    @property
    def minutes(self) -> float:
        return float(self.times_s[-1] - self.times_s[0]) / 60

    def thinned(self, every: int) -> Iterator[tuple[Trace, Trace]]:
        """Times and ratios of every nth frame, once from each of the first n frames on."""
        for first in range(every):
            yield self.times_s[first::every], self.ratios[first::every]


def read_sittings(folder: Path, frame_rate: float) -> list[Sitting]:
    """All sittings in a folder, in the order of their names. Raises DataProblem."""
    if not folder.is_dir():
        raise DataProblem(f"{folder} is no folder. {LAYOUT}.")
    files = sorted(path for path in folder.rglob("*.csv") if not path.name.startswith("."))
    if not files:
        raise DataProblem(f"There is no .csv file in {folder}. {LAYOUT}.")
    return [_sitting(path, folder, frame_rate) for path in files]


def _sitting(path: Path, folder: Path, frame_rate: float) -> Sitting:
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise DataProblem(f"{path} has not all of the columns {', '.join(COLUMNS)}. {LAYOUT}.")
            rows = [_row(line, f"{path}, line {reader.line_num}") for line in reader]
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataProblem(f"{path} is no CSV text ({error}). {LAYOUT}.") from error
    if len(rows) < 2:
        raise DataProblem(f"{path} has fewer than two frames.")
    frames, ratios, labels = (np.array(column) for column in zip(*rows, strict=True))
    if (np.diff(frames) <= 0).any():
        raise DataProblem(
            f"{path}: the frames' numbers do not increase. Sort them, and leave out those that come twice."
        )
    inside = path.relative_to(folder).with_suffix("")
    person = inside.parts[0] if len(inside.parts) > 1 else ""
    return Sitting(person, str(inside), frames / frame_rate, ratios, labels)


def _row(row: dict[str, str], where: str) -> tuple[int, float, bool]:
    frame, ratio, blink = (row[name] or "" for name in COLUMNS)
    try:
        number, opening = int(frame), float(ratio) if ratio else math.nan
    except ValueError as error:
        raise DataProblem(
            f"{where}: frame is a whole number, eye_aspect_ratio a number, or nothing where there is no face ({error})."
        ) from error
    if blink not in {"0", "1"}:
        raise DataProblem(f"{where}: blink is {blink!r}; it is 1 in a blink's frames and 0 in all others.")
    return number, opening, blink == "1"
