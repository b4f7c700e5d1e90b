"""Quarter hours of a session: ai_models.monitoring.division, quarter_watch."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ai_models.monitoring import actions, monitor
from ai_models.monitoring.division import QUARTER_S, end_part, finished_quarter, turn_quarter
from ai_models.monitoring.posture_filter import LIMITS, PostureFilter, Sample
from ai_models.monitoring.quarter_watch import COUNTED, Quarter, QuarterCounts
from tests.ai_models.replay import BASELINE, CLOSER, GOOD, LOWER, TILTED, Desk, face, without_timed_alarms

START_S = 1_764_547_200.0  # on the quarter hour


class Day:
    """A session whose quarters are turned before each frame, as the service turns them."""

    def __init__(self, start_s: float = START_S) -> None:
        self.desk = Desk(without_timed_alarms(), monitor.start(start_s, baseline=BASELINE), start_s)
        self.quarters: list[Quarter] = []

    def watch(self, measures: object, seconds: float, every_s: float = 1.0) -> None:
        for _ in range(round(seconds / every_s)):
            self.desk.state, quarter = turn_quarter(self.desk.state, self.desk.at_s + every_s)
            self.quarters += [quarter] if quarter else []
            self.desk.observe(measures, after_s=every_s)  # type: ignore[arg-type]

    def stop(self) -> list[Quarter]:
        ended = actions.stop(self.desk.state, self.desk.at_s).state
        last = finished_quarter(self.desk.state, ended)
        return [*self.quarters, *([last] if last else [])]


@settings(deadline=None, max_examples=20)
@given(
    start_s=st.integers(0, 900).map(lambda seconds: START_S + seconds),
    stretches=st.lists(st.tuples(st.sampled_from([GOOD, CLOSER, LOWER, None]), st.integers(1, 40)), max_size=5),
)
def test_quarters_add_up_to_the_session(start_s: float, stretches: list[tuple[object, int]]) -> None:
    day = Day(start_s)
    for measures, minutes in stretches:
        day.watch(measures, minutes * 60, every_s=10)
    quarters, totals = day.stop(), day.desk.state.totals_so_far
    sums = {name: sum(getattr(quarter.counts, name) for quarter in quarters) for name in COUNTED}
    assert sums["desk_s"] == pytest.approx(totals.active_s)
    assert (sums["good_s"], sums["bad_s"]) == (pytest.approx(totals.good_s), pytest.approx(totals.bad_s))
    assert (sums["neck"], sums["rests"]) == (totals.neck, totals.rests)
    starts = [quarter.starts_at_s for quarter in quarters]
    assert starts == sorted(set(starts))
    assert all(start % QUARTER_S == 0 for start in starts)


def test_state_stays_the_same_within_a_quarter() -> None:
    day = Day()
    day.watch(GOOD, 3)
    assert turn_quarter(day.desk.state, START_S + 899.9) == (day.desk.state, None)
    assert turn_quarter(day.desk.state, START_S + 899.9)[0] is day.desk.state


def test_quarters_without_anybody_are_none() -> None:
    day = Day()
    day.watch(GOOD, 60)
    day.watch(None, 3 * QUARTER_S, every_s=10)
    day.watch(GOOD, 60)
    assert [(quarter.starts_at_s - START_S) / QUARTER_S for quarter in day.stop()] == [0, 3]


def test_break_counts_in_the_quarter_in_which_it_ends() -> None:
    day = Day()
    day.watch(GOOD, 60)
    day.watch(None, QUARTER_S, every_s=5)
    day.watch(GOOD, 60)
    assert [quarter.counts.rests for quarter in day.stop()] == [0, 1]


@pytest.mark.parametrize(
    ("measures", "column", "worst"),
    [(CLOSER, "closer_s", (2.0, 0.0, 0.0)), (LOWER, "lower_s", (0.0, 1.333, 0.0)), (TILTED, "tilted_s", (0, 0, 1.5))],
)
def test_direction_and_depth_of_bad_posture(measures: object, column: str, worst: tuple[float, ...]) -> None:
    day = Day()
    day.watch(GOOD, 30)
    day.watch(measures, 60)
    [quarter] = day.stop()
    seconds = {name: getattr(quarter.counts, name) for name in ("closer_s", "lower_s", "tilted_s")}
    assert seconds.pop(column) == quarter.counts.bad_s == pytest.approx(60, abs=5)
    assert set(seconds.values()) == {0.0}
    assert (quarter.worst.closer, quarter.worst.lower, quarter.worst.tilted) == pytest.approx(worst, abs=0.001)


def test_tilt_to_the_left_stays_negative() -> None:
    day = Day()
    day.watch(face(tilted=4), 10)
    day.watch(face(tilted=-12), 10)
    day.watch(face(tilted=6), 10)
    assert day.stop()[0].worst.tilted == -1.2


def test_shares_are_none_before_the_first_sample() -> None:
    assert PostureFilter().shares(LIMITS["normal"]) == Sample(0.0, 0.0, 0.0)


def test_part_that_ends_at_midnight_ends_its_quarter() -> None:
    day = Day()
    day.watch(GOOD, 60)
    ended = end_part(day.desk.state, day.desk.at_s).state
    quarter = finished_quarter(day.desk.state, ended)
    assert quarter is not None
    assert quarter.counts.desk_s == pytest.approx(60, abs=1.1)


def test_state_of_an_earlier_release_counts_from_its_next_quarter() -> None:
    day = Day()
    day.watch(GOOD, 60)
    old = replace(day.desk.state, quarter=monitor.start(START_S).quarter)
    assert finished_quarter(old, old) is None
    state, quarter = turn_quarter(old, day.desk.at_s + 1)
    assert quarter is None
    assert finished_quarter(state, state) is None
    assert QuarterCounts() - QuarterCounts() == QuarterCounts()
