"""ai_models.monitoring.monitor: whatever happens, a stored state continues as one in memory, and the totals add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_models.monitoring import actions, monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import pace, plan_next_frame
from ai_models.monitoring.session_state import State, Transition
from ai_models.monitoring.status import status
from detections.sessions import codec
from tests.ai_models.replay import CLOSER, GOOD, OTHER, START_S, TILTED, TURNED, Desk, box_at, face, jittered, look_at

MEASURES = [
    GOOD,
    CLOSER,
    TILTED,
    TURNED,
    face(lower=0.3),
    face(eyes=0.1),
    face(right=1.5),
    face(eyes=float("nan")),
    None,
]
COMMANDS = [actions.pause, actions.resume, actions.recalibrate, actions.stretch_done]
DISTANCES = st.sampled_from([None, 0.2, 0.45, 0.7])
STEPS_S = st.sampled_from([-1.0, 0.0, 0.25, 1.0, 1.5, 7.0, 16.0, 100.0, 4000.0])
OTHERS = st.sampled_from([None, (), (box_at(40),), (box_at(500),)])
WATCHED = st.tuples(
    st.just("watch"),
    st.sampled_from(MEASURES),
    STEPS_S,
    DISTANCES,
    st.sampled_from([None, (), (box_at(40),), (box_at(500),)]),
    st.integers(1, 30),
)
BURSTS = st.tuples(st.just("burst"), st.sampled_from(MEASURES), st.sampled_from([5.0, 15.0]), DISTANCES)
CALLS = st.tuples(st.just("call"), st.sampled_from(COMMANDS), st.floats(-5, 200))
ACTIONS = st.lists(st.one_of(WATCHED, BURSTS, CALLS), max_size=25)
ALL_ALARMS = AlarmSettings(neck_time_s=5, blink_time_s=5, stretching_time_s=120, rest_time_s=90)


class Stored(Desk):
    """A desk whose state goes through JSON after each step, as between two requests."""

    def apply(self, transition: Transition) -> Transition:
        text = codec.dump_state(transition.state)
        assert len(text) < 6144
        return super().apply(Transition(codec.load_state(text), transition.events, transition.is_accepted))


def perform(desk: Desk, action: tuple[object, ...]) -> None:
    match action:
        case ("watch", measures, step_s, distance, others, times):
            for _ in range(times):  # type: ignore[call-overload]
                before_s = desk.at_s
                desk.observe(measures, after_s=step_s, distance=distance, others=others)  # type: ignore[arg-type]
                desk.at_s = max(before_s, desk.at_s)
        case ("burst", measures, a_second, distance):
            times = desk.at_s + np.arange(1, 46) / a_second  # type: ignore[operator]
            frames = [Observation(float(at_s), measures) for at_s in times]  # type: ignore[arg-type]
            look = look_at(distance) if measures and distance else None  # type: ignore[arg-type]
            frames[0] = Observation(frames[0].at_s, frames[0].measures, (), look)
            desk.at_s = frames[-1].at_s
            desk.apply(monitor.observe(desk.state, frames, desk.settings))
        case ("call", command, later_s):
            at_s = desk.at_s + later_s  # type: ignore[operator]
            desk.apply(command(desk.state, at_s))  # type: ignore[operator]
            desk.at_s = max(desk.at_s, at_s)


@pytest.mark.parametrize("is_known", [True, False])
@settings(max_examples=60)
@given(steps=ACTIONS)
def test_stored_session_continues_identically(is_known: bool, steps: list[tuple[object, ...]]) -> None:
    desks = [Desk(ALL_ALARMS), Stored(ALL_ALARMS)]
    if not is_known:
        desks = [type(desk)(ALL_ALARMS, monitor.start(START_S)) for desk in desks]
    for action in steps:
        for desk in desks:
            perform(desk, action)
        check_state(desks[0].state)
    for desk in desks:
        desk.apply(actions.stop(desk.state, desk.at_s + 1))
    desk, stored = desks
    assert (stored.state, stored.events) == (desk.state, desk.events)
    check_events(desk)


def check_state(state: State) -> None:
    now = status(state, ALL_ALARMS)
    totals = now.totals
    assert totals.active_s == pytest.approx(totals.good_s + totals.bad_s + totals.unreliable_s)
    assert 0 <= totals.active_s <= state.last_at_s - state.started_at_s + 1e-6
    assert totals.watched_s <= state.last_at_s - state.started_at_s
    next_frame = pace(state, ALL_ALARMS)
    assert (0 if next_frame.is_burst_next else 250) <= next_frame.next_after_ms <= 2000
    assert 6 <= next_frame.burst_frames <= 45
    assert len({event.kind for event in state.events.open}) == len(state.events.open)
    if state.phase != "monitoring":
        assert {alarm.kind for alarm in now.alarms} <= {"stranger"}
        assert not pace(state, ALL_ALARMS).is_burst_next
    assert plan_next_frame(state, state.last_at_s + 1).near in {state.box, state.owner_box, None}


def check_events(desk: Desk) -> None:
    """Assert that each event is given at its start and at its end, and lies within the session."""
    started = [event.number for event in desk.events if event.ended_at_s is None]
    ended = [event for event in desk.events if event.ended_at_s is not None]
    assert len(set(started)) == len(started)
    assert sorted(event.number for event in ended) == list(range(1, desk.state.events.count + 1))
    for event in ended:
        assert event.ended_at_s is not None
        assert START_S <= event.started_at_s <= event.ended_at_s <= desk.state.last_at_s


def _run_afternoon(desk: Desk) -> None:
    random = np.random.default_rng(3)
    desk.watch(jittered(random, GOOD), 40)
    desk.burst([0.3] * 20 + [0.1] * 3 + [0.3] * 22)
    desk.watch(CLOSER, 25)
    desk.watch(TURNED, 5)
    desk.watch(GOOD, 5, distance=0.45)
    desk.watch(None, 20)
    desk.watch(GOOD, 5, distance=OTHER)
    desk.watch(TILTED, 30)


def test_stored_afternoon_continues_identically() -> None:
    desk, stored = Desk(), Stored()
    for session in (desk, stored):
        _run_afternoon(session)
    assert stored.state == desk.state
    assert stored.events == desk.events
    assert {event.kind for event in desk.events} >= {"neck", "blink", "bad_posture", "away"}


def test_state_holds_no_descriptor_or_landmarks() -> None:
    desk = Desk()
    _run_afternoon(desk)
    text = codec.dump_state(desk.state)
    assert "points" not in text
    assert "descriptor" not in text
    assert set(State.__struct_fields__) & {"descriptor", "points", "face", "image"} == set()
