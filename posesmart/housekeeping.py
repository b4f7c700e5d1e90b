"""What every worker does in the background, and one of them at a time for the files and databases they share.

Frames that wait on disk are stored as soon as the archive is back; erasures that it missed are carried out; frames too
old are let go; sessions that nobody stopped are ended.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections

from accounts import tokens
from common.http import throttling
from common.telemetry import metrics
from common.telemetry.worker import resident_bytes
from detections.sessions import finish
from mongos import archive, guard, maintenance
from mongos.guard import ArchiveUnavailable
from mongos.maintenance import ExpiryRefused
from personal_data import erasures

PERIOD_S = 1.0
ERASE_EVERY_S = 10.0
EXPIRE_EVERY_S = 3600.0

_log = logging.getLogger(__name__)


class Housekeeping(threading.Thread):
    """Rounds, once a second, until told to stop."""

    def __init__(self) -> None:
        super().__init__(name="housekeeping", daemon=True)
        self._stopped = threading.Event()
        self._in_trouble = False
        self._due: dict[Callable[[], object], float] = {}

    def run(self) -> None:
        task = self._begin
        while True:
            metrics.worker_resident_bytes.set(resident_bytes())
            try:
                task()
            except Exception as error:  # it goes on whatever happens; the next round may go better
                self._tell(error)
            else:
                self._in_trouble = False
            finally:
                close_old_connections()
            if self._stopped.wait(PERIOD_S):
                return
            task = self.round

    def _begin(self) -> None:
        archive.spool().reconcile()
        guard.probe()  # connects, so that the first frame need not

    def stop(self) -> None:
        self._stopped.set()

    def _tell(self, error: Exception) -> None:
        if self._in_trouble:
            return  # it was told when it began
        self._in_trouble = True
        if isinstance(error, DatabaseError):
            _log.warning("Housekeeping waits for the database: %s", type(error).__name__)
        elif isinstance(error, ExpiryRefused):
            _log.error("%s", error)
        else:
            _log.error("Housekeeping failed; it is tried again every second.", exc_info=error)

    def round(self) -> None:
        """Everything that is due now."""
        if guard.breaker.is_open and not guard.probe():
            return  # each worker asks for itself, and none of its frames has to
        with archive.spool().exclusive() as alone:
            if not alone:
                return
            drained = maintenance.drain(erasures.storable)
            if drained.stored or drained.deleted:
                _log.info("Of the frames on disk %d are stored, %d deleted.", drained.stored, drained.deleted)
            self._every(ERASE_EVERY_S, erasures.erasures_run_due)
            for task in (maintenance.expire, finish.end_abandoned, tokens.delete_expired, throttling.forget_expired):
                self._every(EXPIRE_EVERY_S, task)

    def _every(self, period_s: float, task: Callable[[], object]) -> None:
        now = time.monotonic()
        if now < self._due.get(task, 0.0):
            return
        self._due[task] = now + period_s
        try:
            task()
        except ArchiveUnavailable:
            self._due[task] = now  # with the next round
