"""Three times what the machine can carry: what is answered in time, what is refused, and how soon all is well again."""

import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import gevent

from benchmarks import frames
from benchmarks.client import NECK, sign_up
from benchmarks.environment import Environment, children
from benchmarks.figures import Target, summary, with_progress
from benchmarks.machine import TICKS_A_SECOND
from benchmarks.report import Table

USERS = 40  # so that none of them reaches the limit of frames a minute
CAPACITY_S = 15.0
TIMES = 3
WAIT_S = 60
CHUNK_BYTES = 65_536
OK, NO_RESPONSE = 200, 0
CALM_MS, CALM_IN_A_ROW = 250.0, 5
PROBE_EVERY_S, PROBE_FOR_S = 0.1, 60.0
LIMIT_MS, LEAST_SHARE_PERCENT, RECOVERED_WITHIN_S = 1000, 80, 5
NOTE = (
    f"First, clients that wait for each response measure what is carried. Then {TIMES} times as many neck frames a "
    "second come, whether or not those before are answered; times count from when a frame was due. The clients run on "
    "the same cores, and have more to send then; so what is done is held against the processor time that the service "
    "got, in which refusals are included. Recovery: from the last frame of the overload until "
    f"{CALM_IN_A_ROW} single frames in a row are answered within {CALM_MS:.0f} ms; counted to the first of them."
)


class Reply(NamedTuple):
    """status: NO_RESPONSE without one. ms: from when the request was due."""

    status: int
    ms: float

    @property
    def is_calm(self) -> bool:
        return self.status == OK and self.ms <= CALM_MS


Post = Callable[[float], Reply]  # a frame, due at a value of time.monotonic()


@dataclass(frozen=True, slots=True)
class Overload:
    """carried: frames a second that the machine can do. recovered_s: after the last frame of the overload.

    carried_cpu_ms, cpu_s: the service's processor time for each frame that is carried, and for all of the overload.
    """

    carried: float
    carried_cpu_ms: float
    seconds: int
    cpu_s: float
    replies: list[Reply]
    recovered_s: float

    @property
    def accepted_ms(self) -> list[float]:
        return [reply.ms for reply in self.replies if reply.status == OK]

    @property
    def done_percent(self) -> float:
        """Accepted frames, of those that the service could have done in the processor time that it got."""
        return 100 * len(self.accepted_ms) * self.carried_cpu_ms / 1000 / self.cpu_s


def overload(environment: Environment, seconds: int) -> Overload:
    """As many neck frames as are answered; then TIMES as many, for so many seconds; then one now and then."""
    with environment.serve() as server:
        requests = cycle(_requests(server.port))

        def post(due: float) -> Reply:
            return _post(server.port, next(requests), due)

        before_s = _cpu_seconds(server.pid)
        done = _carried(post, at_once=2 * len(children(server.pid)))
        carried_s, carried = _cpu_seconds(server.pid), done / CAPACITY_S
        start = time.monotonic()
        pending = _send_at_rate(post, TIMES * carried, seconds, start)
        gevent.wait(pending)
        overloaded_s = _cpu_seconds(server.pid)
        recovered_s = _until_calm(post, start + seconds)
        replies = [each.get() for each in pending]
        cpu_ms = 1000 * (carried_s - before_s) / done
        return Overload(carried, cpu_ms, seconds, overloaded_s - carried_s, replies, recovered_s)


def table(measured: Overload) -> Table:
    statuses = Counter(reply.status for reply in measured.replies)
    accepted = summary(measured.accepted_ms)
    rows: list[list[object]] = [
        ["carried, frames a second", measured.carried],
        ["carried: processor time of a frame, ms", measured.carried_cpu_ms],
        ["sent, frames a second", len(measured.replies) / measured.seconds],
        ["accepted, frames a second", accepted.count / measured.seconds],
        ["processor time of all, s", measured.cpu_s],
        ["accepted: median, ms", accepted.median],
        ["accepted: 99th percentile, ms", accepted.p99],
        ["accepted: longest, ms", max(measured.accepted_ms, default=float("nan"))],
        ["recovery, s", measured.recovered_s],
    ]
    rows += [[f"answered {status or 'not at all'}", str(number)] for status, number in sorted(statuses.items())]
    return Table(f"{TIMES} times what is carried, for {measured.seconds} s", ("", "measured"), rows, [NOTE], digits=1)


def targets(measured: Overload) -> list[Target]:
    p99 = summary(measured.accepted_ms).p99
    share = "overload: accepted, of what can be done in the processor time that the service got"
    return [
        Target("overload: accepted frames, 99th percentile", LIMIT_MS, p99, " ms"),
        Target(share, LEAST_SHARE_PERCENT, measured.done_percent, " %", at_least=True),
        Target("overload: recovery", RECOVERED_WITHIN_S, measured.recovered_s, " s"),
    ]


def _requests(port: int) -> list[bytes]:
    """Neck frames of all users, in a mixed order."""
    requests: list[bytes] = []
    for number, sequence in enumerate(frames.made(USERS * frames.SEQUENCE_FRAMES)):
        try:
            requests += sign_up(port, f"overload{number}", sequence.frames).messages(NECK)
        except RuntimeError:  # a sequence with too few faces to calibrate on
            continue
    random.Random(0).shuffle(requests)  # noqa: S311
    return requests


def _carried(post: Post, at_once: int) -> int:
    """Frames done in CAPACITY_S with so many clients that wait for each response."""
    end = time.monotonic() + CAPACITY_S

    def work() -> int:
        done = 0
        while (now := time.monotonic()) < end:
            done += post(now).status == OK
        return done

    clients = [gevent.spawn(work) for _ in range(at_once)]
    return sum(int(client.get()) for client in clients)


def _cpu_seconds(pid: int) -> float:
    """Processor time of the server's workers so far: fields 11 and 12 after the name in /proc/pid/stat."""
    stats = [Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split() for worker in children(pid)]
    return sum(int(stat[field]) for stat in stats for field in (11, 12)) / TICKS_A_SECOND


def _send_at_rate(post: Post, rate_hz: float, seconds: int, start: float) -> list["gevent.Greenlet[..., Reply]"]:
    pending = []
    for number in with_progress(range(round(rate_hz * seconds)), "overload", "frame"):
        due = start + number / rate_hz
        gevent.sleep(max(0.0, due - time.monotonic()))
        pending.append(gevent.spawn(post, due))
    return pending


def _until_calm(post: Post, since: float) -> float:
    """Seconds until the first of some calm responses in a row; PROBE_FOR_S if there are none."""
    calm_since: list[float] = []
    while len(calm_since) < CALM_IN_A_ROW and time.monotonic() < since + PROBE_FOR_S:
        now = time.monotonic()
        calm_since = [*calm_since, now] if post(now).is_calm else []
        gevent.sleep(PROBE_EVERY_S)
    return max(0.0, calm_since[0] - since) if len(calm_since) == CALM_IN_A_ROW else PROBE_FOR_S


def _post(port: int, request: bytes, due: float) -> Reply:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
            connection.sendall(request)
            response = b"".join(iter(lambda: connection.recv(CHUNK_BYTES), b""))
    except OSError:
        response = b""
    status = int(response.split(b" ", 2)[1]) if response.startswith(b"HTTP/1.1 ") else NO_RESPONSE
    return Reply(status, 1000 * (time.monotonic() - due))
