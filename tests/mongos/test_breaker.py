import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from common.db.breaker import Breaker

WHILE_S = 5.0
THREADS = 8
DEADLINE_S = 30.0


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def a_breaker() -> tuple[Breaker, Clock]:
    clock = Clock()
    return Breaker(WHILE_S, clock), clock


def test_at_first_every_call_is_let_through() -> None:
    breaker, _ = a_breaker()
    assert not breaker.is_open
    assert [breaker.allows() for _ in range(3)] == [True] * 3


def test_a_failure_stops_every_call_for_the_while() -> None:
    breaker, clock = a_breaker()
    assert breaker.failed()
    assert breaker.is_open
    for passed in (0.0, WHILE_S / 2, WHILE_S - 0.001):
        clock.now = 1000.0 + passed
        assert not breaker.allows()


def test_when_the_while_is_over_one_may_try_and_the_others_wait_another_while() -> None:
    breaker, clock = a_breaker()
    breaker.failed()
    clock.now += WHILE_S
    assert [breaker.allows() for _ in range(4)] == [True, False, False, False]
    clock.now += WHILE_S
    assert [breaker.allows() for _ in range(2)] == [True, False]
    assert breaker.is_open, "nobody said yet that it came through"


def test_a_failure_renews_the_while_and_begins_no_second_outage() -> None:
    breaker, clock = a_breaker()
    assert breaker.failed()
    clock.now += WHILE_S - 1
    assert not breaker.failed()
    clock.now += WHILE_S - 1  # more than the while since the first failure, less since the second
    assert not breaker.allows()
    clock.now += 1
    assert breaker.allows()


def test_success_ends_the_outage_once_and_lets_every_call_through() -> None:
    breaker, _ = a_breaker()
    assert not breaker.succeeded(), "there was no outage to end"
    breaker.failed()
    assert breaker.succeeded()
    assert not breaker.succeeded()
    assert not breaker.is_open
    assert [breaker.allows() for _ in range(3)] == [True] * 3


def test_an_outage_after_a_recovery_is_a_new_one() -> None:
    breaker, _ = a_breaker()
    breaker.failed()
    breaker.succeeded()
    assert breaker.failed()
    assert not breaker.allows()


@given(st.lists(st.floats(min_value=0, max_value=60)))
def test_during_an_outage_at_most_one_call_goes_through_in_any_while(pauses: list[float]) -> None:
    breaker, clock = a_breaker()
    breaker.failed()
    let_through = [clock.now]
    for pause in pauses:
        clock.now += pause
        if breaker.allows():
            let_through.append(clock.now)
    assert all(after - before >= WHILE_S for before, after in pairwise(let_through))


class SlowClock(Clock):
    """A clock in which other threads get their turn: whoever looks at it without the lock is found out."""

    def __init__(self, meeting: threading.Barrier) -> None:
        super().__init__()
        self._meeting = meeting

    def __call__(self) -> float:
        with suppress(threading.BrokenBarrierError):
            self._meeting.wait(0.2)  # under the lock nobody else ever comes
        return super().__call__()


def answers_at_once(ask: Callable[[], bool]) -> list[bool]:
    """What each of several threads is told that ask at the same moment."""
    start = threading.Barrier(THREADS)

    def work(_: int) -> bool:
        start.wait(DEADLINE_S)
        return ask()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS), timeout=DEADLINE_S))


def test_of_threads_that_ask_at_the_same_moment_one_may_try() -> None:
    clock = SlowClock(threading.Barrier(2))
    breaker = Breaker(WHILE_S, clock)
    breaker.failed()
    clock.now += WHILE_S
    assert sorted(answers_at_once(breaker.allows)) == [False] * (THREADS - 1) + [True]


def test_of_threads_that_fail_together_one_begins_the_outage_and_one_ends_it() -> None:
    breaker = Breaker(WHILE_S, SlowClock(threading.Barrier(2)))
    assert sum(answers_at_once(breaker.failed)) == 1
    assert sum(answers_at_once(breaker.succeeded)) == 1
