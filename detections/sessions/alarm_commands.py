"""What a user answers to the alarms of a running session. Each is one short transaction, as in commands."""

from functools import partial
from uuid import UUID

from accounts.models import User
from ai_models.monitoring import answers
from ai_models.monitoring.alarm_kinds import ALARM_KINDS, AlarmKind
from ai_models.monitoring.session_state import State, Transition
from common.telemetry import metrics
from detections.models import Episode
from detections.sessions.commands import locked_change, session_change
from detections.sessions.errors import AlarmNotFound, NoPostponementLeft, NotPostponable
from detections.sessions.services import SessionResult, alarm_settings_of
from detections.sessions.store import StoredSession
from detections.sessions.wrong_alarms import tuning_for, wrong_alarm_drop, wrong_alarm_keep


def alarms_snooze(*, user: User, session_id: UUID, kind: AlarmKind | None, seconds: float) -> SessionResult:
    """A session whose alarms of a kind, or all, are silent for so long; 0 ends that. Raises as session_change."""
    change = partial(answers.snooze, settings=alarm_settings_of(user), kind=kind, seconds=seconds)
    return session_change(user=user, session_id=session_id, change=change)


def meeting_set(*, user: User, session_id: UUID, in_meeting: bool) -> SessionResult:
    """A session whose alarms are silent while its user is in a meeting. Raises as session_change."""
    change = partial(answers.meet, settings=alarm_settings_of(user), in_meeting=in_meeting)
    return session_change(user=user, session_id=session_id, change=change)


def alarm_dismiss(*, user: User, session_id: UUID, number: int) -> SessionResult:
    """A session without an alarm; unchanged if that has ended. Raises AlarmNotFound, and as session_change."""

    def dismiss(state: State, at_s: float) -> Transition:
        _require_known(state, number)
        return answers.dismiss(state, at_s, number)

    return session_change(user=user, session_id=session_id, change=dismiss)


def alarm_postpone(*, user: User, session_id: UUID, number: int) -> SessionResult:
    """A session whose next rest comes later; unchanged if its alarm has ended. number: the alarm's, or NEXT_REST.

    Raises AlarmNotFound, NotPostponable, NoPostponementLeft, and as session_change.
    """
    settings = alarm_settings_of(user)

    def postpone(state: State, at_s: float) -> Transition:
        if number != answers.NEXT_REST:
            _require_known(state, number)
        alarm = answers.open_alarm(state, number)
        if alarm and alarm.kind != "rest":
            raise NotPostponable
        if answers.postponing(state, at_s, settings, number) == "used_up":
            raise NoPostponementLeft
        return answers.postpone_rest(state, at_s, settings, number)

    return session_change(user=user, session_id=session_id, change=postpone)


def alarm_tell_wrong(*, user: User, session_id: UUID, number: int) -> SessionResult:
    """A session with an alarm told wrong, which may have ended. Raises AlarmNotFound, and as session_change."""
    told: list[str] = []

    def tell(session: StoredSession, now_s: float) -> Transition:
        alarm, state = _alarm(session, number), session.state
        if not wrong_alarm_keep(user_id=user.pk, alarm=alarm, faults=answers.faults_of(state, number)):
            return Transition(state, is_accepted=False)
        told.append(alarm.kind)
        return answers.tell_wrong(state, now_s, number, tuning_for(user.pk))

    result = locked_change(user=user, session_id=session_id, change=tell)
    for kind in told:
        metrics.alarms_wrong[kind].inc()
    return result


def alarm_take_back(*, user: User, session_id: UUID, number: int) -> SessionResult:
    """A session with an alarm that was told wrong by mistake. Raises AlarmNotFound, and as session_change."""

    def take_back(session: StoredSession, now_s: float) -> Transition:
        if not wrong_alarm_drop(alarm=_alarm(session, number)):
            return Transition(session.state, is_accepted=False)
        return answers.take_back(session.state, tuning_for(user.pk))

    return locked_change(user=user, session_id=session_id, change=take_back)


def _require_known(state: State, number: int) -> None:
    """Raises AlarmNotFound for a number that no alarm of the session has had, or that another event has."""
    is_other = any(event.number == number and not event.is_alarm for event in state.events.open)
    if is_other or not 0 < number <= state.events.count:
        raise AlarmNotFound


def _alarm(session: StoredSession, number: int) -> Episode:
    """An alarm of a locked session, on or over. Raises AlarmNotFound."""
    _require_known(session.state, number)
    alarm = Episode.objects.filter(session=session.row, number=number, kind__in=ALARM_KINDS).first()
    if alarm is None:
        raise AlarmNotFound
    return alarm
