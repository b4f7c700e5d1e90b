"""Three times what the machine can carry: what is answered in time, what is refused, and how soon all is well again."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import NamedTuple

import gevent
from gevent.pool import Group

from benchmarks.client import NECK, crowd, send
from benchmarks.environment import Environment
from benchmarks.machine import children, tree_cpu_seconds
from benchmarks.report import Report, Row, Table, Target, stats

USERS = 40  # so that none of them reaches the limit of frames a minute
CAPACITY_S = 15.0
TIMES = 3
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


Post = Callable[[float], Reply]  # a frame, due at a value of time.monotonic()


def measure(report: Report, service: Environment, seconds: int) -> None:
    """As many neck frames as are answered; then TIMES as many, for so many seconds; then one now and then."""
    with service.serve() as server:
        pool = [request for user in crowd(server.port, USERS) for request in user[NECK]]
        random.Random(0).shuffle(pool)  # noqa: S311
        requests = cycle(pool)

        def post(due: float) -> Reply:
            try:
                response = send(server.port, next(requests))
            except OSError:
                response = b""
            status = int(response.split(b" ", 2)[1]) if response.startswith(b"HTTP/1.1 ") else NO_RESPONSE
            return Reply(status, 1000 * (time.monotonic() - due))

        before_s = tree_cpu_seconds(server.pid)
        done = _carried(post, at_once=2 * len(children(server.pid)))
        carried_s, a_second, start = tree_cpu_seconds(server.pid), done / CAPACITY_S, time.monotonic()
        pending = []
        for number in range(round(TIMES * a_second * seconds)):
            due = start + number / (TIMES * a_second)
            gevent.sleep(max(0.0, due - time.monotonic()))
            pending.append(gevent.spawn(post, due))
        gevent.wait(pending)
        overloaded_s = tree_cpu_seconds(server.pid)
        calm_s = until_calm(post, start + seconds)
    frame_ms = 1000 * (carried_s - before_s) / done
    add(report, a_second, frame_ms, seconds, overloaded_s - carried_s, [each.get() for each in pending], calm_s)


def add(
    report: Report, carried: float, frame_ms: float, seconds: int, cpu_s: float, replies: Sequence[Reply], calm_s: float
) -> None:
    """carried: frames a second that the machine can do; each takes the service frame_ms of processor time, and all of
    the overload cpu_s. calm_s: after its last frame.
    """
    accepted = [reply.ms for reply in replies if reply.status == OK]
    ms = stats(accepted, "median", "p99", "longest")
    done_percent = 100 * len(accepted) * frame_ms / 1000 / cpu_s  # of what that processor time would have done
    statuses = Counter(reply.status for reply in replies)
    figures = {
        "carried, frames a second": carried,
        "carried: processor time of a frame, ms": frame_ms,
        "sent, frames a second": len(replies) / seconds,
        "accepted, frames a second": len(accepted) / seconds,
        "processor time of all, s": cpu_s,
        **{f"accepted: {name}, ms": value for name, value in ms.items()},
        "recovery, s": calm_s,
        **{f"answered {status or 'not at all'}": count for status, count in statuses.items()},
    }
    rows: list[Row] = [{"": name, "measured": value} for name, value in figures.items()]
    share = "overload: accepted, of what can be done in the processor time that the service got"
    report.add(
        Table(f"{TIMES} times what is carried, for {seconds} s", rows, NOTE, digits=1),
        Target("overload: accepted frames, 99th percentile", LIMIT_MS, ms["p99"], " ms"),
        Target(share, LEAST_SHARE_PERCENT, done_percent, " %", at_least=True),
        Target("overload: recovery", RECOVERED_WITHIN_S, calm_s, " s"),
    )


def _carried(post: Post, at_once: int) -> int:
    """Frames done in CAPACITY_S with so many clients that wait for each response."""
    end = time.monotonic() + CAPACITY_S

    def work(_: int) -> int:
        done = 0
        while (now := time.monotonic()) < end:
            done += post(now).status == OK
        return done

    return sum(Group().map(work, range(at_once)))


def until_calm(post: Post, since: float) -> float:
    """Seconds until the first of some calm responses in a row; PROBE_FOR_S if there are none."""
    calm_since: list[float] = []
    while len(calm_since) < CALM_IN_A_ROW and time.monotonic() < since + PROBE_FOR_S:
        now = time.monotonic()
        reply = post(now)
        calm_since = [*calm_since, now] if reply.status == OK and reply.ms <= CALM_MS else []
        gevent.sleep(PROBE_EVERY_S)
    return max(0.0, calm_since[0] - since) if len(calm_since) == CALM_IN_A_ROW else PROBE_FOR_S
