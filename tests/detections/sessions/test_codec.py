"""detections.sessions.codec: a session's state and a profile's baseline as JSON."""

import json

from msgspec.structs import replace

from ai_models.monitoring import actions, answers, monitor
from ai_models.monitoring.events import Event
from ai_models.monitoring.tuning import Tuning
from detections.sessions import codec
from tests.ai_models.replay import BASELINE, CLOSER, GOOD, START_S, Desk

# As version 1.0 wrote it, for a person who had leaned in for a while.
FORMER = """
{"phase":"monitoring","started_at_s":1800000000.0,"last_at_s":1800000056.0,
"baseline":{"width":0.25,"x":0.5,"y":0.3,"roll_deg":0.0,"yaw_deg":0.0,"pitch_deg":0.0,"open_ratio":0.3,"quality":1.0},
"posture":{"samples":[{"closer":1.2,"lower":0.0,"tilted":0.0}],"faults":["closer"],"bad_s":13.0},"reason":null,
"eyes":{"open_ratios":[0.3,0.3,0.1,0.3],"blinks":1,"watched_s":2.5,"closings":6},
"seen":{"state":"open","openness":1.0},"identity":{"state":"owner","distances":[0.2,0.2,0.2,0.2,0.45]},
"identity_at_s":1800000056.0,"face_count":1,"counted_at_s":1800000055.0,"burst_at_s":1800000043.0,
"box":{"left":224,"top":96,"right":416,"bottom":288},"is_counted":true,
"clocks":{"unblinked_s":13.0,"since_stretch_s":56.0,"since_rest_s":56.0},
"ledger":{"open":[{"number":1,"kind":"bad_posture","started_at_s":1800000043.0},
{"number":2,"kind":"neck","started_at_s":1800000048.0}],"count":2},
"totals":{"active_s":56.0,"good_s":45.0,"bad_s":11.0,"neck":1}}
"""


def test_state_with_former_names_is_read() -> None:
    state = codec.load_state(FORMER)
    assert state.events.open[1] == Event(2, "neck", 1_800_000_048.0)
    assert (state.eye_tracker.blinks, state.eye_tracker.open_ratios) == (1, (0.3, 0.3, 0.1, 0.3))
    assert (state.eye_status.state, state.eye_status.openness) == ("open", 1.0)
    assert (state.identity_checked_at_s, state.faces_counted_at_s) == (1_800_000_056.0, 1_800_000_055.0)
    assert (state.last_burst_at_s, state.episode_counted) == (1_800_000_043.0, True)
    assert (state.clocks.since_blink_s, state.clocks.since_rest_s) == (13.0, 56.0)


def test_session_of_a_former_release_calibrates_again_and_keeps_its_counts() -> None:
    desk = Desk(state=codec.load_state(FORMER), at_s=1_800_000_056.0)
    assert (desk.state.phase, desk.state.baseline) == ("calibrating", None)
    desk.watch(GOOD, 10)
    assert (desk.state.phase, desk.state.totals.neck, desk.open_alarms()) == ("monitoring", 1, set())


def test_profile_of_a_former_release_has_no_baseline() -> None:
    assert codec.load_baseline(codec.dump_baseline(BASELINE).replace('"from":"middle",', "")) is None


def test_state_survives_the_round_trip() -> None:
    desk = Desk()
    desk.watch(CLOSER, 30)
    desk.burst([0.3] * 20 + [0.1, 0.05, 0.1] + [0.3] * 22)
    desk.apply(answers.snooze(desk.state, desk.at_s, desk.settings, kind="neck", seconds=300))
    desk.apply(answers.meet(desk.state, desk.at_s, desk.settings, in_meeting=True))
    desk.state = answers.tell_wrong(desk.state, desk.at_s, 1, Tuning(closer=1)).state
    desk.state = replace(desk.state, silence=desk.state.silence.with_dismissal("blink", desk.at_s))
    for state in (desk.state, monitor.start(START_S), actions.stop(desk.state, desk.at_s).state):
        assert codec.load_state(codec.dump_state(state)) == state


def test_only_open_events_are_stored_and_those_a_former_release_kept_pending_are_left_out() -> None:
    desk = Desk()
    desk.watch(CLOSER, 30)
    stored = json.loads(codec.dump_state(desk.state))
    assert stored["state"]["events"].keys() == {"open", "count"}
    stored["state"]["events"]["pending"] = []
    assert codec.load_state(json.dumps(stored, separators=(",", ":"))) == desk.state


def test_baseline_survives_the_round_trip() -> None:
    assert codec.load_baseline(codec.dump_baseline(BASELINE)) == BASELINE
    assert json.loads(codec.dump_baseline(BASELINE))["open_ratio"] == BASELINE.open_ratio


def test_state_without_the_newer_fields_is_read_and_continues() -> None:
    desk = Desk()
    desk.watch(CLOSER, 3)
    stored = json.loads(codec.dump_state(desk.state))
    newer = ("picture_width", "watched_at_s", "burst_problem", "former_baseline", "neck_faults", "neck_number")
    for name in (*newer, "silence", "tuning"):
        del stored["state"][name]
    for name in ("trace", "closing", "last_long", "partial_blinks"):
        del stored["state"]["eye_tracker"][name]
    del stored["state"]["clocks"]["since_counted_blink_s"], stored["state"]["clocks"]["postponements"]
    del stored["state"]["totals"]["wrong_alarms"]
    text = json.dumps(stored, separators=(",", ":"))
    assert text.startswith(codec.PREFIX)
    continued = Desk(state=codec.load_state(text), at_s=desk.at_s)
    continued.burst([0.3] * 20 + [0.1, 0.05, 0.1] + [0.3] * 22)
    assert continued.status.totals.burst_blinks == 1


def test_state_of_a_watched_session_is_small() -> None:
    desk = Desk()
    for _ in range(20):
        desk.burst([0.3] * 20 + [0.1, 0.05, 0.1] + [0.3] * 22)
    assert len(codec.dump_state(desk.state)) < 3500
