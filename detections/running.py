"""The sessions that are open now."""

from django.db.models import QuerySet

from detections.models import Session


def running_sessions() -> QuerySet[Session]:
    """Found by the index: for `running=True` SQLite reads the whole table, each row with its state."""
    return Session.objects.filter(running__in=[True])
