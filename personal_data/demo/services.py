"""Made people in the database: created in bulk, and erased as if they withdrew."""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from ai_models.monitoring.session_state import State, Totals
from detections.models import Episode, Session, WrongAlarm
from detections.sessions import codec
from detections.sessions.quarters import quarter_row
from personal_data.demo.days import MadeSession, made_day
from personal_data.demo.outlines import BEST
from personal_data.demo.people import Person, made_people
from personal_data.withdrawal import user_erase
from reports.models import Goal, Quarter, Report
from reports.services import unsaved_report

DOMAIN = "@demo.invalid"  # of the made people's addresses (RFC 2606), by which they are known
BATCH_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Made:
    """How much was made."""

    people: int
    sessions: int
    quarters: int


def demo_users() -> QuerySet[User]:
    return User.objects.filter(email__endswith=DOMAIN)


def demo_create(*, people: int, weeks: int, password: str, now: datetime, seed: int = 0) -> Made:
    """Make people with some weeks of days up to now, the same for the same seed and time."""
    chance = random.Random(seed)  # noqa: S311
    made = made_people(people, chance)
    with transaction.atomic():
        users = _create_users(made, password, now - timedelta(weeks=weeks))
        pairs = [(user, _weeks(person, weeks, now, chance)) for person, user in zip(made, users, strict=True)]
        quarters = _create_sessions(pairs)
        goals = [(user, person.goal) for person, user in zip(made, users, strict=True) if person.goal]
        Goal.objects.bulk_create(Goal(user=user, good_share=share) for user, share in goals)
    return Made(people, sum(len(sessions) for _, sessions in pairs), quarters)


def demo_delete() -> int:
    """Erase the made people with everything of theirs; returns how many there were."""
    user_ids = list(demo_users().values_list("pk", flat=True))
    for user_id in user_ids:
        user_erase(user_id=user_id)
    return len(user_ids)


def _create_users(people: Sequence[Person], password: str, joined: datetime) -> list[User]:
    hashed = make_password(password)  # once: it takes long on purpose
    User.objects.bulk_create(
        User(
            username=person.username,
            email=f"{person.username}{DOMAIN}",
            password=hashed,
            first_name=person.first_name,
            last_name=person.last_name,
            time_zone=person.time_zone,
            date_joined=joined,
        )
        for person in people
    )
    users = {user.username: user for user in demo_users()}  # with their keys, which MySQL does not return
    return [users[person.username] for person in people]


def _weeks(person: Person, weeks: int, now: datetime, chance: random.Random) -> list[MadeSession]:
    today, days = now.astimezone(ZoneInfo(person.time_zone)).date(), 7 * weeks
    return [
        session
        for back in range(days, -1, -1)
        for session in made_day(person, today - timedelta(days=back), 1 - back / days, now, chance)
    ]


def _create_sessions(pairs: Iterable[tuple[User, list[MadeSession]]]) -> int:
    """Store sessions with all that is in them; returns the number of quarters."""
    kept = [(user, made, _report(user, made)) for user, sessions in pairs for made in sessions]
    Report.objects.bulk_create((report for _, _, report in kept), BATCH_SIZE)
    keys = {user.pk for user, _, _ in kept}
    report_ids = dict(Report.objects.filter(user__in=keys).exclude(key=None).values_list("key", "pk"))
    sessions = [_session(user, made, report, report_ids[report.key]) for user, made, report in kept]
    Session.objects.bulk_create(sessions, BATCH_SIZE)
    rows = [(session, made) for session, (_, made, _) in zip(sessions, kept, strict=True)]
    quarters = [quarter_row(session, quarter) for session, made in rows for quarter in made.quarters]
    Quarter.objects.bulk_create(quarters, BATCH_SIZE)
    Episode.objects.bulk_create((row for session, made in rows for row in _episodes(session, made)), BATCH_SIZE)
    WrongAlarm.objects.bulk_create((row for session, made in rows for row in _wrong_alarms(session, made)), BATCH_SIZE)
    return len(quarters)


def _report(user: User, made: MadeSession) -> Report:
    report = unsaved_report(user=user, started_at=made.started_at, ended_at=made.ended_at, totals=_totals(made))
    report.key = uuid.uuid4()
    return report


def _session(user: User, made: MadeSession, report: Report, report_id: int) -> Session:
    state = State(
        phase="stopped",
        started_at_s=made.started_at.timestamp(),
        last_at_s=made.ended_at.timestamp(),
        totals=_totals(made),
        best_outline=BEST,
    )
    return Session(
        user=user,
        started_at=made.started_at,
        stopped_at=made.ended_at,
        received_at=made.ended_at,
        phase="stopped",
        state=codec.dump_state(state),
        report_id=report_id,
    )


def _totals(made: MadeSession) -> Totals:
    counts = [quarter.counts for quarter in made.quarters]
    active_s = sum(count.desk_s for count in counts)
    watched_s, blinks = sum(count.watched_s for count in counts), sum(count.blinks for count in counts)
    good_s, bad_s = sum(count.good_s for count in counts), sum(count.bad_s for count in counts)
    return Totals(
        active_s=active_s,
        good_s=good_s,
        bad_s=bad_s,
        unreliable_s=max(0.0, active_s - good_s - bad_s),
        blinks=round(blinks * active_s / watched_s) if watched_s else 0,
        watched_s=watched_s,
        burst_blinks=blinks,
        neck=sum(count.neck for count in counts),
        rests=sum(count.rests for count in counts),
        stretches=int(active_s > 3 * 3600),
        wrong_alarms=sum(happened.is_wrong for happened in made.happened),
    )


def _episodes(session: Session, made: MadeSession) -> list[Episode]:
    return [
        Episode(
            session=session,
            number=number,
            kind=happened.kind,
            started_at=happened.started_at,
            ended_at=happened.ended_at,
            outline=happened.outline,
        )
        for number, happened in enumerate(made.happened, 1)
    ]


def _wrong_alarms(session: Session, made: MadeSession) -> list[WrongAlarm]:
    return [
        WrongAlarm(
            user_id=session.user_id,
            session=session,
            number=number,
            kind=happened.kind,
            started_at=happened.started_at,
            told_at=happened.ended_at,
        )
        for number, happened in enumerate(made.happened, 1)
        if happened.is_wrong
    ]
