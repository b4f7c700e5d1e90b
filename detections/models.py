"""Monitoring sessions, the episodes in them, and saved calibration profiles."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_NAME_LENGTH = 40
MAX_CAMERA_LENGTH = 128
PHASES = [
    ("calibrating", _("calibrating")),
    ("monitoring", _("monitoring")),
    ("paused", _("paused")),
    ("away", _("away")),
    ("stopped", _("stopped")),
]
KINDS = [
    ("neck", _("turtle neck")),
    ("blink", _("too few blinks")),
    ("stretching", _("time to stretch")),
    ("rest", _("time to rest")),
    ("stranger", _("somebody else")),
    ("someone_behind", _("someone behind")),
    ("bad_posture", _("bad posture")),
    ("away", _("away")),
    ("paused", _("paused")),
    ("stretch", _("stretch done")),
]


class Profile(models.Model):
    """A named baseline that a session can start with, such as "desk" or "laptop". It holds no biometric data."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profiles")
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    baseline = models.TextField(help_text=_("the baseline as JSON"))
    quality = models.FloatField()
    camera = models.CharField(
        max_length=MAX_CAMERA_LENGTH, blank=True, default="", help_text="the client's name for its camera"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "detections_seatprofile"  # the class was SeatProfile once
        constraints = (models.UniqueConstraint(fields=["user", "name"], name="seat_name"),)

    def __str__(self) -> str:
        return f"profile {self.pk} of user {self.user_id}"


class Session(models.Model):
    """A person at a desk, from start to stop. A user has one running session at most."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    started_at = models.DateTimeField(_("started"))
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    # True or NULL, never False: a unique constraint allows any number of pairs with a NULL.
    running = models.BooleanField(null=True, db_index=True)
    phase = models.CharField(_("state"), max_length=12, choices=PHASES)
    state = models.TextField(help_text=_("the session's state as JSON: numbers, no picture and no face"))
    clock_shift_s = models.FloatField(null=True, help_text=_("from the client's clock to the session's"))
    received_at = models.DateTimeField(help_text=_("when the last frame came in, by the service's clock"))
    last_frame = models.UUIDField(null=True, help_text=_("of those taken: repeated, it counts once"))
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True, related_name="+")
    report = models.OneToOneField("reports.Report", models.CASCADE, null=True, related_name="session")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "running"], name="session_running"),)
        indexes = (models.Index(fields=["user", "-started_at", "-id"], name="session_list"),)

    def __str__(self) -> str:
        return f"session {self.pk}"


class WrongAlarm(models.Model):
    """An alarm that its user told was wrong. It widens their limits a little, and is gone with its session's report."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wrong_alarms")
    session = models.ForeignKey(Session, models.CASCADE, related_name="wrong_alarms")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=KINDS)
    faults = models.CharField(max_length=32, blank=True, help_text="of posture that raised it, with commas between")
    started_at = models.DateTimeField()
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["session", "number"], name="wrong_alarm_number"),)
        indexes = (models.Index(fields=["user", "told_at"], name="wrong_alarm_told"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of session {self.session_id}, told wrong"


class Episode(models.Model):
    """A stretch of time in a session: an alarm, bad posture, an absence."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="episodes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=KINDS)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outline = models.BinaryField(
        null=True, help_text="of bad posture: the face's at its start; see ai_models/outlines.py"
    )

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["session", "number"], name="episode_number"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of session {self.session_id}"
