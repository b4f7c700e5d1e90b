"""A working week: five days, two zones, a machine that sleeps, a closed tab, a second camera, and clocks that are set.

Everything goes through the API, at a clock that only the test moves. The reports are right to the minute.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from django.db import connection

from ai_models.analysis import AnalysisPlan, FrameAnalysis
from ai_models.vision.frame import Frame
from detections import vision
from detections.sessions import finish
from reports.models import Report
from tests.detections.sessions.desk import Desk, Time, leaning_in, text_of, upright

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "mysql", reason="sessions go by MySQL's clock, which no test can set"),
]
EVERY_S = 12.0  # between frames: shorter than what is taken for an absence
MINUTE = timedelta(minutes=1)
SEOUL, NEW_YORK = "Asia/Seoul", "America/New_York"
LAPTOP, MONITOR = "laptop", "monitor"
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


@dataclass
class Week:
    """A person's week. clock_ahead: of the computer's clock, which may be set."""

    desk: Desk
    camera: str = LAPTOP
    clock_ahead: timedelta = field(default_factory=timedelta)
    zone: str = SEOUL

    def go_to(self, zone: str) -> None:
        assert self.desk.person("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
        self.zone = zone

    def at(self, day: int, clock: str) -> None:
        """Wait until a time of a day of the week, 0 for Monday, in the person's zone."""
        hour, minute = map(int, clock.split(":"))
        local = datetime(2026, 11, 16 + day, hour, minute, tzinfo=ZoneInfo(self.zone))
        assert local > self.desk.now
        self.desk.now = local.astimezone(UTC)

    def start(self) -> None:
        """Start a session and calibrate it, within five seconds."""
        self.desk.start()
        assert self._frames(upright(), 9, every_s=0.5)["state"] == "monitoring"

    def sit(self, minutes: float, picture: bytes | None = None) -> Any:
        return self._frames(picture or upright(), round(minutes * 60 / EVERY_S), every_s=EVERY_S)

    def wait(self, minutes: float) -> None:
        """No frames for a while, though the service goes on with its own housekeeping."""
        until = self.desk.now + minutes * MINUTE
        while self.desk.now < until:
            self.desk.now = min(until, self.desk.now + 5 * MINUTE)
            finish.report_silent()
            finish.end_abandoned()

    def days(self, first: int, last: int) -> dict[int, float]:
        """Active minutes by day of the week."""
        days = [f"{MONDAY + timedelta(days=day):%Y-%m-%d}" for day in (first, last)]
        found = self.desk.person("get", f"reports/summary/?from={days[0]}&to={days[1]}").json()["buckets"]
        return {
            datetime.fromisoformat(bucket["first_day"]).day - MONDAY.day: bucket["active_s"] / 60
            for bucket in found
            if bucket["sessions"]
        }

    def _frames(self, picture: bytes, count: int, *, every_s: float) -> Any:
        for number in range(count):
            if number % 100 == 0:
                caches["default"].clear()  # of the rate limit: these frames come much faster than their clock says
            self.desk.now += timedelta(seconds=every_s)
            captured_at = text_of(self.desk.now + self.clock_ahead)
            query = {"captured_at": captured_at, "camera": self.camera}
            response = self.desk.post(picture, "image/jpeg", query=query)
            assert response.status_code == 200, response.content
        return response.json()


@pytest.fixture
def week(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Week:
    known: dict[bytes, FrameAnalysis] = {}

    def analyze_once(frames: Sequence[Frame], _plan: AnalysisPlan, _began_s: float) -> Iterator[FrameAnalysis]:
        for frame in frames:
            if frame.data not in known:
                known[frame.data] = vision.analyze(frame, AnalysisPlan(measures=True, quality=True, others=True))
            yield known[frame.data]

    monkeypatch.setattr("detections.sessions.services.vision.analyze_frames", analyze_once)
    monkeypatch.setattr("detections.sessions.store.time", Time(desk))
    monkeypatch.setattr("detections.sessions.store.timezone.now", lambda: desk.now)
    monkeypatch.setattr("detections.sessions.finish.timezone.now", lambda: desk.now)
    assert desk.person("put", "accounts/archive/", {"archive_frames": False}).status_code == 200
    desk.now = MONDAY - timedelta(days=1)
    week = Week(desk)
    week.go_to(SEOUL)
    return week


def test_working_week_is_reported_to_the_minute(week: Week) -> None:
    week.at(0, "09:00")  # Monday: leans in for five minutes, and closes the laptop over lunch
    week.start()
    week.sit(60)
    assert week.sit(5, leaning_in())["counts"]["neck"] == 1
    week.sit(5)
    week.wait(9)  # coffee
    week.desk.now += 81 * MINUTE  # the service was asleep as well
    week.sit(45)
    week.desk.call("stop")

    week.at(1, "09:00")  # Tuesday: the tab is closed, and opened again in the evening; the laptop is not shut down
    week.start()
    week.sit(40)
    week.wait(710)
    week.sit(30)
    assert week.days(0, 1) == {0: pytest.approx(115, abs=1), 1: pytest.approx(70, abs=1)}

    week.wait(660)  # Wednesday: it goes on where it was, then at another screen with its own camera
    assert week.desk.now.astimezone(ZoneInfo(SEOUL)).hour == 9
    week.sit(50)
    week.camera = MONITOR
    week.sit(30)
    week.sit(2, leaning_in())
    week.sit(1)
    week.desk.call("stop")
    assert week.days(0, 4) == {day: pytest.approx(minutes, abs=1.5) for day, minutes in ((0, 115), (1, 70), (2, 81))}

    week.go_to(NEW_YORK)
    week.camera = LAPTOP
    week.at(3, "09:00")  # Thursday, after the flight
    week.start()
    week.sit(45)
    week.desk.call("stop")
    week.at(3, "23:50")  # and work until after midnight
    week.start()
    week.sit(30)
    week.desk.call("stop")

    week.at(4, "16:00")  # Friday: the computer's clock is set forward by two hours, and back again
    week.start()
    week.sit(10)
    week.clock_ahead = timedelta(hours=2)
    week.sit(5)
    week.clock_ahead = timedelta()
    week.sit(5)
    week.desk.call("stop")
    assert week.days(3, 4) == {3: pytest.approx(55, abs=1.5), 4: pytest.approx(40, abs=1.5)}

    assert rows_of(SEOUL, 4) == [
        ("Mon 09:00", "Mon 12:25", 115, 1, 1),
        ("Tue 09:00", "Tue 09:40", 40, 0, 0),
        ("Tue 21:30", "Tue 22:00", 30, 0, 0),
        ("Wed 09:00", "Wed 10:23", 81, 1, 0),
    ]
    assert rows_of(NEW_YORK, 8)[4:] == [
        ("Thu 09:00", "Thu 09:45", 45, 0, 0),
        ("Thu 23:50", "Fri 00:00", 10, 0, 0),
        ("Fri 00:00", "Fri 00:20", 20, 0, 0),
        ("Fri 16:00", "Fri 16:20", 20, 0, 0),
    ]


def rows_of(zone: str, count: int) -> list[tuple[str, str, int, int, int]]:
    """The reports: start and end, rounded to minutes in a zone, active minutes, neck alarms and breaks."""
    return [
        (
            _minute(report.started_at, zone),
            _minute(report.ended_at, zone),
            round((report.active_s or 0) / 60),
            report.neck_cnt,
            report.rests or 0,
        )
        for report in Report.objects.order_by("started_at")[:count]
    ]


def _minute(moment: datetime, zone: str) -> str:
    return f"{(moment + MINUTE / 2).astimezone(ZoneInfo(zone)):%a %H:%M}"
