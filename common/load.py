"""How long requests wait for a worker, and which of them are refused so that the others are answered in time."""

import math
import re
import socket
import struct
import time

from django.conf import settings

from common.telemetry import worker

SLOWER_AFTER_S = 0.1  # from here on clients are asked to send less often
RETRY_AFTER_S = 2
STARTED = re.compile(r"t=([0-9]{1,12}\.[0-9]{3})")  # seconds since the epoch, as nginx writes $msec
USUAL_WORK_S = 0.015  # of a frame, until some were measured
TCP_LISTEN = 10
# struct tcp_info of linux/tcp.h: tcpi_state first. The seventh word of a listening socket is the length of its queue;
# the fourteenth of others is tcpi_last_data_recv, in milliseconds.
TCP_INFO_BYTES = 104
QUEUE_WORD, LAST_DATA_WORD = struct.Struct("=24xI"), struct.Struct("=52xI")
SMOOTHING = 0.1
MAX_SLOWDOWN = 8.0
MAX_HELD = 64  # connections of a worker, so that its files are few, and little is lost with it


class Load:
    """The wait of the frames that this worker takes.

    A frame has waited by nginx's clock, and by the time since the client's bytes came. How many wait behind it is known
    from the listening queues, and from what the worker holds (common/http/newest_first.py).
    """

    def __init__(self) -> None:
        self.listeners: list[socket.socket] = []  # set by gunicorn.conf.py
        self.held = 0  # connections that this worker has accepted, but not begun with
        self._work_s = USUAL_WORK_S
        self._waited_s = 0.0
        self._wait_s = 0.0
        self._least_age_s = math.inf

    @property
    def slowdown(self) -> float:
        """By how much longer than usual clients should wait before the next frame, at least 1."""
        return min(MAX_SLOWDOWN, max(1.0, self._wait_s / SLOWER_AFTER_S))

    @property
    def is_overloaded(self) -> bool:
        """Whether more has come than workers may be able to answer in time."""
        return max(self._queued_s(), self._waited_s) > limit_s() / 2

    def arrive(self, age_s: float | None, connection: socket.socket | None = None) -> bool:
        """Note that a frame is taken; False if it has waited too long. age_s: since nginx passed it on, if known."""
        self._waited_s = self.waited_s(age_s, connection)
        self._wait_s = max(self._waited_s, self._queued_s())
        return self._waited_s <= limit_s()

    def waited_s(self, age_s: float | None, connection: socket.socket | None) -> float:
        """How long a frame has waited until now."""
        return max(_idle_s_of(connection) if connection else 0.0, self._since_youngest_s(age_s))

    def share_of(self, listener: socket.socket) -> int | None:
        """How many of a queue's connections are this worker's part, rounded up; None if the system does not tell."""
        queue = _queue_of(listener)
        return None if queue is None else math.ceil(queue / worker.count)

    def depth(self) -> int:
        """How many frames a worker can judge before the first of them has waited too long."""
        return int(min(MAX_HELD, max(1.0, limit_s() / self._work_s)))

    def worked(self, seconds: float) -> None:
        """Note how long a frame took."""
        self._work_s += SMOOTHING * (seconds - self._work_s)

    def _queued_s(self) -> float:
        queued = sum(_queue_of(listener) or 0 for listener in self.listeners)
        return (queued / worker.count + self.held) * self._work_s

    def _since_youngest_s(self, age_s: float | None) -> float:
        """Compared with the youngest frame so far, so that a proxy's clock may differ from this machine's."""
        if age_s is None:
            return 0.0
        self._least_age_s = min(self._least_age_s, age_s)
        return age_s - self._least_age_s


def limit_s() -> float:
    """How long a frame may wait; infinite if it may wait for as long as it takes."""
    return settings.FRAME_MAX_WAIT_MS / 1000 or math.inf


def age_of(started: str) -> float | None:
    """The seconds since nginx passed a request on, by its header; None if that tells nothing."""
    match = STARTED.fullmatch(started)
    return time.time() - float(match[1]) if match else None


def _queue_of(listener: socket.socket) -> int | None:
    info = _tcp_info(listener)
    return int(QUEUE_WORD.unpack_from(info)[0]) if info and info[0] == TCP_LISTEN else None


def _idle_s_of(connection: socket.socket) -> float:
    """Seconds since the last bytes came."""
    info = _tcp_info(connection)
    return float(LAST_DATA_WORD.unpack_from(info)[0]) / 1000 if info else 0.0


def _tcp_info(connection: socket.socket) -> bytes:
    """Empty where the system does not tell; behind a Unix socket nginx's header tells the age."""
    if not hasattr(socket, "TCP_INFO") or connection.family == socket.AF_UNIX:
        return b""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    except OSError:
        return b""
    return info if len(info) >= LAST_DATA_WORD.size else b""


load = Load()
