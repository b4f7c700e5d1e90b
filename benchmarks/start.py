"""From starting gunicorn to the first answered frame."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.client import post
from benchmarks.http_requests import NECK, sign_up
from benchmarks.serving import Place, serving
from benchmarks.stats import Bar, Progress, number, summary
from evaluation.tables import Table

LIMIT_S = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of each start: with the network's export in the cache folder, and without."""

    cached: list[float]
    cold: list[float]


def measure(place: Place, frames: Sequence[bytes], progress: Progress, starts: int = 3) -> Measured:
    with serving(place, workers=1) as server:
        request = sign_up(server, frames, "start@example.com")[NECK][0]
    progress.update()

    def seconds(cache_folder: Path) -> float:
        begin = time.perf_counter()
        with serving(place, cache_folder=cache_folder) as server:
            post(server.port, request)
            taken = time.perf_counter() - begin
        progress.update()
        return taken

    cold_folder = place.folder / "cold"
    cold = []
    for _ in range(max(1, starts // 2)):
        shutil.rmtree(cold_folder, ignore_errors=True)
        cold.append(seconds(cold_folder))
    return Measured([seconds(place.cache_folder) for _ in range(starts)], cold)


def table(measured: Measured) -> Table:
    rows = [
        [name, str(len(taken)), number(summary(taken).median), number(max(taken))]
        for name, taken in (("export cached", measured.cached), ("export missing", measured.cold))
    ]
    notes = ["The files are in the system's page cache. Workers as gunicorn.conf.py has them."]
    return Table(
        "From starting gunicorn to the first answered frame", ("", "starts", "median s", "longest"), rows, notes
    )


def bars(measured: Measured) -> list[Bar]:
    return [Bar("start to first answer, export cached", LIMIT_S, summary(measured.cached).median, " s")]
