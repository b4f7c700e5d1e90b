"""One row, or MongoDB document, per archived frame."""

import uuid

from django.db import models
from django.utils import timezone


class Frame(models.Model):
    """A frame as it was received. It may live in another database than its user: hence the plain user_id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.BigIntegerField()
    session_id = models.UUIDField(null=True)
    captured_at = models.DateTimeField(default=timezone.now)
    content_type = models.CharField(max_length=16)
    image = models.BinaryField()
    face_found = models.BooleanField()

    class Meta:
        indexes = (models.Index(fields=["user_id", "-captured_at"], name="frame_user_newest"),)

    def __str__(self) -> str:
        return f"frame {self.id}"
