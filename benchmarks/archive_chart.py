"""The cost of storing one more frame over the frames stored, as an SVG. On a white card, so dark pages may show it."""

import math
from collections.abc import Sequence

from benchmarks.archive_cost import ARRAY, MONGODB, SQLITE, Cost, Costs, told_count
from benchmarks.chart import FAINT, OURS_COLOUR, card, text

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 76, 800, 92, 388
ARRAY_COLOUR, SQLITE_COLOUR, RASTER = "#c8553d", "#5a8f59", "#e4e7eb"
COLOURS = {MONGODB: OURS_COLOUR, SQLITE: SQLITE_COLOUR, ARRAY: ARRAY_COLOUR}
LINEAR_BELOW = 10  # frames: from there on the axis is logarithmic
GRID_LINES = 5


class Scale:
    """From frames and milliseconds to pixels."""

    def __init__(self, most_frames: int, most_ms: float) -> None:
        self.step_ms = _round_step(most_ms / GRID_LINES)
        self.top_ms = self.step_ms * math.ceil(most_ms / self.step_ms)
        self._widest = _widened(most_frames)

    def x(self, frames: float) -> float:
        return LEFT + (RIGHT - LEFT) * _widened(frames) / self._widest

    def y(self, ms: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * ms / self.top_ms


def archive_chart(costs: Costs) -> str:
    medians = [cost.median("store") for cost in costs.all]
    first, *_, last = (f"{cost.median('store'):.1f} ms with {told_count(cost.fill)}" for cost in costs.of(MONGODB))
    most = max(cost.fill for cost in costs.all)
    scale = Scale(max(most, costs.refused_at), max(medians))
    parts = [
        text(24, 36, f"Storing one more frame: {first} stored, {last}", 19, bold=True),
        text(24, 57, "Median milliseconds; frames of 40 KB, all of one user", 14, FAINT),
        *_grid(scale, most),
        *_legend(),
        *_line(scale, costs.of(SQLITE)),
        *_line(scale, costs.of(MONGODB)),
        *_line(scale, costs.of(ARRAY)),
        *_end(scale, costs),
    ]
    return card(WIDTH, HEIGHT, _in_words(costs), parts)


def _grid(scale: Scale, most_frames: int) -> list[str]:
    parts = []
    for step in range(round(scale.top_ms / scale.step_ms) + 1):
        ms = step * scale.step_ms
        y = scale.y(ms)
        parts.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RASTER}"/>')
        parts.append(text(LEFT - 10, y + 5, f"{ms:g}{' ms' if not step else ''}", 14, FAINT, anchor="end"))
    ticks = [0, *(10**power for power in range(1, 1 + int(math.log10(max(10, most_frames)))))]
    below = BOTTOM + 24
    parts += [text(scale.x(tick), below, told_count(tick), 14, FAINT, anchor="middle") for tick in ticks]
    parts.append(
        text((LEFT + RIGHT) / 2, BOTTOM + 50, "frames stored before (logarithmic)", 14, FAINT, anchor="middle")
    )
    return parts


def _legend() -> list[str]:
    names = ((MONGODB, "MongoDB, a document a frame"), (SQLITE, "SQLite, a row a frame"), (ARRAY, "one growing array"))
    parts = []
    for place, (design, name) in enumerate(names):
        x = LEFT + place * 265
        parts.append(f'<rect x="{x}" y="69" width="13" height="13" rx="3" fill="{COLOURS[design]}"/>')
        parts.append(text(x + 20, 80, name, 14))
    return parts


def _line(scale: Scale, costs: Sequence[Cost]) -> list[str]:
    if not costs:
        return []
    colour = COLOURS[costs[0].design]
    places = [(scale.x(cost.fill), scale.y(cost.median("store"))) for cost in costs]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>' for x, y in places]
    line = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="3" stroke-linejoin="round"/>'
    return [line, *dots, *_value(scale, costs[-1])]


def _value(scale: Scale, cost: Cost) -> list[str]:
    if cost.design == SQLITE:  # lies on MongoDB's line, or near it
        return []
    ms = cost.median("store")
    x, y = scale.x(cost.fill), scale.y(ms)
    if cost.design == ARRAY:
        return [text(x - 12, y + 5, f"{ms:.0f} ms", 14, COLOURS[ARRAY], anchor="end", bold=True)]
    return [text(x, y - 14, f"{ms:.1f} ms", 14, COLOURS[MONGODB], anchor="middle", bold=True)]


def _end(scale: Scale, costs: Costs) -> list[str]:
    """A cross where the array ends."""
    x, y = scale.x(costs.refused_at), scale.y(costs.of(ARRAY)[-1].median("store"))
    cross = f"M{x + 8:.1f} {y - 7:.1f} l14 14 m0 -14 l-14 14"
    return [
        f'<path d="{cross}" stroke="{ARRAY_COLOUR}" stroke-width="3" fill="none"/>',
        text(x + 34, y + 5, f"MongoDB refuses frame {costs.refused_at}:", 14),
        text(x + 34, y + 23, "the document is full (16 MB)", 14),
    ]


def _widened(frames: float) -> float:
    return math.log10(1 + frames / LINEAR_BELOW)


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, not below this."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least)


def _in_words(costs: Costs) -> str:
    first, last = costs.of(MONGODB)[0], costs.of(MONGODB)[-1]
    array = costs.of(ARRAY)
    return (
        f"Storing a frame takes {first.median('store'):.1f} ms with none stored and {last.median('store'):.1f} ms with "
        f"{last.fill}; in one growing array {array[0].median('store'):.1f} ms and {array[-1].median('store'):.0f} ms "
        f"with {array[-1].fill}, and frame {costs.refused_at} is refused."
    )
