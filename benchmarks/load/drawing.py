"""The load as an SVG: how long answers took, second by second, and the workers' memory. On a white card."""

import math
from collections.abc import Callable, Sequence

from benchmarks.archive_chart import ARRAY_COLOUR, RASTER, SQLITE_COLOUR
from benchmarks.chart import FAINT, OURS_COLOUR, PLAIN_COLOUR, card, text
from benchmarks.load.crowd import Load
from benchmarks.load.tables import LIMIT_MS, percentile

WIDTH, HEIGHT = 860, 600
LEFT, RIGHT = 76, 770
TIMES_TOP, TIMES_BOTTOM = 104, 342
MEMORY_TOP, MEMORY_BOTTOM = 446, 544
SHOWN = ((50, "median", SQLITE_COLOUR), (95, "95th percentile", OURS_COLOUR), (99, "99th percentile", ARRAY_COLOUR))
WORKER_COLOURS = (OURS_COLOUR, "#f2a541", SQLITE_COLOUR, "#6b4c9a", ARRAY_COLOUR, PLAIN_COLOUR)
WINDOWS = 60
MIN_WINDOW_S = 2.0
MEMORY_LINES = 4
SECOND_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200)
MAX_TICKS = 10

Place = tuple[float, float]
Scale = Callable[[float], float]


def load_chart(load: Load) -> str:
    x = _across(load.amount.seconds)
    all_ms = [each.ms for each in load.responses]
    p99 = percentile(all_ms, 99)
    per_second = len(all_ms) / load.amount.seconds
    head = f"{load.amount.people} people on one machine: 99 of 100 answers within {p99:.0f} ms"
    amount = f"{per_second:.0f} frames a second, {load.amount.blinkers} of the people with blink frames, too"
    parts = [
        text(24, 36, head, 19, bold=True),
        text(24, 57, f"Milliseconds from when a frame was due (logarithmic); {amount}", 14, FAINT),
        *_times(load, x),
        text(24, 402, "Each worker's own memory", 19, bold=True),
        text(24, 423, "MB that it does not share with other processes", 14, FAINT),
        *_memory(load, x),
        *_seconds(load.amount.seconds, x),
    ]
    return card(WIDTH, HEIGHT, f"{head}; {amount}.", parts)


def windows(load: Load) -> list[tuple[float, list[float]]]:
    """Milliseconds of the requests that were due in each short span, by the span's middle."""
    width = max(MIN_WINDOW_S, load.amount.seconds / WINDOWS)
    spans: dict[int, list[float]] = {}
    for each in load.responses:
        spans.setdefault(int(each.due_s // width), []).append(each.ms)
    return [((place + 0.5) * width, ms) for place, ms in sorted(spans.items())]


def _times(load: Load, x: Scale) -> list[str]:
    spans = windows(load)
    lines = [(name, colour, [(second, percentile(ms, of)) for second, ms in spans]) for of, name, colour in SHOWN]
    values = [ms for _, _, line in lines for _, ms in line]
    ticks = _ticks(min(values), max(*values, LIMIT_MS))
    low, high = math.log(ticks[0]), math.log(ticks[-1])

    def y(ms: float) -> float:
        return TIMES_BOTTOM - (TIMES_BOTTOM - TIMES_TOP) * (math.log(ms) - low) / (high - low)

    parts = [part for tick in ticks for part in _grid_line(y(tick), f"{tick:g}{' ms' if tick == ticks[0] else ''}")]
    for place, (name, colour, line) in enumerate(lines):
        left = LEFT + place * 190
        parts.append(f'<rect x="{left}" y="73" width="13" height="13" rx="3" fill="{colour}"/>')
        parts.append(text(left + 20, 84, name, 14))
        parts.append(_line([(x(second), y(ms)) for second, ms in line], colour))
    limit = y(LIMIT_MS)
    dashes = 'stroke-dasharray="6 5" stroke-width="1.5"'
    parts.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{limit:.1f}" y2="{limit:.1f}" stroke="{ARRAY_COLOUR}" {dashes}/>')
    parts.append(text(RIGHT + 8, limit + 5, f"{LIMIT_MS} ms", 14, ARRAY_COLOUR, bold=True))
    return parts


def _memory(load: Load, x: Scale) -> list[str]:
    top = max(memory.own for samples in load.samples.values() for _, memory in samples)
    step = next(each for each in (5, 10, 20, 25, 50, 100, 200, 500, 1000) if each * MEMORY_LINES >= top)

    def y(mb: float) -> float:
        return MEMORY_BOTTOM - (MEMORY_BOTTOM - MEMORY_TOP) * mb / (step * MEMORY_LINES)

    parts = []
    for place in range(MEMORY_LINES + 1):
        parts += _grid_line(y(place * step), f"{place * step:g}{' MB' if not place else ''}")
    for place, samples in enumerate(load.samples.values()):
        colour = WORKER_COLOURS[place % len(WORKER_COLOURS)]
        parts.append(_line([(x(second), y(memory.own)) for second, memory in samples], colour))
    return parts


def _seconds(seconds: float, x: Scale) -> list[str]:
    step = next((each for each in SECOND_STEPS if seconds / each <= MAX_TICKS), SECOND_STEPS[-1])
    ticks = range(0, int(seconds) + 1, step)
    return [
        text(x(tick), MEMORY_BOTTOM + 24, f"{tick}{' s' if not tick else ''}", 14, FAINT, anchor="middle")
        for tick in ticks
    ]


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten, from one below to one above."""
    ticks = [times * 10.0**power for power in range(-1, 6) for times in (1, 2, 5)]
    first = max(place for place, tick in enumerate(ticks) if tick <= low)
    last = min(place for place, tick in enumerate(ticks) if tick >= high)
    return ticks[first : last + 1]


def _across(seconds: float) -> Scale:
    return lambda second: LEFT + (RIGHT - LEFT) * second / seconds


def _grid_line(y: float, label: str) -> list[str]:
    line = f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RASTER}"/>'
    return [line, text(LEFT - 10, y + 5, label, 14, FAINT, anchor="end")]


def _line(places: Sequence[Place], colour: str) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'
