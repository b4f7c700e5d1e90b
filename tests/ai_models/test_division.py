"""ai_models.monitoring.division: whatever the zone and the hour, no time is lost, counted twice, or of another day."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_models.monitoring import monitor
from ai_models.monitoring.division import divide_if_due, end_part, last_seen_s
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.session_state import State
from tests.ai_models.replay import BASELINE, GOOD, without_timed_alarms

# Whole and half hours, 45 minutes, days with 23, 24, 25 and 23.5 hours, and a day that was left out.
ZONES = st.sampled_from(
    [
        *("Asia/Seoul", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"),
        *("Pacific/Chatham", "Pacific/Apia", "America/Havana", "Africa/Casablanca", "UTC"),
    ]
)
STARTS_S = st.integers(1_704_067_200, 1_830_211_200)  # 2024 to 2027
# Minutes of sitting, and the minutes until the next stretch of it.
STRETCHES = st.lists(
    st.tuples(st.integers(2, 40), st.sampled_from([0.5, 5, 45, 119, 121, 700])), min_size=1, max_size=4
)
EVERY_S = 10.0
ALARMS = without_timed_alarms()


def parts_of(zone: ZoneInfo, start_s: float, stretches: list[tuple[int, float]]) -> tuple[list[State], float]:
    """The parts that a session is divided into, and the seconds that its person sat there between two frames."""
    state, at_s, parts, sat_s = monitor.start(start_s, baseline=BASELINE), start_s, [], 0.0
    for minutes, pause in stretches:
        for number in range(round(minutes * 60 / EVERY_S)):
            at_s += EVERY_S
            division = divide_if_due(state, at_s, zone)
            if division:
                parts.append(division.ended.state)
                state = division.rest
            state = monitor.observe(state, [Observation(at_s, GOOD)], ALARMS).state
            sat_s += EVERY_S if number else 0.0
        at_s += pause * 60
    return [*parts, end_part(state, last_seen_s(state)).state], sat_s


@settings(deadline=None, max_examples=15)
@given(name=ZONES, start_s=STARTS_S, stretches=STRETCHES)
def test_no_time_is_lost_or_counted_twice(name: str, start_s: float, stretches: list[tuple[int, float]]) -> None:
    zone = ZoneInfo(name)
    parts, sat_s = parts_of(zone, start_s, stretches)
    counted_s = sum(part.totals.active_s for part in parts)
    # Between two stretches less than 15 s apart nothing is taken for an absence; a part begins with its second frame.
    assert counted_s == pytest.approx(sat_s, abs=EVERY_S * (len(parts) + len(stretches)))
    for earlier, later in pairwise(parts):
        assert earlier.last_at_s <= later.started_at_s


@settings(deadline=None, max_examples=15)
@given(name=ZONES, start_s=STARTS_S, stretches=STRETCHES)
def test_each_part_is_of_one_day(name: str, start_s: float, stretches: list[tuple[int, float]]) -> None:
    zone = ZoneInfo(name)
    parts, _ = parts_of(zone, start_s, stretches)
    for part in parts:
        first, last = (datetime.fromtimestamp(at_s, zone) for at_s in (part.started_at_s, part.last_at_s))
        assert first.date() == last.date()
        # The time since the frame before it, which was yesterday's last, is counted with a part's first frame.
        assert part.totals.active_s <= part.last_at_s - part.started_at_s + EVERY_S
