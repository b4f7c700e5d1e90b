"""The archived frames: one row, or MongoDB document, each."""

import uuid

from django.db import models
from django.utils import timezone


class Frame(models.Model):
    """A frame as it was received. It may be in another database than its user, hence the plain user_id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False, db_column="_id")  # MongoDB's own key
    user_id = models.BigIntegerField()
    session_id = models.UUIDField(null=True)
    captured_at = models.DateTimeField(default=timezone.now)
    content_type = models.CharField(max_length=16)
    size = models.PositiveIntegerField(help_text="of the image, in bytes")
    image = models.BinaryField()
    face_found = models.BooleanField()

    class Meta:
        indexes = (
            # A covering index: lists are read from it alone, without reading the images.
            models.Index(
                fields=["user_id", "-captured_at", "-id", "size", "face_found", "content_type"], name="frame_list"
            ),
            models.Index(fields=["captured_at"], name="frame_age"),  # for MongoDB's expiry and for purge_frames
        )

    def __str__(self) -> str:
        return f"frame {self.id}"
