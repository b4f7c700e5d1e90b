"""The archive's database: which one it is, and whether it answers.

Every use of the archive goes through archive_guard, which maps the drivers' errors to two exceptions, behind a circuit
breaker.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import pymongo
from bson.errors import BSONError
from django.conf import settings
from django.db import DatabaseError, connections, models
from django.utils.translation import gettext_lazy as _
from pymongo.errors import OperationFailure, PyMongoError

from common.db.breaker import Breaker
from common.errors import Unavailable
from common.telemetry import metrics

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


RETRY_AFTER_S = 5.0  # without background probes, one frame per interval waits for a timeout
# BSONObjectTooLarge and DocumentValidationFailure; pymongo itself refuses with a BSONError. Retrying cannot help.
REFUSAL_CODES = frozenset({10334, 121})
PROBES = "mongos_probe"  # a collection of one small document
REFUSAL_TEXTS = ("BSONObj size", "object to insert too large")  # their codes also mean other things

_log = logging.getLogger(__name__)
breaker = Breaker(RETRY_AFTER_S)


class ArchiveUnavailable(Unavailable):
    """The frame archive cannot be reached."""

    message = _("The frame archive cannot be reached. Try again in a few seconds.")
    retry_after_s = 5


class FrameRejected(Exception):
    """The archive will never accept this frame."""


def is_remote() -> bool:
    """True if the archive is a server of its own; otherwise it is in `default`, and fails with it."""
    return ARCHIVE_ALIAS in settings.DATABASES


def alias() -> str:
    """The name of the archive's database."""
    return ARCHIVE_ALIAS if is_remote() else "default"


@contextmanager
def archive_guard(*, ignore_breaker: bool = False) -> Iterator[None]:
    """Wrap every use of the archive. Raises ArchiveUnavailable, immediately during an outage, and FrameRejected."""
    if not is_remote():
        yield
        return
    if not ignore_breaker and not breaker.allows():
        raise ArchiveUnavailable
    try:
        yield
    except (DatabaseError, PyMongoError, BSONError, OverflowError) as error:
        cause = error.__cause__ or error
        # Neither chain nor log the error: it and its text contain the document, and with it the picture.
        if _is_refusal(cause):
            raise FrameRejected(_kind(cause)) from None
        if breaker.failed():
            metrics.archive_breaker_open.set(1)
            _log.error("The frame archive is unavailable (%s). Frames wait in %s.", _kind(cause), settings.SPOOL_DIR)
        raise ArchiveUnavailable from None
    if breaker.succeeded():
        metrics.archive_breaker_open.set(0)
        _log.warning("The frame archive is back.")


@contextmanager
def with_timeout(seconds: float) -> Iterator[None]:
    """Allow `seconds` for slow work inside archive_guard(); pings first, so that a dead server still fails fast."""
    if is_remote():
        connections[ARCHIVE_ALIAS].database.command("ping")  # type: ignore[attr-defined]
    with pymongo.timeout(seconds):
        yield


def probe(timeout_s: float | None = None) -> bool:
    """True if the archive accepts writes; called in the background, so that no frame has to wait for the answer."""
    if not is_remote():
        return True
    try:
        with archive_guard(ignore_breaker=True), pymongo.timeout(timeout_s) if timeout_s else nullcontext():
            probes = connections[ARCHIVE_ALIAS].database[PROBES]  # type: ignore[attr-defined]
            # A write, because a server with a full disk, or without its majority, still answers a ping.
            probes.update_one({"_id": "probe"}, {"$currentDate": {"written_at": True}}, upsert=True)
    except ArchiveUnavailable:
        return False
    return True


def _is_refusal(cause: BaseException) -> bool:
    if isinstance(cause, OperationFailure):
        return any(
            error.get("code") in REFUSAL_CODES or any(text in str(error.get("errmsg")) for text in REFUSAL_TEXTS)
            for error in _errors(cause)
        )
    return isinstance(cause, BSONError | OverflowError)


def _errors(cause: OperationFailure) -> list[Mapping[str, Any]]:
    details = cause.details or {}
    return details.get("writeErrors") or [{"code": cause.code, **details}]


def _kind(cause: BaseException) -> str:
    codes = [str(error["code"]) for error in _errors(cause)] if isinstance(cause, OperationFailure) else []
    return " ".join([type(cause).__name__, *codes])
