"""The charts of docs/, as SVG: a white card that dark pages can show too, with a text alternative."""

import io
import logging
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from benchmarks.pipelines import OURS, PLAIN, STAGES
from benchmarks.report import thousands
from benchmarks.turns import TOTAL
from evaluation.chart import BLUE, FAINT, INK, RED, STYLE

ORANGE, GREEN, PURPLE, GREY = "#f2a541", "#5a8f59", "#6b4c9a", "#9aa5b1"
STAGE_COLOURS = dict(zip(STAGES, (GREY, BLUE, ORANGE, RED, PURPLE), strict=True))
LEGEND_POINTS = 22  # the height of a legend's line
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


def titled(axes: Axes, title: str, subtitle: str, legend_points: float = 0) -> None:
    """Title and subtitle above the axes, and above the room for a legend."""
    axes.set_title(title, pad=24 + legend_points)
    below: Any = {"xytext": (0, 6 + legend_points), "textcoords": "offset points", "color": FAINT}
    axes.annotate(subtitle, (0, 1), xycoords="axes fraction", **below).set_in_layout(False)


def legend(axes: Axes) -> None:
    """Above the axes."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0, handlelength=1.2)


def benchmark_chart(frames: Mapping[str, Medians], requests: Mapping[str, tuple[float, float]]) -> str:
    """Stages and whole frames, plain against ours. requests: by call, medians of the plain request and of ours."""
    plain, ours = frames[PLAIN], frames[OURS]
    times = f"{plain[TOTAL]:.1f} ms in the plain pipeline and {ours[TOTAL]:.1f} ms in ours"
    faster = f"{plain[TOTAL] / ours[TOTAL]:.1f}"
    figure, (both, zoomed, whole) = card(6.2, (2, 1, 3))
    titled(both, f"A frame with posture and identity: {faster}× faster", "Milliseconds by stage, 640×480 JPEG, medians")
    _stacked(both, frames)
    _stacked(zoomed, {"ours,\nenlarged": ours})
    labels = {name: f"{name}: {plain[name]:.2f} → {ours[name]:.2f}" for name in STAGES}
    handles = [Patch(color=STAGE_COLOURS[name], label=label) for name, label in labels.items()]
    zoomed.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=3, borderaxespad=0.2)
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
    titled(axes, f"Storing one more frame: {head}", "Median milliseconds; frames of 40 KB of one user", LEGEND_POINTS)
    for design, colour in {"MongoDB": BLUE, "SQLite": GREEN, "one growing array": RED}.items():
        fills, medians = list(stores.get(design, {})), list(stores.get(design, {}).values())
        axes.plot(fills, medians, "o-", color=colour, label=design, linewidth=2.5, clip_on=False)
    axes.set_xscale("symlog", linthresh=10)
    ticks = [0, 10, 100, 1_000, 10_000, 100_000]
    axes.set_xticks(ticks, [thousands(tick) for tick in ticks])
    axes.set(xlabel="frames stored before (logarithmic)", xlim=(0, 1.4 * max(full, last)), ylim=(0, 1.12 * last_ms))
    axes.plot(refused_at, last_ms, "x", color=RED, markersize=10, markeredgewidth=2.5)
    place: Any = {"xytext": (14, 0), "textcoords": "offset points", "va": "center"}
    axes.annotate(f"{refused}:\nthe document is full (16 MB)", (refused_at, last_ms), **place)
    legend(axes)
    array = f"in one growing array {first_ms:.1f} ms and {last_ms:.0f} ms with {last}, and {refused}"
    return svg(figure, f"Storing a frame takes {head}; {array}.")


def _stacked(axes: Axes, rows: Mapping[str, Medians]) -> None:
    for index, stages in enumerate(rows.values()):
        left = 0.0
        for name, colour in STAGE_COLOURS.items():
            axes.barh(index, stages[name], 0.8, left=left, color=colour)
            left += stages[name]
        label = f"{stages[TOTAL]:.1f} ms"
        axes.annotate(label, (left, index), (6, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_yticks(range(len(rows)), list(rows))
    _bare(axes)


def _bare(axes: Axes) -> None:
    """Bars from top to bottom that carry their values, without axes."""
    axes.invert_yaxis()
    axes.set_xlim(right=axes.get_xlim()[1] * 1.15)
    axes.set_xticks([])
    axes.tick_params(axis="y", labelsize=11, labelcolor=INK)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
