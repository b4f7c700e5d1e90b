"""The choice of the frames' database."""

from typing import Any

from django.conf import settings
from django.db import models

ARCHIVE_APP = "mongos"
ARCHIVE_ALIAS = "mongodb"


class FrameRouter:
    """Routes the frame archive, and nothing else, to MongoDB if it is configured; otherwise all is in `default`."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return self._alias(model._meta.app_label)

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == (self._alias(app_label) or "default")

    @staticmethod
    def _alias(app_label: str) -> str | None:
        return ARCHIVE_ALIAS if app_label == ARCHIVE_APP and ARCHIVE_ALIAS in settings.DATABASES else None
