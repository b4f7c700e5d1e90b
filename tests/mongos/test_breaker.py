import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from common.db.breaker import Breaker

RETRY_AFTER_S = 5.0
THREADS = 8
DEADLINE_S = 120.0


class Clock:
    """A clock in seconds that the test advances."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def make_breaker() -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(RETRY_AFTER_S, clock), clock


def test_new_breaker_allows_every_call() -> None:
    breaker, _ = make_breaker()
    assert not breaker.is_open
    assert [breaker.allows() for _ in range(3)] == [True] * 3


def test_failure_blocks_every_call_until_the_retry() -> None:
    breaker, clock = make_breaker()
    assert breaker.failed()
    assert breaker.is_open
    for passed in (0.0, RETRY_AFTER_S / 2, RETRY_AFTER_S - 0.001):
        clock.now = 1000.0 + passed
        assert not breaker.allows()


def test_only_one_call_may_retry_each_time() -> None:
    breaker, clock = make_breaker()
    breaker.failed()
    clock.now += RETRY_AFTER_S
    assert [breaker.allows() for _ in range(4)] == [True, False, False, False]
    clock.now += RETRY_AFTER_S
    assert [breaker.allows() for _ in range(2)] == [True, False]
    assert breaker.is_open, "no call has succeeded yet"


def test_second_failure_postpones_the_retry() -> None:
    breaker, clock = make_breaker()
    assert breaker.failed()
    clock.now += RETRY_AFTER_S - 1
    assert not breaker.failed()
    clock.now += RETRY_AFTER_S - 1  # longer than RETRY_AFTER_S since the first failure, but not since the second
    assert not breaker.allows()
    clock.now += 1
    assert breaker.allows()


def test_success_ends_the_outage_once() -> None:
    breaker, _ = make_breaker()
    assert not breaker.succeeded(), "there was no outage to end"
    breaker.failed()
    assert breaker.succeeded()
    assert not breaker.succeeded()
    assert not breaker.is_open
    assert [breaker.allows() for _ in range(3)] == [True] * 3


def test_failure_after_recovery_is_a_new_outage() -> None:
    breaker, _ = make_breaker()
    breaker.failed()
    breaker.succeeded()
    assert breaker.failed()
    assert not breaker.allows()


@given(st.lists(st.floats(min_value=0, max_value=60)))
def test_outage_allows_one_call_per_retry_period(pauses: list[float]) -> None:
    breaker, clock = make_breaker()
    breaker.failed()
    allowed_at = [clock.now]
    for pause in pauses:
        clock.now += pause
        if breaker.allows():
            allowed_at.append(clock.now)
    assert all(after - before >= RETRY_AFTER_S for before, after in pairwise(allowed_at))


class SlowClock(Clock):
    """A clock that lets other threads run: reading it without the lock exposes a race."""

    def __init__(self, meeting: threading.Barrier) -> None:
        super().__init__()
        self._meeting = meeting

    def __call__(self) -> float:
        with suppress(threading.BrokenBarrierError):
            self._meeting.wait(0.2)  # under the lock no other thread arrives
        return super().__call__()


def concurrent_results(call: Callable[[], bool]) -> list[bool]:
    """The results of several threads that make the same call at the same moment."""
    start = threading.Barrier(THREADS)

    def work(_: int) -> bool:
        start.wait(DEADLINE_S)
        return call()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS), timeout=DEADLINE_S))


def test_only_one_concurrent_thread_may_retry() -> None:
    clock = SlowClock(threading.Barrier(2))
    breaker = Breaker(RETRY_AFTER_S, clock)
    breaker.failed()
    clock.now += RETRY_AFTER_S
    assert sorted(concurrent_results(breaker.allows)) == [False] * (THREADS - 1) + [True]


def test_one_thread_starts_and_one_ends_an_outage() -> None:
    breaker = Breaker(RETRY_AFTER_S, SlowClock(threading.Barrier(2)))
    assert sum(concurrent_results(breaker.failed)) == 1
    assert sum(concurrent_results(breaker.succeeded)) == 1
