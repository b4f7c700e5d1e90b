"""The background thread of every worker. One worker at a time works on the files and databases that they share.

It stores the frames that wait on disk once the archive is available, carries out the erasures that the archive missed,
deletes frames that are too old or whose user has gone, removes what was deleted from SQLite's log, reports and ends
sessions that nobody stopped, deletes what is too old in the audit log, publishes the team's weeks, and keeps the
figures that administrators see.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections

from accounts import tokens
from accounts.audit import log as audit_log
from accounts.invitations import services as invitations
from accounts.sharing import services as sharing
from common.db import reserve
from common.db.sqlite_log import truncate_log
from common.http import throttling
from common.telemetry import metrics
from common.telemetry.worker import resident_bytes
from detections.sessions import finish
from mongos import archive, guard, maintenance
from mongos.guard import ArchiveUnavailable
from mongos.maintenance import ExpiryRefused
from office import erasing, figures, history
from personal_data import erasures, privacy, quota
from reports.team import services as team

PERIOD_S = 1.0
ERASE_EVERY_S = FORGET_EVERY_S = SETTLE_EVERY_S = 10.0
REPORT_EVERY_S = 60.0
EXPIRE_EVERY_S = 3600.0
SAMPLE_EVERY_S = 30.0  # a sample is written once in five minutes, by whoever comes first

_log = logging.getLogger(__name__)


class Housekeeping(threading.Thread):
    """Makes a round every PERIOD_S until stop() is called."""

    def __init__(self) -> None:
        super().__init__(name="housekeeping", daemon=True)
        self._stopped = threading.Event()
        self._is_failing = False
        self._due: dict[Callable[[], object], float] = {}

    def run(self) -> None:
        task = self._start_up
        while True:
            metrics.worker_resident_bytes.set(resident_bytes())
            try:
                task()
            except Exception as error:  # the thread goes on after any error: the next round may succeed
                self._log_error(error)
            else:
                self._is_failing = False
            finally:
                close_old_connections()
            if self._stopped.wait(PERIOD_S):
                return
            task = self.round

    def _start_up(self) -> None:
        archive.spool().reconcile()
        guard.probe()  # connects now, so that the first frame does not have to

    def stop(self) -> None:
        self._stopped.set()

    def _log_error(self, error: Exception) -> None:
        if self._is_failing:
            return  # logged when it started
        self._is_failing = True
        if isinstance(error, DatabaseError):
            _log.warning("Housekeeping waits for the database: %s", type(error).__name__)
        elif isinstance(error, ExpiryRefused):
            _log.error("%s", error)
        else:
            _log.error("Housekeeping failed; it will be tried again every second.", exc_info=error)

    def round(self) -> None:
        """Do everything that is due, unless the archive is unavailable or another worker is doing it."""
        reserve.keep()
        self._every(FORGET_EVERY_S, self._forget)
        self._every(SAMPLE_EVERY_S, self._account)
        if guard.breaker.is_open and not guard.probe():
            return  # each worker probes for itself, so that none of its frames has to wait
        self._every(SETTLE_EVERY_S, quota.settle)  # each worker what it has stored
        with archive.spool().exclusive() as is_alone:
            if not is_alone:
                return
            drained = maintenance.drain(erasures.storable)
            if drained.stored or drained.deleted:
                _log.info("Of the frames on disk %d are stored, %d deleted.", drained.stored, drained.deleted)
            self._every(ERASE_EVERY_S, erasing.orders_run)
            self._every(ERASE_EVERY_S, erasures.erasures_run_due)
            self._every(REPORT_EVERY_S, finish.report_silent)
            expiries: list[Callable[[], object]] = [maintenance.expire, privacy.expire_kept, finish.end_abandoned]
            expiries += [tokens.delete_expired, throttling.delete_expired, sharing.delete_expired]
            expiries += [invitations.delete_old, audit_log.expire, SessionStore.clear_expired]
            for task in (*expiries, team.weeks_publish):
                self._every(EXPIRE_EVERY_S, task)

    def _forget(self) -> None:
        """Remove what was erased from this machine's own files. The archive need not be available for that."""
        truncate_log()
        with archive.spool().exclusive() as is_alone:
            if is_alone and (deleted := maintenance.delete_unstorable(erasures.storable)):
                _log.info("Of the frames on disk %d are deleted: their users erased them.", deleted)

    def _account(self) -> None:
        """Write down what the administrators' pages show. The archive need not be available for that."""
        with archive.spool().exclusive() as is_alone:
            if not is_alone:
                return
            figures.seen_refresh()
            history.sample_take()
            for task in (figures.seen_recount, history.days_fill, history.samples_thin):
                self._every(EXPIRE_EVERY_S, task)

    def _every(self, period_s: float, task: Callable[[], object]) -> None:
        now = time.monotonic()
        if now < self._due.get(task, 0.0):
            return
        self._due[task] = now + period_s
        try:
            task()
        except ArchiveUnavailable:
            self._due[task] = now  # try again in the next round
