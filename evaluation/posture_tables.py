"""The tables of postures, and of people who sit naturally."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from evaluation.natural import CLIP_S, SESSIONS
from evaluation.replay import SENSITIVITIES, Detections
from evaluation.report import Evaluation
from evaluation.tables import NOTHING, Table, measured


def postures_table(evaluation: Evaluation) -> Table | None:
    """The share of each posture that is told, at each sensitivity."""
    if not evaluation.postures:
        return None
    rows = [(row[0].detections.name, *(_told(each.detections) for each in row)) for row in _rows(evaluation.postures)]
    first = evaluation.postures[0].detections
    note = (
        f"The share of {first.trials} trials in which the posture, held for 90 s, raised an alarm, and how soon in the "
        f"mean; neck_time {first.neck_time_s} s. Lengths are in widths of the face. Replayed with the jitter above."
    )
    return Table("Postures at each sensitivity", ("posture", *SENSITIVITIES), rows, (note,))


def natural_table(evaluation: Evaluation) -> Table | None:
    """The alarms of people who sit naturally."""
    if not evaluation.natural:
        return None
    rows = [
        (row[0].person, f"{row[0].clips}", *(measured(each.per_hour, digits=1) for each in row))
        for row in _rows(evaluation.natural)
    ]
    first = evaluation.natural[0]
    note = (
        f"Neck alarms an hour in {first.hours:g} h: {SESSIONS} sessions, each calibrated on one of the person's clips "
        f"drawn at random and then replaying others for {CLIP_S[0]:g} to {CLIP_S[1]:g} s each. An upper bound: the "
        "order of the clips is not known, and some of the moves are real. 95 % intervals of a Poisson rate."
    )
    return Table("Alarms while sitting naturally", ("person", "clips", *SENSITIVITIES), rows, (note,))


Cell = TypeVar("Cell")


def _rows(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    """The cells of each row, one for each sensitivity."""
    size = len(SENSITIVITIES)
    return (cells[start : start + size] for start in range(0, len(cells), size))


def _told(detections: Detections) -> str:
    if detections.told.value is None:
        return NOTHING
    after = "" if detections.mean_after_s is None else f" ({detections.mean_after_s:.0f} s)"
    return f"{detections.told.value:.2f}{after}"
