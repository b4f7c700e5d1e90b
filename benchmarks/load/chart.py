"""The load as a chart: response times second by second, and the workers' memory."""

from typing import Any

from benchmarks.charts import BLUE, GREEN, GREY, LEGEND_POINTS, ORANGE, PURPLE, RED, card, finish, svg, titled
from benchmarks.load.results import LIMIT_MS, Load, percentile

WORKER_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, GREY)
TICKS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
SHOWN = ((50, "median", GREEN), (95, "95th percentile", BLUE), (99, "99th percentile", RED))


def load_chart(load: Load, users: int, blinkers: int) -> str:
    all_ms = [response.ms for response in load.responses]
    title = f"{users} users on one machine: 99 of 100 responses within {percentile(all_ms, 99):.0f} ms"
    amount = f"{len(all_ms) / load.seconds:.0f} frames a second, {blinkers} of the users with blink frames too"
    figure, (times, memory) = card(6.6, (2, 1))
    titled(times, title, f"Milliseconds from when a frame was due (logarithmic); {amount}", LEGEND_POINTS)
    seconds, windows = zip(*load.windows(), strict=True)
    for of, name, colour in SHOWN:
        times.plot(seconds, [percentile(ms, of) for ms in windows], color=colour, label=name, linewidth=1.8)
    times.axhline(LIMIT_MS, color=RED, linestyle="--", linewidth=1.2)
    label: Any = {"xytext": (0, 4), "textcoords": "offset points", "ha": "right", "color": RED}
    times.annotate(f"limit: {LIMIT_MS} ms", (load.seconds, LIMIT_MS), **label)
    times.set_yscale("log")
    limits = times.get_ylim()
    times.set_yticks(TICKS_MS, [str(tick) for tick in TICKS_MS])
    times.set_yticks([], minor=True)
    times.set_ylim(limits)
    finish(times)
    titled(memory, "Each worker's own memory", "MB that it does not share with other processes")
    for index, samples in enumerate(load.memory.values()):
        colour = WORKER_COLOURS[index % len(WORKER_COLOURS)]
        memory.plot([second for second, _ in samples], [used.own for _, used in samples], color=colour, linewidth=1.8)
    memory.set(xlabel="seconds", ylim=(0, None))
    for axes in (times, memory):
        axes.set_xlim(0, load.seconds)
    finish(memory)
    return svg(figure, f"{title}; {amount}.")
