"""The figures as an SVG, on a white card, so that dark pages may show it: F1 of each sitting, Face ID's errors."""

from collections.abc import Sequence
from html import escape

from evaluation.blinks import BlinkScore
from evaluation.estimates import Estimate
from evaluation.identities import IdentityRates
from evaluation.report import MEAN_F1, Evaluation

WIDTH, HEIGHT = 860, 392
TOP, BOTTOM = 96, 320
LEFT_PANEL, RIGHT_PANEL = (70.0, 430.0), (520.0, 820.0)
LOWEST_F1 = 0.7
INK, FAINT, RULE = "#1f2933", "#616e7c", "#e4e7eb"
BLUE, RED, ORANGE = "#3d6fb6", "#c8553d", "#b45f06"
FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"


def draw_chart(evaluation: Evaluation) -> str:
    """The SVG's text."""
    parts: list[str] = []
    if evaluation.blinks:
        parts += _blinks(evaluation.blinks, "Each person left out" if evaluation.is_left_out else "As it is")
    if evaluation.identities and evaluation.identities.people:
        parts += _identity(evaluation.identities.thresholds)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}" fill="{INK}" '
            f'role="img" aria-label="{escape(_in_words(evaluation))}">',
            f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="10" fill="#ffffff" stroke="#d5dbe1"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _in_words(evaluation: Evaluation) -> str:
    told = [
        f"Blinks at {each.frames_per_s:g} frames a second: mean F1 {each.f1.value:.2f}, worst {each.worst_f1:.2f}."
        for each in evaluation.blink_summaries
        if each.f1.value is not None
    ]
    if evaluation.identities:
        told += [
            f"Face ID at {each.threshold:.2f}: {100 * each.frr.value:.1f} % of the owner refused, "
            f"{100 * each.far.value:.1f} % of others accepted."
            for each in evaluation.identities.thresholds
            if each.frr.value is not None and each.far.value is not None
        ]
    return " ".join(told) or "No figures."


def _blinks(scores: Sequence[BlinkScore], how: str) -> list[str]:
    left, right = LEFT_PANEL
    rates = sorted({each.frames_per_s for each in scores}, reverse=True)
    column = (right - left) / len(rates)
    parts = [
        _text(24, 36, "Blinks found: F1 of each sitting", 19, bold=True),
        _text(24, 57, f"{how}, 95 % intervals; bar: promised mean", 14, FAINT),
        *_scale(left, right, [(f1 / 100, f"0.{f1}" if f1 < 100 else "1.0") for f1 in range(70, 101, 10)], LOWEST_F1),
    ]
    for place, rate in enumerate(rates):
        start = left + column * place
        parts.append(_text(start + column / 2, BOTTOM + 24, f"{rate:g}", 14, anchor="middle"))
        if rate in MEAN_F1:
            y = _y(MEAN_F1[rate], LOWEST_F1)
            parts.append(_line(start + 8, y, start + column - 8, y, ORANGE, 2))
        of_rate = [each.f1 for each in scores if each.frames_per_s == rate]
        for number, f1 in enumerate(of_rate):
            parts += _dot(start + column * (number + 1) / (len(of_rate) + 1), f1)
    return [*parts, _text((left + right) / 2, BOTTOM + 48, "frames a second", 14, FAINT, anchor="middle")]


def _dot(x: float, f1: Estimate) -> list[str]:
    if f1.value is None or f1.low is None or f1.high is None:
        return []
    value, low, high = (_y(max(LOWEST_F1, each), LOWEST_F1) for each in (f1.value, f1.low, f1.high))
    return [_line(x, low, x, high, BLUE, 2), f'<circle cx="{x:.1f}" cy="{value:.1f}" r="5" fill="{BLUE}"/>']


def _identity(rates: Sequence[IdentityRates]) -> list[str]:
    left, right = RIGHT_PANEL
    first, last = rates[0].threshold, rates[-1].threshold
    most = max([0.05, *(each.value for rate in rates for each in (rate.frr, rate.far) if each.value is not None)])
    parts = [
        _text(left - 46, 36, "Face ID: errors over the threshold", 19, bold=True),
        _text(left - 46, 57, "Share of faces", 14, FAINT),
        *_scale(left, right, [(most * part, f"{100 * most * part:.0f} %") for part in (0, 0.5, 1)], 0.0, most),
    ]
    for colour, name, values in (
        (RED, "owner refused", [rate.frr.value for rate in rates]),
        (BLUE, "others accepted", [rate.far.value for rate in rates]),
    ):
        points = [
            (left + (rate.threshold - first) / (last - first) * (right - left), _y(value, 0.0, most))
            for rate, value in zip(rates, values, strict=True)
            if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(_text(left + 8 + 140 * (colour == BLUE), TOP - 12, name, 14, colour))
    for rate in rates[::2]:
        x = left + (rate.threshold - first) / (last - first) * (right - left)
        parts.append(_text(x, BOTTOM + 24, f"{rate.threshold:.2f}", 14, anchor="middle"))
    return [*parts, _text((left + right) / 2, BOTTOM + 48, "distance of descriptors", 14, FAINT, anchor="middle")]


def _scale(
    left: float, right: float, marks: Sequence[tuple[float, str]], lowest: float, highest: float = 1.0
) -> list[str]:
    parts = []
    for value, name in marks:
        y = _y(value, lowest, highest)
        parts += [_line(left, y, right, y, RULE, 1), _text(left - 10, y + 5, name, 14, FAINT, anchor="end")]
    return parts


def _y(value: float, lowest: float, highest: float = 1.0) -> float:
    return BOTTOM - (value - lowest) / (highest - lowest) * (BOTTOM - TOP)


def _line(x_1: float, y_1: float, x_2: float, y_2: float, colour: str, width: float) -> str:
    ends = f'x1="{x_1:.1f}" y1="{y_1:.1f}" x2="{x_2:.1f}" y2="{y_2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"/>'


def _text(
    x: float, y: float, words: str, size: int, colour: str = INK, anchor: str = "start", *, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
