"""The results of monitoring sessions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ai_models.monitoring.eyes import MIN_RATED_S, BlinkRate, blink_rate
from reports.team.models import TeamWeek as TeamWeek

ENOUGH_ACTIVE_S = 600.0  # at the desk, for anything per hour


def neck_per_hour(neck: int, active_s: float) -> float | None:
    """Neck alarms in an hour at the desk; None if less than ENOUGH_ACTIVE_S were spent there."""
    return neck * 3600 / active_s if active_s >= ENOUGH_ACTIVE_S else None


def good_share(good_s: float, bad_s: float) -> float | None:
    """The share of good posture in the time with known posture, 0 to 1; None without such time."""
    return good_s / (good_s + bad_s) if good_s + bad_s else None


class Report(models.Model):
    """One session's counts. Its times are stored twice: as datetimes, and as the text that the client sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reports")
    blink_cnt = models.PositiveIntegerField(_("blinks"))
    neck_cnt = models.PositiveIntegerField(_("turtle necks"))
    stretching_cnt = models.PositiveIntegerField(_("stretches"))
    start_time = models.CharField(max_length=40)
    end_time = models.CharField(max_length=40)
    study_time = models.CharField(max_length=40, null=True)  # noqa: DJ001 - returned as it was sent, also null
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"))
    day = models.DateField(_("day"), help_text=_("on which the session started, in the service's time zone"))
    # Measured by a monitoring session; null if a version-1 client counted by itself.
    active_s = models.FloatField(_("active, seconds"), null=True)
    good_s = models.FloatField(_("good posture, seconds"), null=True)
    bad_s = models.FloatField(_("bad posture, seconds"), null=True)
    unreliable_s = models.FloatField(_("posture unknown, seconds"), null=True)
    watched_s = models.FloatField(null=True, help_text=_("seconds in bursts, in which blinks could be seen"))
    watched_blinks = models.PositiveIntegerField(null=True, help_text=_("blinks in bursts"))
    rests = models.PositiveIntegerField(_("rests"), null=True)
    wrong_alarms = models.PositiveIntegerField(null=True, help_text=_("alarms that the user told were wrong"))
    created_at = models.DateTimeField(auto_now_add=True)
    key = models.UUIDField(null=True, editable=False, help_text=_("of the request: repeated, it is stored once"))

    class Meta:
        ordering = ("started_at", "pk")
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="report_key"),)
        indexes = (models.Index(fields=["user", "started_at"], name="report_user_start"),)

    def __str__(self) -> str:
        return f"report {self.pk} of {self.day}"

    @property
    def good_share(self) -> float | None:
        """The share of good posture in the time with known posture, 0 to 1; None without such time."""
        return good_share(self.good_s or 0.0, self.bad_s or 0.0)

    @property
    def neck_per_hour(self) -> float | None:
        """Neck alarms in an hour at the desk; None if that is not known or less than ten minutes."""
        return neck_per_hour(self.neck_cnt, self.active_s or 0.0)

    @property
    def blink_rate(self) -> BlinkRate | None:
        """None if less than MIN_RATED_S were watched."""
        watched_s = self.watched_s or 0.0
        return blink_rate(self.watched_blinks or 0, watched_s) if watched_s >= MIN_RATED_S else None


class Quarter(models.Model):
    """A quarter hour of the clock in a session: seconds, counts, and how far posture went.

    There is none for quarters in which nobody was there. closer_s, lower_s and tilted_s are parts of bad_s and may
    overlap. worst_*: 1 is at the limit; tilted is negative to the left in the picture.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="quarters")
    session = models.ForeignKey("detections.Session", models.CASCADE, related_name="quarters")
    starts_at = models.DateTimeField()
    desk_s = models.FloatField()
    good_s = models.FloatField()
    bad_s = models.FloatField()
    closer_s = models.FloatField()
    lower_s = models.FloatField()
    tilted_s = models.FloatField()
    worst_closer = models.FloatField()
    worst_lower = models.FloatField()
    worst_tilted = models.FloatField()
    watched_s = models.FloatField(help_text="in bursts, in which blinks could be seen")
    blinks = models.PositiveIntegerField(help_text="in bursts")
    rests = models.PositiveIntegerField(help_text="breaks of a minute or more that ended in it")
    neck = models.PositiveIntegerField(help_text="neck alarms")
    outline = models.BinaryField(null=True, help_text="the face's when it was first judged; see ai_models/outlines.py")

    class Meta:
        ordering = ("starts_at", "pk")
        constraints = (models.UniqueConstraint(fields=["session", "starts_at"], name="quarter_of_session"),)
        indexes = (models.Index(fields=["user", "starts_at"], name="quarter_user_start"),)

    def __str__(self) -> str:
        return f"quarter {self.pk} of session {self.session_id}"

    @property
    def good_share(self) -> float | None:
        return good_share(self.good_s, self.bad_s)


class Goal(models.Model):
    """The share of good posture that a user wants to reach in a week."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="goal")
    good_share = models.FloatField(help_text="of the time with known posture, 0 to 1")
    set_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"goal of user {self.user_id}"
