"""Charts as numbers for a template's SVG: no style of their own, since the policy allows none inline."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common import units
from office import limits
from office.cards import Text
from office.models import Day, Sample
from office.rates import SLOT, Span
from office.use_cards import wrong_per_8h

WIDTH, HEIGHT = 600, 120
KIB = 1024
GAP = 3  # times the usual step: then the line is interrupted

Point = tuple[float, float]  # 0 to 1 from left to right, and the value
Unit = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """lines: the points of polylines, in the SVG's coordinates. top: what its upper edge stands for."""

    title: Text
    since: str
    until: str
    summary: str
    top: str = ""
    lines: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    limit_y: float | None = None
    limit: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.lines or self.bars)


def day_charts(spans: Sequence[Span], samples: Sequence[Sample], now: datetime) -> list[Chart]:
    """The last 24 hours."""
    since = now - timedelta(hours=24)
    stages = [(span.until, stage[1]) for span in spans if (stage := span.slowest_stage(0.99))]
    unusable = [(span.until, 100 * span.share(span.unusable, span.frames)) for span in spans if span.frames]
    watching: dict[datetime, int] = {}
    for sample in samples:
        watching[sample.at] = max(sample.watching, watching.get(sample.at, 0))
    rates = [(span.until, span.frames_per_s) for span in spans]
    return [
        _line(_("Sessions running"), watching.items(), since, now, units.number),
        _line(_("Pictures a second"), rates, since, now, lambda value: units.number(value, 1)),
        _line(_("Slowest step, 99 of 100 pictures"), stages, since, now, _ms, limit=limits.STAGE_P99_MS),
        _line(_("Not usable as pictures"), unusable, since, now, _percent, limit=100 * limits.UNUSABLE_SHARE),
    ]


def weeks_charts(samples: Sequence[Sample], days: Sequence[Day], now: datetime) -> list[Chart]:
    """The last four weeks."""
    since = now - timedelta(days=28)
    stored = {sample.at: sample.stored_bytes for sample in samples}
    free = {sample.at: sample.free_bytes for sample in samples if sample.free_bytes is not None}
    people = [(day, float(day.people)) for day in days]
    wrong = [(day, rate) for day in days if (rate := wrong_per_8h(day)) is not None]
    return [
        _line(_("Stored pictures"), stored.items(), since, now, _bytes, step=timedelta(hours=1)),
        _line(_("Free space"), free.items(), since, now, _bytes, step=timedelta(hours=1)),
        _bars(_("People with a report, by day"), people, days, units.number),
        _bars(_("Wrong alarms in 8 hours, by day"), wrong, days, lambda value: units.number(value, 2)),
    ]


def _line(
    title: str,
    values: Iterable[tuple[datetime, float]],
    since: datetime,
    until: datetime,
    unit: Unit,
    *,
    limit: float | None = None,
    step: timedelta = SLOT,
) -> Chart:
    known = sorted(values)
    span = (until - since).total_seconds()
    points = [((at - since).total_seconds() / span, value) for at, value in known if at >= since]
    top = _top(max([value for _x, value in points] + ([limit * 1.1] if limit else []), default=0.0), unit)
    gap = GAP * step.total_seconds() / span
    return Chart(
        title=title,
        since=_moment(since),
        until=_moment(until),
        summary=_summary([value for _x, value in points], unit),
        top=unit(top),
        lines=[_polyline(part, top) for part in _unbroken(points, gap)] if points else [],
        limit_y=_y(limit, top) if limit is not None else None,
        limit=unit(limit) if limit is not None else "",
    )


def _bars(title: str, values: Sequence[tuple[Day, float]], days: Sequence[Day], unit: Unit) -> Chart:
    top = _top(max((value for _day, value in values), default=0.0), unit)
    width = WIDTH / max(1, len(days))
    places = {day.pk: index for index, day in enumerate(days)}
    bars = [
        Bar(
            x=round(places[day.pk] * width + 0.1 * width, 1),
            y=(y := _y(value, top)),
            width=round(0.8 * width, 1),
            height=round(HEIGHT - y, 1),
            title=f"{_date(day)}: {unit(value)}",
        )
        for day, value in values
    ]
    ends = (_date(days[0]), _date(days[-1])) if days else ("", "")
    return Chart(title, *ends, _summary([value for _day, value in values], unit), unit(top), bars=bars)


def _summary(values: Sequence[float], unit: Unit) -> str:
    """In words, for those who do not see the drawing."""
    if not values:
        return _("nothing yet")
    return _("now %(last)s, lowest %(low)s, highest %(high)s") % {
        "last": unit(values[-1]),
        "low": unit(min(values)),
        "high": unit(max(values)),
    }


def _unbroken(points: Sequence[Point], gap: float) -> list[list[Point]]:
    parts: list[list[Point]] = []
    for point in points:
        if parts and point[0] - parts[-1][-1][0] <= gap:
            parts[-1].append(point)
        else:
            parts.append([point])
    return parts


def _polyline(points: Sequence[Point], top: float) -> str:
    ends = points if len(points) > 1 else [points[0], (points[0][0] + 0.002, points[0][1])]  # a dot
    return " ".join(f"{x * WIDTH:.1f},{_y(value, top):.1f}" for x, value in ends)


def _y(value: float, top: float) -> float:
    return round(HEIGHT * (1 - value / top), 1)


def _top(highest: float, unit: Unit) -> float:
    """A round number in the unit that is shown."""
    scale = 1.0
    while unit is _bytes and highest / scale >= KIB:
        scale *= KIB
    return _nice(highest / scale) * scale


def _nice(highest: float) -> float:
    """The next of 1, 2, 5, 10, 20, … that is not lower."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(highest))) - 1) if highest >= 1 else 0.01
    while True:
        for step in (1, 2, 5):
            if step * power >= highest:
                return step * power
        power *= 10


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _date(day: Day) -> str:
    return date_format(day.day, "MONTH_DAY_FORMAT")


def _ms(value: float) -> str:
    return _("%(count)s ms") % {"count": units.number(value)}


def _percent(value: float) -> str:
    return units.percent(value / 100)


def _bytes(value: float) -> str:
    return units.size(int(value))
