"""The results of monitoring sessions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ai_models.monitoring.eyes import MIN_RATED_S, BlinkRate, blink_rate


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
    def blink_rate(self) -> BlinkRate | None:
        """None if less than MIN_RATED_S were watched."""
        watched_s = self.watched_s or 0.0
        return blink_rate(self.watched_blinks or 0, watched_s) if watched_s >= MIN_RATED_S else None
