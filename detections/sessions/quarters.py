"""The quarter hours of sessions, as reports keep them."""

from accounts.models import User
from ai_models.monitoring.division import finished_quarter
from ai_models.monitoring.quarter_watch import Quarter
from detections.models import Session
from detections.sessions import codec
from detections.sessions.clock import moment_of
from reports.models import Quarter as QuarterRow


def save(session: Session, quarter: Quarter) -> None:
    """Keep a quarter of a session; in the transaction that has locked it."""
    quarter_row(session, quarter).save(force_insert=True)


def running_quarter(user: User) -> QuarterRow | None:
    """What a user's running session has counted since its last whole quarter, unsaved; None if that is nothing."""
    session = Session.objects.filter(user=user, running=True).only("user", "state").first()
    if session is None:
        return None
    state = codec.load_state(session.state)
    quarter = finished_quarter(state, state)
    return quarter_row(session, quarter) if quarter else None


def quarter_row(session: Session, quarter: Quarter) -> QuarterRow:
    """A quarter of a session, unsaved."""
    counts, worst = quarter.counts, quarter.worst
    return QuarterRow(
        user_id=session.user_id,
        session=session,
        starts_at=moment_of(quarter.starts_at_s),
        desk_s=round(counts.desk_s, 3),
        good_s=round(counts.good_s, 3),
        bad_s=round(counts.bad_s, 3),
        closer_s=round(counts.closer_s, 3),
        lower_s=round(counts.lower_s, 3),
        tilted_s=round(counts.tilted_s, 3),
        worst_closer=worst.closer,
        worst_lower=worst.lower,
        worst_tilted=worst.tilted,
        watched_s=round(counts.watched_s, 3),
        blinks=counts.blinks,
        rests=counts.rests,
        neck=counts.neck,
        outline=quarter.outline,
    )
