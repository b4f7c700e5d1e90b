"""What a person shows to the people who run the service: nothing, unless they say so, and until a day they choose."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone


class Sharing(models.Model):
    """A person's choice: without a row, or after `until`, they share nothing. in_team_sums: they count in these."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    reports = models.BooleanField(default=False)
    sessions = models.BooleanField(default=False)
    until = models.DateTimeField(null=True, db_index=True)
    in_team_sums = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"what user {self.user_id} shares"

    def what(self, now: datetime) -> list[str]:
        """The kinds that are shared at that moment, from KINDS."""
        return [kind for kind in KINDS if getattr(self, kind)] if self.until and self.until > now else []


KINDS = ("reports", "sessions")  # columns of Sharing


def sharing_people(kind: str) -> QuerySet[Sharing, int]:
    """The ids of those who share a kind of rows now."""
    return Sharing.objects.filter(**{kind: True}, until__gt=timezone.now()).values_list("user_id", flat=True)
