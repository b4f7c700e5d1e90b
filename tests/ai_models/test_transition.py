"""ai_models.monitoring.session_state.Transition: the events that start and end on the way to the next state."""

from ai_models.monitoring import monitor
from ai_models.monitoring.events import Event
from ai_models.monitoring.session_state import Transition
from tests.ai_models.replay import START_S

BEFORE = Transition(monitor.start(START_S))


def test_started_event_is_open_until_it_ends() -> None:
    started = BEFORE.start("neck", START_S, outline=b"face")
    event = Event(1, "neck", START_S, outline=b"face")
    assert (started.events, started.state.events.open, started.state.events.count) == ((event,), (event,), 1)
    ended = Transition(started.state).end("neck", START_S + 5, "dismissed")
    assert ended.events == (Event(1, "neck", START_S, START_S + 5, "dismissed", b"face"),)
    assert (ended.state.events.open, ended.state.events.count) == ((), 1)


def test_event_that_starts_and_ends_is_told_once() -> None:
    happened = BEFORE.start("away", START_S).start("stretch", START_S).end("stretch", START_S + 1)
    assert [(event.number, event.kind, event.ended_at_s) for event in happened.events] == [
        (1, "away", None),
        (2, "stretch", START_S + 1),
    ]


def test_no_event_ends_before_it_started() -> None:
    assert BEFORE.start("away", START_S).end("away", START_S - 9).events[0].ended_at_s == START_S


def test_what_is_open_does_not_start_again_and_what_is_not_does_not_end() -> None:
    started = BEFORE.start("neck", START_S)
    assert started.start("neck", START_S + 1) is started
    assert started.end("blink", START_S + 1) is started


def test_all_events_end_but_one_kind() -> None:
    three = BEFORE.start("neck", START_S).start("stranger", START_S).start("bad_posture", START_S)
    after = Transition(three.state).end_all(START_S + 1, except_="stranger")
    assert [event.kind for event in after.events] == ["neck", "bad_posture"]
    assert [event.kind for event in after.state.events.open] == ["stranger"]


def test_transition_after_another_tells_the_events_of_both() -> None:
    first = BEFORE.start("away", START_S)
    second = Transition(first.state).end("away", START_S + 1)
    assert [event.ended_at_s for event in second.after(first).events] == [None, START_S + 1]
    assert first.after(BEFORE) is first
