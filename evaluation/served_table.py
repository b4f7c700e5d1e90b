"""The table of traces replayed as sessions serve them."""

from evaluation import estimates
from evaluation.report import Evaluation
from evaluation.served import SETTINGS, STARTS, TOLD_WITHIN_S, WAY_S, Served
from evaluation.tables import Table, measured, number, percent

HEADER = (
    "recording",
    "hours",
    "frames a minute",
    "watched",
    "false blink alarms",
    "stretches without a blink",
    "told",
    "told after",
    "F1",
    "blinks shown / true",
)


def served_table(evaluation: Evaluation) -> Table | None:
    """Blinks and blink alarms as sessions serve them; None if nothing was replayed."""
    if not evaluation.served:
        return None
    note = (
        f"{STARTS} sessions with each recording, begun at different moments and sent at the pace that the service "
        f"asks for; a response comes {WAY_S[0]:g} to {WAY_S[1]:g} s after its frames. A blink alarm is false if there "
        f"was a blink in the {SETTINGS.blink_time_s} s before it. A stretch of at least {SETTINGS.blink_time_s} s "
        f"without a blink is told if its alarm comes before it ends and at most {TOLD_WITHIN_S:g} s late. Blinks are "
        "scored while they were watched."
    )
    return Table("Blinks and blink alarms in sessions", HEADER, [_row(result) for result in evaluation.served], (note,))


def _row(result: Served) -> tuple[str, ...]:
    return (
        result.sitting,
        f"{result.hours:.2f}",
        f"{result.frames_per_minute:.0f}",
        f"{100 * result.watched_share:.1f} %",
        f"{result.false_alarms}",
        f"{result.dry_stretches}",
        percent(estimates.share(result.told, result.dry_stretches)),
        number(result.told_after_s, 1, " s"),
        measured(result.f1),
        number(result.shown / result.blinks if result.blinks else None),
    )
