"""The figures as an SVG on a white card, readable on dark pages: F1 of each recording, Face ID's errors."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import numpy as np

from evaluation.blinks import BlinkScore
from evaluation.identities import Identities
from evaluation.report import MEAN_F1, Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOWEST_F1 = 0.7  # of the axis, which reaches lower if an interval does
HIGHEST_ERROR = 0.05  # of the axis, which reaches higher if an error does
INK, FAINT, RULE = "#1f2933", "#616e7c", "#e4e7eb"
BLUE, RED, ORANGE = "#3d6fb6", "#c8553d", "#b45f06"
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "accuracy",  # the same figures give the same file
    "font.size": 9,
    "font.sans-serif": ["system-ui", "Segoe UI", "Helvetica", "Arial", "DejaVu Sans"],
    "text.color": INK,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelcolor": FAINT,
    "axes.edgecolor": RULE,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": RULE,
    "xtick.bottom": False,
    "xtick.labelcolor": INK,
    "ytick.left": False,
    "ytick.labelcolor": FAINT,
    "legend.frameon": False,
    "figure.constrained_layout.w_pad": 0.15,  # inches
    "figure.constrained_layout.h_pad": 0.15,
}


def draw_chart(evaluation: Evaluation) -> str:
    """The SVG's text; its aria-label has the figures in words."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(8.6, 3.9), edgecolor="#d5dbe1", linewidth=2, layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_blinks(left, evaluation.blinks, "each person left out" if evaluation.is_left_out else "weights in use")
        _draw_identity(right, evaluation.identities)
        svg = io.StringIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
    return svg.getvalue().replace("<svg ", f'<svg role="img" aria-label={quoteattr(_describe(evaluation))} ', 1)


def _describe(evaluation: Evaluation) -> str:
    sentences = [
        f"Blinks at {summary.frames_per_s:g} frames a second: "
        f"mean F1 {summary.f1.value:.2f}, worst {summary.worst_f1:.2f}."
        for summary in evaluation.blink_summaries
        if summary.f1.value is not None
    ]
    if evaluation.identities:
        sentences += [
            f"Face ID at {rates.threshold:.2f}: {100 * rates.frr.value:.1f} % of the owner refused, "
            f"{100 * rates.far.value:.1f} % of others accepted."
            for rates in evaluation.identities.thresholds
            if rates.frr.value is not None and rates.far.value is not None
        ]
    return " ".join(sentences) or "No figures."


def _draw_blinks(axes: "Axes", scores: Sequence[BlinkScore], method: str) -> None:
    if not scores:
        axes.set_axis_off()
        return
    rates = sorted({score.frames_per_s for score in scores}, reverse=True)
    names = list(dict.fromkeys(score.sitting for score in scores))
    columns, offsets = np.arange(len(rates)), np.linspace(-0.5, 0.5, len(names) + 2)[1:-1]
    x = [columns[rates.index(score.frames_per_s)] + offsets[names.index(score.sitting)] for score in scores]
    values, lows, highs = np.array([(score.f1.value, score.f1.low, score.f1.high) for score in scores], float).T
    axes.plot(x, values, "o", color=BLUE, label="recording", gid="f1")
    axes.vlines(x, lows, highs, BLUE, label="95 % interval")
    targets = [MEAN_F1.get(rate, np.nan) for rate in rates]
    axes.hlines(targets, columns - 0.45, columns + 0.45, ORANGE, label="target of the mean")
    axes.set(title=f"Blinks found: F1, {method}", xlabel="frames a second")
    axes.set_xticks(columns, [f"{rate:g}" for rate in rates])
    axes.set_ylim(min(LOWEST_F1, np.nanmin([1, *lows])), 1.005)
    axes.legend(loc="lower left")


def _draw_identity(axes: "Axes", identities: Identities | None) -> None:
    from matplotlib.ticker import PercentFormatter

    if identities is None or not identities.people:
        axes.set_axis_off()
        return
    rates = identities.thresholds
    thresholds, frr, far = np.array([(rate.threshold, rate.frr.value, rate.far.value) for rate in rates], float).T
    axes.plot(thresholds, frr, color=RED, label="owner refused", gid="frr", clip_on=False, zorder=3)
    axes.plot(thresholds, far, color=BLUE, label="others accepted", gid="far", clip_on=False, zorder=3)
    axes.set(title="Face ID: errors by threshold", xlabel="distance of descriptors", ylabel="share of faces")
    axes.set_ylim(0, max(HIGHEST_ERROR, axes.get_ylim()[1]))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.legend()
