"""Labelled traces of the eye aspect ratio: `frame,eye_aspect_ratio,blink`, a CSV file for each recording."""

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
    f"A trace is a CSV file whose first line is {','.join(COLUMNS)}, one for each recording; "
    "--leave-one-out needs a folder of them for each person"
)


class DatasetError(Exception):
    """Labelled data that cannot be used; the message says where, why, and how to correct it."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A labelled trace: times_s, ratios (NaN without a face) and is_blink, all (n,).

    person: the name of their folder, empty if the file is in none.
    """

    person: str
    name: str
    times_s: Trace
    ratios: Trace
    is_blink: NDArray[np.bool_]

    @property
    def blinks(self) -> list[tuple[float, float]]:
        """The first and the last moment of each blink."""
        edges = np.diff(np.concatenate(([0], self.is_blink.astype(int), [0])))
        firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        return [
            (float(self.times_s[first]), float(self.times_s[end - 1])) for first, end in zip(firsts, ends, strict=True)
        ]

    @property
    def minutes(self) -> float:
        return float(self.times_s[-1] - self.times_s[0]) / 60

    def every_nth(self, n: int) -> Iterator[tuple[Trace, Trace]]:
        """Times and ratios of every nth frame, once from each of the first n frames on."""
        for first in range(n):
            yield self.times_s[first::n], self.ratios[first::n]


def read_recordings(folder: Path, frame_rate: float) -> list[Recording]:
    """All recordings in a folder, sorted by name. Raises DatasetError."""
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder. {LAYOUT}.")
    files = sorted(path for path in folder.rglob("*.csv") if not path.name.startswith("."))
    if not files:
        raise DatasetError(f"There is no .csv file in {folder}. {LAYOUT}.")
    return [_read(path, folder, frame_rate) for path in files]


def _read(path: Path, folder: Path, frame_rate: float) -> Recording:
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise DatasetError(f"{path} does not have all of the columns {', '.join(COLUMNS)}. {LAYOUT}.")
            rows = [_parse_row(row, f"{path}, line {reader.line_num}") for row in reader]
        except (UnicodeDecodeError, csv.Error) as error:
            raise DatasetError(f"{path} is not a CSV text file ({error}). {LAYOUT}.") from error
    if len(rows) < 2:
        raise DatasetError(f"{path} has fewer than two frames.")
    frames, ratios, labels = (np.array(column) for column in zip(*rows, strict=True))
    if (np.diff(frames) <= 0).any():
        raise DatasetError(f"{path}: the frame numbers do not increase. Sort the rows and delete duplicates.")
    name = path.relative_to(folder).with_suffix("")
    person = name.parts[0] if len(name.parts) > 1 else ""
    return Recording(person, str(name), frames / frame_rate, ratios, labels)


def _parse_row(row: dict[str, str], where: str) -> tuple[int, float, bool]:
    frame, ratio, blink = (row[name] or "" for name in COLUMNS)
    try:
        number, opening = int(frame), float(ratio) if ratio else math.nan
    except ValueError as error:
        raise DatasetError(
            f"{where}: frame must be a whole number, and eye_aspect_ratio a number, "
            f"or empty if there is no face ({error})."
        ) from error
    if blink not in {"0", "1"}:
        raise DatasetError(f"{where}: blink is {blink!r}; it must be 1 in a blink's frames and 0 in all others.")
    return number, opening, blink == "1"
