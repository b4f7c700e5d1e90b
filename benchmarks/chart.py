"""The results as an SVG: stages plain against ours, and whole requests. On a white card, so dark pages may show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.http_requests import BLINK, NECK, Measured
from benchmarks.plain import STAGES
from benchmarks.stats import summary

WIDTH, HEIGHT = 860, 552
LEFT, BAR_WIDTH = 130, 590
BAR_PX = 38
COLOURS = ("#9aa5b1", "#3d6fb6", "#f2a541", "#7fb77e", "#c8553d", "#6b4c9a")  # a stage each
PLAIN_COLOUR, OURS_COLOUR, INK, FAINT = "#9aa5b1", "#3d6fb6", "#1f2933", "#616e7c"
FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
LABEL_NEEDS_PX = 8.2  # a letter's width, about


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: medians of each stage and of whole frames in milliseconds, and the requests."""

    plain: Mapping[str, float]
    ours: Mapping[str, float]
    plain_ms: float
    ours_ms: float
    requests: Sequence[Measured]

    @property
    def ratio(self) -> float:
        return self.plain_ms / self.ours_ms


def chart(what: Chart) -> str:
    parts = [
        *_stages(what),
        f'<line x1="24" x2="{WIDTH - 24}" y1="332" y2="332" stroke="#e4e7eb"/>',
        *_requests([each for each in what.requests if each.workers == 1]),
    ]
    return card(WIDTH, HEIGHT, _in_words(what), parts)


def card(width: int, height: int, in_words: str, parts: Sequence[str]) -> str:
    """An SVG of this size in pixels, with what it shows told in words for those who cannot see it."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{FONT}" '
        f'fill="{INK}" role="img" aria-label="{escape(in_words)}">',
        f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="10" fill="#ffffff" stroke="#d5dbe1"/>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _stages(what: Chart) -> list[str]:
    scale, zoomed = (BAR_WIDTH / sum(each.values()) for each in (what.plain, what.ours))
    width = BAR_WIDTH * scale / zoomed
    return [
        text(24, 36, f"A frame with posture and identity: {what.ratio:.1f}× faster", 19, bold=True),
        text(24, 57, "Milliseconds by stage, medians; 640×480 JPEG, one core", 14, FAINT),
        *_row(78, "plain", what.plain, scale, f"{what.plain_ms:.1f} ms"),
        *_row(130, "ours", what.ours, scale, f"{what.ours_ms:.1f} ms"),
        f'<path d="M{LEFT} 170 h{width:.1f} L{LEFT + BAR_WIDTH} 202 H{LEFT} Z" fill="#eef1f4"/>',
        *_row(204, "", what.ours, zoomed, f"{what.ours_ms:.1f} ms"),
        text(LEFT - 12, 220, "ours,", 15, anchor="end"),
        text(LEFT - 12, 237, f"{zoomed / scale:.0f}× wider", 13, FAINT, anchor="end"),
        *_legend(what),
    ]


def _legend(what: Chart) -> list[str]:
    parts = []
    for place, (name, colour) in enumerate(zip(STAGES, COLOURS, strict=True)):
        x, y = 24 + place % 3 * 280, 275 + place // 3 * 28
        parts.append(f'<rect x="{x}" y="{y - 11}" width="13" height="13" rx="3" fill="{colour}"/>')
        parts.append(text(x + 20, y, f"{name}: {what.plain[name]:.2f} → {what.ours[name]:.2f}", 14))
    return parts


def _row(y: int, name: str, stages: Mapping[str, float], scale: float, value: str) -> list[str]:
    parts = [text(LEFT - 12, y + 25, name, 16, anchor="end")] if name else []
    x = float(LEFT)
    for stage, colour in zip(STAGES, COLOURS, strict=True):
        width = stages[stage] * scale
        parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR_PX}" fill="{colour}"/>')
        if width > LABEL_NEEDS_PX * len(stage):
            dark = colour in (COLOURS[0], COLOURS[2], COLOURS[3])
            parts.append(text(x + width / 2, y + 24, stage, 14, INK if dark else "#ffffff", anchor="middle"))
        x += width
    return [*parts, text(x + 10, y + 25, value, 16, bold=True)]


def _requests(measured: Sequence[Measured]) -> list[str]:
    parts = [
        text(24, 364, "Whole requests through gunicorn, one worker", 19, bold=True),
        text(24, 385, "Median milliseconds: HTTP, JSON, token, vision, database, archive", 14, FAINT),
    ]
    medians = {each.call: (summary(each.plain.ms).median, summary(each.ours.ms).median) for each in measured}
    scale = (BAR_WIDTH - 20) / max(plain for plain, _ in medians.values())
    for y, call in ((404, NECK), (474, BLINK)):
        plain, ours = medians[call]
        parts.append(text(LEFT - 12, y + 33, call, 16, anchor="end"))
        parts += _thin(y, plain * scale, PLAIN_COLOUR, f"plain {plain:.1f} ms")
        parts += _thin(y + 28, ours * scale, OURS_COLOUR, f"ours {ours:.1f} ms, {plain / ours:.1f}× faster")
    return parts


def _thin(y: int, width: float, colour: str, label: str) -> list[str]:
    inside = width > LABEL_NEEDS_PX * len(label) + 20
    told = (
        text(LEFT + width - 10, y + 17, label, 14, anchor="end")
        if inside
        else text(LEFT + width + 10, y + 17, label, 14)
    )
    return [f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="24" rx="2" fill="{colour}"/>', told]


def text(
    x: float, y: float, words: str, size: int, colour: str = INK, anchor: str = "start", *, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}'
    return f'<text x="{x:.1f}" y="{y:g}" {style}>{escape(words)}</text>'


def _in_words(what: Chart) -> str:
    return (
        f"A frame takes {what.plain_ms:.1f} ms in the plain pipeline and {what.ours_ms:.1f} ms "
        f"in ours: {what.ratio:.1f} times less."
    )
