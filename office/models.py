"""What the administrators' pages know beforehand, written by housekeeping: no page counts a million rows."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class UserFigures(models.Model):
    """When a user was seen last, and how much of theirs is stored: what people are sorted and filtered by."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="figures")
    seen_at = models.DateTimeField(null=True, db_index=True, help_text="last frame, start of a session, or login")
    bytes = models.BigIntegerField(default=0, db_index=True)
    frames = models.IntegerField(null=True, default=0, help_text="null: not counted yet")

    def __str__(self) -> str:
        return f"figures of user {self.user_id}"


class ErasureOrder(models.Model):
    """Somebody whom the staff had erased together with others, and whose turn has not come yet."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    batch = models.UUIDField(db_index=True)
    ordered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"order to erase user {self.user_id}"


class Sample(models.Model):
    """The state of one machine at one time. Counts are those of its workers since they started, as in /metrics."""

    machine = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    frames = models.BigIntegerField()
    unusable = models.BigIntegerField(help_text="frames that are no pictures")
    shed = models.BigIntegerField(help_text="frames that had waited too long")
    dropped = models.BigIntegerField(help_text="frames that were judged but not kept")
    requests = models.BigIntegerField()
    errors = models.BigIntegerField(help_text="5xx")
    histograms = models.TextField(help_text="of durations, as JSON; see office/reading.py")
    # The same on all machines, but for the room.
    watching = models.PositiveIntegerField(help_text="sessions with a frame in the last ten minutes")
    stored_bytes = models.BigIntegerField()
    stored_frames = models.BigIntegerField()
    free_bytes = models.BigIntegerField(null=True, help_text="where frames are kept; null: not known")
    intake_bytes = models.BigIntegerField(help_text="kept on a day, mean of the last seven whole days")
    full_on = models.DateField(null=True, help_text="when frames are no longer kept, at this pace; null: never")
    levels_at = models.BigIntegerField(null=True, help_text="what is stored at most, at this pace; null: no limit")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["machine", "at"], name="sample_once"),)

    def __str__(self) -> str:
        return f"sample of {self.machine} at {self.at}"


class Day(models.Model):
    """A day of everybody together, in the service's time zone."""

    day = models.DateField(primary_key=True)
    people = models.PositiveIntegerField(help_text="with a report")
    desk_s = models.FloatField()
    wrong_alarms = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"sums of {self.day}"
