"""How much of the archive is whose. In `default`, whatever the archive itself is."""

from django.db import models

from accounts.models import User


class ArchivedDay(models.Model):
    """The bytes and number of a user's frames captured on one day (UTC): a total needs one row a day, however many
    frames."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    day = models.DateField()
    bytes = models.BigIntegerField(default=0)
    frames = models.IntegerField(null=True, help_text="null: from a release that did not count them")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "day"], name="archived_day_once"),)

    def __str__(self) -> str:
        return f"frames of user {self.user_id} on {self.day}"
