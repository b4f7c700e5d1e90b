"""ai_models.monitoring.answers: what a user answers to an alarm, in the state machine."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from ai_models.monitoring import actions, answers, division
from ai_models.monitoring.alarm_kinds import AlarmKind
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.landmark_source import change_source
from ai_models.monitoring.session_state import Transition
from ai_models.monitoring.silence import DISMISSED_FOR_S, QuietHours
from ai_models.monitoring.tuning import Tuning
from detections.sessions import codec
from tests.ai_models.replay import BASELINE, CLOSER, GOOD, OTHER, START_S, Desk, box_at, face, without_timed_alarms

UTC = ZoneInfo("UTC")


def only(*kinds: AlarmKind, **changed: int) -> AlarmSettings:
    return AlarmSettings(alarms_on=frozenset(kinds), **changed)  # type: ignore[arg-type]


def snooze(desk: Desk, kind: AlarmKind | None, seconds: float) -> Transition:
    return desk.apply(answers.snooze(desk.state, desk.at_s, desk.settings, kind=kind, seconds=seconds))


def number_of(desk: Desk, kind: AlarmKind) -> int:
    return next(event.number for event in desk.status.alarms if event.kind == kind)


def dismiss(desk: Desk, kind: AlarmKind) -> Transition:
    return desk.apply(answers.dismiss(desk.state, desk.at_s, number_of(desk, kind)))


def postpone(desk: Desk, number: int) -> Transition:
    return desk.apply(answers.postpone_rest(desk.state, desk.at_s, desk.settings, number))


def upcoming_of(desk: Desk) -> tuple[int, int] | None:
    """The rounded seconds until the announced rest, and how often it can be postponed."""
    upcoming = desk.status.upcoming
    return None if upcoming is None else (round(upcoming.in_s), upcoming.postponements_left)


def phase_of(desk: Desk) -> str:
    return desk.status.phase


def leaning_in() -> Desk:
    """A desk with a neck alarm on."""
    desk = Desk(without_timed_alarms())
    desk.watch(GOOD, 5)
    desk.watch(CLOSER, 30)
    assert desk.open_alarms() == {"neck"}
    return desk


# --- Snoozes, meetings, quiet hours ---


@pytest.mark.parametrize("kind", ["neck", None])
def test_snooze_ends_an_open_alarm_at_once_and_keeps_it_off(kind: AlarmKind | None) -> None:
    desk = leaning_in()
    ended = snooze(desk, kind, 300).events
    assert [(event.kind, event.ended_by) for event in ended] == [("neck", "snoozed")]
    desk.watch(CLOSER, 299)
    assert desk.open_alarms() == set()
    desk.watch(CLOSER, 2)
    assert desk.open_alarms() == {"neck"}


def test_snooze_of_another_kind_leaves_the_alarm_on() -> None:
    desk = leaning_in()
    assert snooze(desk, "blink", 300).events == ()
    assert desk.open_alarms() == {"neck"}


def test_posture_and_time_are_counted_while_alarms_are_snoozed() -> None:
    loud, quiet = Desk(without_timed_alarms()), Desk(without_timed_alarms())
    snooze(quiet, None, 3600)
    for desk in (loud, quiet):
        desk.watch(GOOD, 5)
        desk.watch(CLOSER, 60)
        desk.watch(GOOD, 5)
    assert quiet.status.totals == loud.status.totals
    assert quiet.times("bad_posture") == loud.times("bad_posture")
    assert (quiet.times("neck"), len(loud.times("neck"))) == ([], 1)


def test_zero_seconds_end_a_snooze() -> None:
    desk = leaning_in()
    snooze(desk, "neck", 3600)
    snooze(desk, "neck", 0)
    desk.watch(CLOSER, 2)
    assert desk.open_alarms() == {"neck"}


def test_snooze_survives_a_pause_a_division_and_the_database() -> None:
    desk = leaning_in()
    snooze(desk, None, 3600)
    desk.apply(actions.pause(desk.state, desk.at_s))
    desk.apply(actions.resume(desk.state, desk.at_s + 10))
    desk.state = division.divide(desk.state, ended_at_s=desk.at_s, at_s=desk.at_s + 20).rest
    desk.state = codec.load_state(codec.dump_state(desk.state))
    assert [(silenced.kind, silenced.reason) for silenced in desk.status.silenced] == [(None, "snooze")]


def test_stopped_session_has_nothing_silenced() -> None:
    desk = leaning_in()
    snooze(desk, None, 3600)
    desk.apply(actions.stop(desk.state, desk.at_s))
    assert (desk.status.silenced, snooze(desk, None, 3600).is_accepted) == ((), False)


def test_meeting_silences_until_it_is_over() -> None:
    desk = leaning_in()
    desk.apply(answers.meet(desk.state, desk.at_s, desk.settings, in_meeting=True))
    desk.watch(CLOSER, 60)
    assert desk.open_alarms() == set()
    desk.apply(answers.meet(desk.state, desk.at_s, desk.settings, in_meeting=False))
    desk.watch(CLOSER, 2)
    assert desk.open_alarms() == {"neck"}


def test_quiet_hours_silence_and_end_open_alarms() -> None:
    start, end = (datetime.fromtimestamp(START_S + after_s, UTC).time() for after_s in (60, 120))
    desk = leaning_in()
    desk.settings = AlarmSettings(alarms_on=frozenset({"neck"}), quiet_hours=QuietHours(start, end, UTC))
    desk.watch(CLOSER, 24)
    assert desk.open_alarms() == {"neck"}
    desk.watch(CLOSER, 5)
    assert (desk.open_alarms(), desk.status.silenced[0].until_s) == (set(), START_S + 120)
    desk.watch(CLOSER, 60)
    assert desk.open_alarms() == {"neck"}


@pytest.mark.parametrize("silence", [partial(answers.snooze, kind="stranger", seconds=600.0), answers.meet])
def test_strangers_alarm_is_silenced_too_while_the_owner_is_away(silence: Callable[..., Transition]) -> None:
    desk = Desk(without_timed_alarms())
    desk.watch(GOOD, 5)
    desk.watch(GOOD, 30, distance=OTHER)
    assert (desk.open_alarms(), desk.status.phase) == ({"stranger"}, "away")
    options = {"in_meeting": True} if silence is answers.meet else {}
    desk.apply(silence(desk.state, desk.at_s, desk.settings, **options))
    desk.watch(GOOD, 10, distance=OTHER)
    assert desk.open_alarms() == set()


# --- Dismissals ---


def test_dismissed_alarm_returns_only_after_its_condition_has_passed() -> None:
    desk = leaning_in()
    ended = dismiss(desk, "neck").events
    assert [(event.kind, event.ended_by) for event in ended] == [("neck", "dismissed")]
    desk.watch(CLOSER, 120)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 10)
    desk.watch(CLOSER, 30)
    assert desk.open_alarms() == {"neck"}


def test_dismissed_alarm_returns_after_ten_minutes() -> None:
    desk = leaning_in()
    dismiss(desk, "neck")
    desk.watch(CLOSER, DISMISSED_FOR_S - 1)
    assert desk.open_alarms() == set()
    desk.watch(CLOSER, 3)
    assert desk.open_alarms() == {"neck"}


def test_dismissing_again_or_what_is_no_alarm_changes_nothing() -> None:
    desk = leaning_in()
    number = number_of(desk, "neck")
    dismiss(desk, "neck")
    spans = [event.number for event in desk.state.events.open]
    assert spans
    before = desk.state
    for other in (number, *spans, 999):
        assert not desk.apply(answers.dismiss(desk.state, desk.at_s, other)).is_accepted
    assert desk.state == before


def test_dismissed_blink_alarm_waits_for_a_blink() -> None:
    desk = Desk(only("blink"))
    desk.watch(GOOD, 40)
    assert desk.open_alarms() == {"blink"}
    dismiss(desk, "blink")
    desk.watch(GOOD, 60)
    assert desk.open_alarms() == set()
    desk.blink()
    desk.watch(GOOD, 40)
    assert desk.open_alarms() == {"blink"}


def test_dismissed_stretching_alarm_is_over_after_a_stretch_or_an_absence() -> None:
    desk = Desk(only("stretching", stretching_time_s=300))
    for passing in ("stretch", "absence"):
        desk.watch(GOOD, 302)
        assert desk.open_alarms() == {"stretching"}
        dismiss(desk, "stretching")
        desk.watch(GOOD, 30)
        assert desk.open_alarms() == set()
        if passing == "stretch":
            desk.apply(actions.stretch_done(desk.state, desk.at_s))
        else:
            desk.watch(None, 20)
        desk.watch(GOOD, 200)
        assert desk.open_alarms() == set(), passing
        desk.apply(actions.stretch_done(desk.state, desk.at_s))


def test_dismissed_rest_is_due_again_after_the_usual_time() -> None:
    desk = Desk(only("rest", rest_time_s=900))
    desk.watch(GOOD, 902)
    assert desk.open_alarms() == {"rest"}
    dismiss(desk, "rest")
    desk.watch(GOOD, 890)
    assert desk.open_alarms() == set()
    desk.watch(GOOD, 15)
    assert desk.open_alarms() == {"rest"}


def test_dismissed_company_may_stay() -> None:
    desk = Desk(only("someone_behind"))
    behind = [box_at(60)]
    desk.observe(GOOD, others=[])
    desk.watch(GOOD, 15)
    for _ in range(3):
        desk.observe(GOOD, after_s=6, others=behind)
    assert desk.open_alarms() == {"someone_behind"}
    dismiss(desk, "someone_behind")
    for _ in range(5):
        desk.observe(GOOD, after_s=6, others=behind)
    assert desk.open_alarms() == set()


def test_dismissed_stranger_may_stay() -> None:
    desk = Desk(without_timed_alarms())
    desk.watch(GOOD, 5)
    desk.watch(GOOD, 30, distance=OTHER)
    dismiss(desk, "stranger")
    desk.watch(GOOD, 30, distance=OTHER)
    assert desk.open_alarms() == set()
    desk.watch(None, 20)
    desk.watch(GOOD, 10, distance=OTHER)
    assert desk.open_alarms() == {"stranger"}


# --- Wrong alarms ---


def test_wrong_alarm_is_counted_and_ends_and_widens_the_limit() -> None:
    desk = leaning_in()
    number = number_of(desk, "neck")
    assert answers.faults_of(desk.state, number) == ("closer",)
    told = desk.apply(answers.tell_wrong(desk.state, desk.at_s, number, Tuning(closer=1)))
    assert [(event.kind, event.ended_by) for event in told.events] == [("neck", "wrong")]
    desk.watch(CLOSER, 60)
    margins = desk.status.posture.margins
    assert margins is not None
    assert (desk.open_alarms(), desk.status.totals.wrong_alarms, margins["closer"].limit) == (set(), 1, 1.105)


def test_alarm_that_is_over_can_be_told_wrong() -> None:
    desk = leaning_in()
    number = number_of(desk, "neck")
    desk.watch(GOOD, 10)
    assert answers.faults_of(desk.state, number) == ("closer",)
    assert desk.apply(answers.tell_wrong(desk.state, desk.at_s, number, Tuning(closer=1))).is_accepted
    assert desk.status.totals.wrong_alarms == 1
    desk.apply(answers.take_back(desk.state, Tuning()))
    assert (desk.status.totals.wrong_alarms, desk.state.tuning) == (0, Tuning())


def test_posture_within_a_tuned_limit_is_good() -> None:
    slightly = face(closer=1.11)
    usual, tuned = Desk(without_timed_alarms()), Desk(without_timed_alarms())
    tuned.state = answers.tell_wrong(tuned.state, START_S, 1, Tuning(closer=4)).state
    for desk in (usual, tuned):
        desk.watch(slightly, 60)
    assert (usual.status.posture.state, tuned.status.posture.state) == ("bad", "good")


def test_somebody_who_leans_in_is_told_whatever_was_wrong() -> None:
    desk = Desk(without_timed_alarms())
    desk.state = answers.tell_wrong(desk.state, START_S, 1, Tuning(100, 100, 100, 100)).state
    desk.watch(CLOSER, 30)
    assert desk.open_alarms() == {"neck"}


def test_wrong_blink_alarms_lengthen_the_time_until_the_next() -> None:
    desk = Desk(only("blink"))
    desk.state = answers.tell_wrong(desk.state, START_S, 1, Tuning(blink=3)).state
    desk.watch(GOOD, 35)
    ((start_s, _end_s),) = desk.times("blink")
    usual = Desk(only("blink"))
    usual.watch(GOOD, 35)
    ((usual_s, _end_s),) = usual.times("blink")
    assert start_s - usual_s == pytest.approx(6, abs=1)


# --- Announced and postponed rests ---


def test_rest_is_announced_half_a_minute_before() -> None:
    desk = Desk(only("rest", rest_time_s=900))
    desk.watch(GOOD, 865)
    assert upcoming_of(desk) is None
    desk.watch(GOOD, 10)
    assert upcoming_of(desk) == (25, 2)
    desk.watch(GOOD, 30)
    assert (desk.status.upcoming, desk.open_alarms()) == (None, {"rest"})


@pytest.mark.parametrize("alarms", [only("rest", rest_time_s=900, break_notice_s=0), only("neck", rest_time_s=900)])
def test_nothing_is_announced_if_that_or_the_alarm_is_off(alarms: AlarmSettings) -> None:
    desk = Desk(alarms)
    for _ in range(100):
        desk.watch(GOOD, 10)
        assert desk.status.upcoming is None


def test_snoozed_rest_is_not_announced() -> None:
    desk = Desk(only("rest", rest_time_s=900))
    desk.watch(GOOD, 880)
    snooze(desk, "rest", 600)
    assert desk.status.upcoming is None


def test_rest_is_postponed_twice_before_it_and_during_it() -> None:
    desk = Desk(only("rest", rest_time_s=900))
    desk.watch(GOOD, 880)
    assert postpone(desk, answers.NEXT_REST).is_accepted
    assert not postpone(desk, answers.NEXT_REST).is_accepted, "a repeat must not postpone once more"
    desk.watch(GOOD, 295)
    assert upcoming_of(desk) == (5, 1)
    desk.watch(GOOD, 10)
    number = number_of(desk, "rest")
    ended = postpone(desk, number).events
    assert [(event.kind, event.ended_by) for event in ended] == [("rest", "postponed")]
    assert answers.postponing(desk.state, desk.at_s, desk.settings, number) == "nothing"
    desk.watch(GOOD, 305)
    assert answers.postponing(desk.state, desk.at_s, desk.settings, number_of(desk, "rest")) == "used_up"
    assert not postpone(desk, number_of(desk, "rest")).is_accepted


@pytest.mark.parametrize("rest", ["taken", "ignored"])
def test_next_rest_can_be_postponed_again(rest: str) -> None:
    desk = Desk(only("rest", rest_time_s=900))
    desk.watch(GOOD, 880)
    desk.apply(answers.postpone_rest(desk.state, desk.at_s, desk.settings, answers.NEXT_REST))
    assert desk.state.clocks.postponements == 1
    if rest == "ignored":
        desk.watch(GOOD, 370)
    else:
        desk.watch(None, 90)
        desk.watch(GOOD, 2)
    assert desk.state.clocks.postponements == 0


# --- The calibration before ---


def test_cancelled_calibration_goes_back_to_the_one_before() -> None:
    desk = Desk(without_timed_alarms())
    desk.watch(GOOD, 5)
    desk.apply(actions.recalibrate(desk.state, desk.at_s))
    desk.apply(actions.recalibrate(desk.state, desk.at_s))
    desk.state = codec.load_state(codec.dump_state(desk.state))
    assert desk.apply(actions.cancel_calibration(desk.state, desk.at_s)).is_accepted
    assert (desk.state.phase, desk.state.baseline, desk.state.former_baseline) == ("monitoring", BASELINE, None)
    desk.watch(CLOSER, 10)
    assert desk.status.posture.state == "bad"


def test_there_is_nothing_to_go_back_to_without_an_earlier_calibration() -> None:
    desk = Desk()
    assert not actions.cancel_calibration(desk.state, desk.at_s).is_accepted
    desk.apply(actions.recalibrate(desk.state, desk.at_s))
    desk.watch(GOOD, 20, every_s=0.5)
    assert (desk.state.phase, desk.state.former_baseline) == ("monitoring", None)
    assert not actions.cancel_calibration(desk.state, desk.at_s).is_accepted


def test_another_cameras_calibration_is_nothing_to_go_back_to() -> None:
    desk = Desk()
    desk.apply(change_source(desk.state, None, "another", None))
    assert (desk.state.phase, actions.cancel_calibration(desk.state, desk.at_s).is_accepted) == ("calibrating", False)


def test_calibration_that_was_paused_is_cancelled_in_the_pause() -> None:
    desk = Desk(without_timed_alarms())
    desk.watch(GOOD, 5)
    desk.apply(actions.recalibrate(desk.state, desk.at_s))
    desk.apply(actions.pause(desk.state, desk.at_s))
    desk.apply(actions.cancel_calibration(desk.state, desk.at_s))
    assert phase_of(desk) == "paused"
    desk.apply(actions.resume(desk.state, desk.at_s + 5))
    assert phase_of(desk) == "monitoring"
