"""gunicorn's configuration, read when gunicorn starts in this folder. .env.example lists the settings.

gunicorn runs this file before it imports the application; workers fork from a process that has loaded everything.
"""

import contextlib
import http.client
import importlib
import logging
import mmap
import os
import socket
import sys
import threading
from itertools import count
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from common.telemetry import logs, metric_files
from common.telemetry import worker as this_worker
from posesmart import env

# No thread pools in OpenBLAS, MKL, OpenMP and OpenCV, which read these variables when they are imported. The workers
# keep the cores busy already, and a process with threads must not fork.
for pool in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(pool, "1")

env.read_file(Path(env.get_str("ENV_FILE", str(Path(__file__).parent / ".env"))))  # as posesmart/settings.py does later
metric_files.prepare()  # before the application is loaded, which reads the folder from the environment
logging.captureWarnings(capture=True)
os.umask(0o077)  # SQLite's file and whatever else the service writes is for its own user only

SILENT_CONNECTION_S = 60


def _usable_cores() -> int:
    """The number of cores that this process may use; a container may be pinned to some of the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


bind = env.get_str("BIND") or "127.0.0.1:8000"
# A frame is pure computing, so one worker fills a core. At least two: one works while the other reads a slow upload.
workers = env.get_int("WEB_CONCURRENCY", max(2, _usable_cores()), minimum=1)
worker_class = "common.http.newest_first.NewestFirstWorker"  # gunicorn's sync worker, but for overload
threads = 1
preload_app = True

# A frame takes 1 s at worst (MAX_SIDE_PX); the rest is for uploads over a slow line.
timeout = env.get_int("WORKER_TIMEOUT", 30, minimum=1)
graceful_timeout = env.get_int("GRACEFUL_TIMEOUT", 30, minimum=1)
# Against slow memory growth; a new worker is forked in milliseconds. The parent owns the listening socket, so clients
# that connect during that time wait for the new worker. The jitter keeps workers from being replaced all at once.
max_requests = env.get_int("MAX_REQUESTS", 10_000)
max_requests_jitter = env.get_int("MAX_REQUESTS_JITTER", 1_000)

# A worker shows that it is alive by touching a file here; on a busy disk that can take longer than the timeout.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn makes its files safely


class OneFormatLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gives gunicorn's own log lines the format of all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter(env.choice("LOG_FORMAT", logs.FORMATS)))


logger_class = OneFormatLogger
# The control socket is in the home folder and has a thread in the process that workers fork from.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Load what all workers share: the application is loaded, but nothing listens and no worker is forked yet."""
    this_worker.count = server.cfg.workers
    if not server.cfg.preload_app:
        return
    from django.conf import settings
    from django.db.utils import load_backend

    from detections import vision

    _make_private(settings.DATABASES["default"])
    importlib.import_module(settings.ROOT_URLCONF)  # otherwise every worker loads it with its first request
    for database in settings.DATABASES.values():
        load_backend(database["ENGINE"])
    vision.preload()


def _make_private(database: dict[str, Any]) -> None:
    """Close an SQLite file to everybody else: an earlier release, or a copy, may have left it readable."""
    if database["ENGINE"] == "django.db.backends.sqlite3":
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):  # not there yet, or another user's
                os.chmod(f"{database['NAME']}{suffix}", 0o600)


def pre_fork(server: Any, worker: Any) -> None:
    """In the parent: give the worker the lowest number that no living one has. Metric files are reused by number."""
    taken = {living.slot for living in server.WORKERS.values()}
    worker.slot = next(number for number in count() if number not in taken)
    worker.has_ended_well = mmap.mmap(-1, 1)  # shared with the parent


def post_fork(server: Any, worker: Any) -> None:
    this_worker.slot = str(worker.slot)


def post_worker_init(worker: Any) -> None:
    """In the worker, when it is ready to serve. Threads start here, since they do not survive a fork."""
    from common.load import load
    from common.telemetry import metrics
    from posesmart.housekeeping import Housekeeping

    load.listeners = [listener.sock for listener in worker.sockets]
    metrics.workers.set(1)
    this_worker.heartbeat = worker.notify
    worker.housekeeping = Housekeeping()
    worker.housekeeping.start()
    if worker.age == 1 and "ANNOUNCE" in os.environ:
        threading.Thread(target=_announce, args=worker.sockets[0].getsockname()[:2], daemon=True).start()


def _announce(host: str, port: int) -> None:
    """For `make run` (deploy/setup/serve.py): print the service's address as soon as it answers there."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    connection.request("GET", "/healthz")
    if connection.getresponse().status != http.client.OK:
        return
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host)  # noqa: S104 - only compared
    host = loopback or host
    message = f"Pose Smart is on http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C stops it)\n"
    if loopback:
        message += "Other machines reach it by the host names and addresses that ALLOWED_HOSTS in .env lists.\n"
    sys.stdout.write(message)
    sys.stdout.flush()


def worker_exit(server: Any, worker: Any) -> None:
    """In the worker, after its last request."""
    if hasattr(worker, "housekeeping"):
        from common.db.sqlite_log import truncate_log

        worker.housekeeping.stop()
        with contextlib.suppress(Exception):  # the database may be away
            truncate_log()
        worker.has_ended_well[0] = 1


def child_exit(server: Any, worker: Any) -> None:
    """In the parent, after a worker has ended in any way: its counters stay, its gauges are deleted."""
    from prometheus_client.multiprocess import mark_process_dead

    from common.telemetry import metrics

    mark_process_dead(worker.slot)
    has_crashed = worker.aborted or not worker.has_ended_well[0]
    (metrics.workers_crashed if has_crashed else metrics.workers_replaced).inc()
    worker.has_ended_well.close()


def when_ready(server: Any) -> None:
    """Hand over connections only once bytes have arrived: browsers open some in advance, which would block a worker."""
    if not hasattr(socket, "TCP_DEFER_ACCEPT"):  # only Linux has it
        return
    for listener in server.LISTENERS:
        if listener.FAMILY != socket.AF_UNIX:
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_CONNECTION_S)
