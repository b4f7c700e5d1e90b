"""Creates past sessions with reports, in the running service's database."""

from tests.web.conftest import Site

# A session of two hours from 00:05 on each day but two a week, up to today; seconds and counts vary from day to day.
SCRIPT = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from accounts.services import user_lock
from ai_models.monitoring.session_state import Totals
from detections.models import Episode, Session
from reports.services import report_of_session

EPISODES = (("bad_posture", 10, 12), ("neck", 11, 12), ("blink", 30, 31), ("away", 45, 52), ("rest", 55, 56),
            ("bad_posture", 70, 75), ("neck", 71, 75), ("paused", 80, 90), ("stretching", 100, 103),
            ("stretch", 103, 103))
user = User.objects.get(username={username!r})
midnight = timezone.localtime(timezone=user.zone).replace(hour=0, minute=0, second=0, microsecond=0)
for ago in range({first}, {days}):
    if ago % 7 in (5, 6):
        continue
    start = midnight - timedelta(days=ago) + timedelta(minutes=5)
    end = start + timedelta(hours=2)
    bad_s = 400.0 + 60 * ago % 1900
    totals = Totals(active_s=6300.0, good_s=6000.0 - bad_s, bad_s=bad_s, unreliable_s=300.0, blinks=160 + ago,
        watched_s=330.0, burst_blinks=60 + ago % 11, neck=2 + ago % 4, stretches=1, rests=1 + ago % 2)
    report = report_of_session(user=user, started_at=start, ended_at=end, totals=totals)
    session = Session.objects.create(user=user, started_at=start, stopped_at=end, phase="stopped", state="{{}}",
        received_at=end, report=report)
    Episode.objects.bulk_create(
        Episode(session=session, number=number, kind=kind, started_at=start + timedelta(minutes=begin),
            ended_at=start + timedelta(minutes=end))
        for number, (kind, begin, end) in enumerate(EPISODES, 1)
    )
"""


def make_past(site: Site, username: str, days: int, *, first: int = 0) -> None:
    """Sessions of the last `days` days; first: how many days ago the latest was."""
    site.run(SCRIPT.format(username=username, days=days, first=first))


# The quarter hours of a user's sessions, with outlines: the first hour is good, in the second the head sinks and nears.
QUARTERS = """
from datetime import timedelta
from ai_models.monitoring.posture_filter import Sample
from ai_models.monitoring.session_state import State
from detections.models import Session
from detections.sessions import codec
from personal_data.demo.outlines import BEST, made_outline
from reports.models import Quarter

GOOD, SUNK = Sample(1.0, 0.0, 0.0), Sample(1.12, 1 / 3, 0.0)
for session in Session.objects.filter(user__username={username!r}).select_related("user"):
    session.state = codec.dump_state(State(phase="stopped", started_at_s=0.0, last_at_s=0.0, best_outline=BEST))
    session.save(update_fields=["state"])
    session.episodes.filter(kind="bad_posture").update(outline=made_outline(SUNK))
    midnight = session.started_at - timedelta(minutes=5)
    for number in range(8):
        has_sunk = number >= 4
        bad_s = 270.0 if has_sunk else 45.0
        Quarter.objects.create(user=session.user, session=session, starts_at=midnight + timedelta(minutes=15 * number),
            desk_s=900.0, good_s=900.0 - bad_s, bad_s=bad_s, closer_s=0.0, lower_s=bad_s, tilted_s=0.0,
            worst_closer=0.4, worst_lower=2.2 if has_sunk else 0.8, worst_tilted=-0.3, watched_s=225.0, blinks=45,
            rests=int(number == 3), neck=int(has_sunk), outline=made_outline(SUNK if has_sunk else GOOD))
"""


def make_quarters(site: Site, username: str) -> None:
    """The quarter hours of the sessions that make_past made."""
    site.run(QUARTERS.format(username=username))
