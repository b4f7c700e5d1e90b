"""The charts of docs/, as SVG: a white card that dark pages can show too, with a text alternative."""

import io
import logging
from collections.abc import Mapping, Sequence
from html import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.pipelines import OURS, PLAIN, STAGES
from benchmarks.report import thousands
from benchmarks.turns import TOTAL
from evaluation.chart import BLUE, FAINT, RED, STYLE

ORANGE, GREEN, PURPLE, GREY = "#f2a541", "#5a8f59", "#6b4c9a", "#9aa5b1"
STAGE_COLOURS = dict(zip(STAGES, (GREY, BLUE, ORANGE, RED, PURPLE), strict=True))
Medians = Mapping[str, float]

mpl.rcParams.update(STYLE | {"font.size": 10.5, "axes.titlesize": 14, "axes.titleweight": "semibold"})
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # the reader's machine has the fonts, not this one


def card(height: float, rows: Sequence[float]) -> tuple[Figure, list[Axes]]:
    """A figure of 8.6 by `height` inches, and its axes, one below the other, of these relative heights."""
    figure = Figure(figsize=(8.6, height), layout="constrained", edgecolor="#d5dbe1", linewidth=2)
    return figure, list(figure.subplots(len(rows), 1, squeeze=False, height_ratios=list(rows))[:, 0])


def svg(figure: Figure, in_words: str) -> str:
    """The same text for the same figure. in_words: the text alternative."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": in_words})
    return buffer.getvalue().replace("<svg ", f'<svg role="img" aria-label="{escape(in_words)}" ', 1)


def titled(axes: Axes, title: str, subtitle: str) -> None:
    """Both above the axes."""
    axes.set_title(title, pad=24)
    axes.annotate(subtitle, (0, 1), (0, 6), "axes fraction", "offset points", color=FAINT).set_in_layout(False)


def benchmark_chart(frames: Mapping[str, Medians], requests: Mapping[str, tuple[float, float]]) -> str:
    """Stages and whole frames, plain against ours. requests: by call, medians of the plain request and of ours."""
    plain, ours = frames[PLAIN], frames[OURS]
    times = f"{plain[TOTAL]:.1f} ms in the plain pipeline and {ours[TOTAL]:.1f} ms in ours"
    faster = f"{plain[TOTAL] / ours[TOTAL]:.1f}"
    figure, (both, zoomed, whole) = card(6.2, (2, 1, 3))
    titled(both, f"A frame with posture and identity: {faster}× faster", "Milliseconds by stage, 640×480 JPEG, medians")
    _stacked(both, frames)
    _stacked(zoomed, {"ours,\nenlarged": ours})
    zoomed.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=5)
    titled(whole, "Whole requests", "Median milliseconds of a worker: HTTP, JSON, token, vision, database, archive")
    for call, (theirs, mine) in requests.items():
        bars = whole.barh([f"{call}, plain", f"{call}, ours"], [theirs, mine], 0.8, color=[GREY, BLUE])
        whole.bar_label(bars, [f"{theirs:.1f} ms", f"{mine:.1f} ms, {theirs / mine:.1f}× faster"], padding=6)
    _bare(whole)
    return svg(figure, f"A frame takes {times}: {faster} times less.")


def archive_chart(stores: Mapping[str, Mapping[int, float]], refused_at: int) -> str:
    """The median cost of storing one more frame, over the frames stored, by design."""
    (_, empty_ms), *_, (full, full_ms) = stores["MongoDB"].items()
    (_, first_ms), *_, (last, last_ms) = stores["one growing array"].items()
    head = f"{empty_ms:.1f} ms with 0 stored, {full_ms:.1f} ms with {thousands(full)}"
    refused = f"MongoDB refuses frame {refused_at}"
    figure, (axes,) = card(4.6, (1,))
    titled(axes, f"Storing one more frame: {head}", "Median milliseconds; frames of 40 KB of one user")
    for (design, medians), colour in zip(stores.items(), (GREEN, BLUE, RED), strict=False):
        axes.plot(list(medians), list(medians.values()), "o-", color=colour, label=design, linewidth=2.5, clip_on=False)
    axes.plot(refused_at, last_ms, "x", color=RED, label=f"{refused}: 16 MB", markersize=10, markeredgewidth=2.5)
    axes.set_xscale("symlog", linthresh=10)
    ticks = [0, 10, 100, 1_000, 10_000, 100_000]
    axes.set_xticks(ticks, [thousands(tick) for tick in ticks])
    axes.set(xlabel="frames stored before (logarithmic)", xlim=(0, 1.4 * max(full, last)), ylim=(0, 1.12 * last_ms))
    axes.legend(loc="upper left")
    array = f"in one growing array {first_ms:.1f} ms and {last_ms:.0f} ms with {last}, and {refused}"
    return svg(figure, f"Storing a frame takes {head}; {array}.")


def _stacked(axes: Axes, rows: Mapping[str, Medians]) -> None:
    left = [0.0] * len(rows)
    for stage, colour in STAGE_COLOURS.items():
        ms = [stages[stage] for stages in rows.values()]
        bars = axes.barh(list(rows), ms, 0.8, left, color=colour, label=stage)
        left = [start + length for start, length in zip(left, ms, strict=True)]
    axes.bar_label(bars, [f"{stages[TOTAL]:.1f} ms" for stages in rows.values()], padding=6, weight="bold")
    _bare(axes)


def _bare(axes: Axes) -> None:
    """Bars from top to bottom that carry their values, without axes."""
    axes.invert_yaxis()
    axes.set_xlim(right=axes.get_xlim()[1] * 1.2)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
