"""Puts pictures into the archive of the running service, as if sessions had stored them."""

from tests.web.conftest import Site

# At noon of past days in the user's time zone, a picture each ten seconds; bad posture during the first of each day.
SCRIPT = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from ai_models.vision.frame import read_frame
from detections.models import Episode, Session
from tests import pictures
from tests.archived import archived

user = User.objects.get(username={username!r})
User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=100))
frame = read_frame(pictures.jpeg(pictures.at_desk()))
midnight = timezone.localtime(timezone=user.zone).replace(hour=0, minute=0, second=0, microsecond=0)
for ago, count in {days!r}.items():
    noon = midnight - timedelta(days=ago) + timedelta(hours=12)
    session = Session.objects.create(user=user, started_at=noon, stopped_at=noon + timedelta(hours=8), phase="stopped",
        state="{{}}", received_at=noon)
    Episode.objects.create(session=session, number=1, kind="bad_posture", started_at=noon,
        ended_at=noon + timedelta(seconds=5))
    for number in range(count):
        archived(user_id=user.pk, frame=frame, captured_at=noon + timedelta(seconds={every_s} * number),
            face_found=number != 1)
"""


def store_pictures(site: Site, username: str, days: dict[int, int], *, every_s: int = 10) -> None:
    """Pictures of past days: how many, by how many days ago."""
    site.run(SCRIPT.format(username=username, days=days, every_s=every_s))
