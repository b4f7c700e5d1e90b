"""How gunicorn serves the project; read where gunicorn starts in this folder. .env.example lists what can be changed.

gunicorn runs this file before it imports the application, and its workers fork from a process that has loaded all.
"""

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

# The pools of OpenBLAS, MKL, OpenMP and OpenCV, which read this when they are imported. The workers keep the cores
# busy already, and a process with threads must not fork.
for pool in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(pool, "1")

env.read_file(Path(env.get_str("ENV_FILE", str(Path(__file__).parent / ".env"))))  # as posesmart/settings.py does later
metric_files.prepare()  # before the application is loaded: it goes by the environment
logging.captureWarnings(capture=True)

SILENT_CONNECTION_S = 60


def _usable_cores() -> int:
    """How many cores this process may use, which is fewer than the machine's in a container pinned to some."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


bind = env.get_str("BIND") or "127.0.0.1:8000"
# A frame is all computing, so a worker fills a core. The second one answers while the first reads a slow upload.
workers = env.get_int("WEB_CONCURRENCY", max(2, _usable_cores()), minimum=1)
worker_class = "sync"
threads = 1
preload_app = True

# A frame takes 1 s at worst (MAX_SIDE_PX); the rest is for uploads over a slow line.
timeout = env.get_int("WORKER_TIMEOUT", 30, minimum=1)
graceful_timeout = env.get_int("GRACEFUL_TIMEOUT", 30, minimum=1)
# Against memory that grows slowly; a new worker is forked in milliseconds. The listening socket is the parent's, so
# whoever connects meanwhile waits for the next worker. Jitter: not all at once.
max_requests = env.get_int("MAX_REQUESTS", 10_000)
max_requests_jitter = env.get_int("MAX_REQUESTS_JITTER", 1_000)

# A worker's sign of life is a touched file: on a busy disk that can take longer than the timeout.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn makes its files safely


class OneFormatLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own lines look like all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter(env.choice("LOG_FORMAT", logs.FORMATS)))


logger_class = OneFormatLogger
# It would write to the home folder, and run a thread in the process that workers fork from.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """The application is loaded, nothing listens and no worker is forked yet: what is loaded here, workers share."""
    if not server.cfg.preload_app:
        return
    from django.conf import settings
    from django.db.utils import load_backend

    from detections import vision

    importlib.import_module(settings.ROOT_URLCONF)  # else with the first request, in every worker
    for database in settings.DATABASES.values():
        load_backend(database["ENGINE"])
    vision.preload()


def pre_fork(server: Any, worker: Any) -> None:
    """In the parent: a number that no living worker has. Counts go by it, so that their files do not pile up."""
    taken = {each.slot for each in server.WORKERS.values()}
    worker.slot = next(number for number in count() if number not in taken)
    worker.has_ended_well = mmap.mmap(-1, 1)  # shared with the parent


def post_fork(server: Any, worker: Any) -> None:
    this_worker.slot = str(worker.slot)


def post_worker_init(worker: Any) -> None:
    """In the worker, when it can serve. A thread that began earlier would not have outlived the fork."""
    from common.telemetry import metrics
    from posesmart.housekeeping import Housekeeping

    metrics.workers.set(1)
    this_worker.heartbeat = worker.notify
    worker.housekeeping = Housekeeping()
    worker.housekeeping.start()
    if worker.age == 1 and "ANNOUNCE" in os.environ:
        threading.Thread(target=_announce, args=worker.sockets[0].getsockname()[:2], daemon=True).start()


def _announce(host: str, port: int) -> None:
    """For `make run` (deploy/setup/serve.py): say where the service is, as soon as it answers there."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    connection.request("GET", "/healthz")
    if connection.getresponse().status != http.client.OK:
        return
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host)  # noqa: S104 - only compared
    host = everywhere or host
    message = f"Pose Smart is on http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C stops it)\n"
    if everywhere:
        message += "Other machines reach it by the host names and addresses that ALLOWED_HOSTS in .env lists.\n"
    sys.stdout.write(message)
    sys.stdout.flush()


def worker_exit(server: Any, worker: Any) -> None:
    """In the worker, when it has answered its last request."""
    if hasattr(worker, "housekeeping"):
        worker.housekeeping.stop()
        worker.has_ended_well[0] = 1


def child_exit(server: Any, worker: Any) -> None:
    """In the parent, when a worker is gone, however it ended: its counts stay, its state goes."""
    from prometheus_client.multiprocess import mark_process_dead

    from common.telemetry import metrics

    mark_process_dead(worker.slot)
    has_crashed = worker.aborted or not worker.has_ended_well[0]
    (metrics.workers_crashed if has_crashed else metrics.workers_replaced).inc()
    worker.has_ended_well.close()


def when_ready(server: Any) -> None:
    """Hand workers a connection with its first bytes: browsers open some ahead, each of which would hold a worker."""
    if not hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux has it
        return
    for listener in server.LISTENERS:
        if listener.FAMILY != socket.AF_UNIX:
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT_CONNECTION_S)
