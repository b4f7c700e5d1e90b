"""The load as a chart: response times second by second, and the workers' memory."""

from benchmarks.charts import BLUE, GREEN, LEGEND_POINTS, RED, card, finish, svg, titled
from benchmarks.load.results import LIMIT_MS, Load, percentile

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
    times.set_yscale("log")
    times.yaxis.set_major_formatter("{x:g}")
    times.axhline(LIMIT_MS, color=RED, linestyle="--", linewidth=1.2)
    times.annotate(
        f"limit: {LIMIT_MS} ms", (load.seconds, LIMIT_MS), (0, 4), textcoords="offset points", ha="right", color=RED
    )
    finish(times)
    titled(memory, "Each worker's own memory", "MB that it does not share with other processes")
    for samples in load.memory.values():
        memory.plot([second for second, _ in samples], [used.own for _, used in samples], linewidth=1.8)
    memory.set(xlabel="seconds", ylim=(0, None))
    for axes in (times, memory):
        axes.set_xlim(0, load.seconds)
    finish(memory)
    return svg(figure, f"{title}; {amount}.")
