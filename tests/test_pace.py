"""common.http.pace: a client that reads too slowly does not keep a worker."""

from collections.abc import Iterator

import pytest

from common.http.pace import LEAST_BYTES_PER_S, STRETCH_S, Paced


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def read(sizes: list[int], seconds_each: float, clock: Clock, making_s: float = 0.0) -> int:
    """The bytes received by a client that takes so long for each chunk."""

    def chunks() -> Iterator[bytes]:
        for size in sizes:
            clock.now += making_s
            yield bytes(size)

    received = 0
    for chunk in Paced(chunks(), clock=clock):
        received += len(chunk)
        clock.now += seconds_each
    return received


def test_fast_client_gets_everything() -> None:
    assert read([LEAST_BYTES_PER_S] * 1000, 1.0, Clock()) == 1000 * LEAST_BYTES_PER_S


@pytest.mark.parametrize("size", [1, LEAST_BYTES_PER_S - 1])
def test_slow_client_is_cut_off_after_the_grace(size: int, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    with pytest.raises(BrokenPipeError):
        read([size] * 1000, 1.0, clock)
    assert clock.now == STRETCH_S + 1
    assert "A long answer is ended" in caplog.text


def test_fast_start_buys_no_slow_rest() -> None:
    """As when the system's buffers take the first megabytes at once."""
    clock = Clock()
    with pytest.raises(BrokenPipeError):
        read([100 * LEAST_BYTES_PER_S, *[60_000] * 1000], 1.0, clock)
    assert clock.now <= 2 * (STRETCH_S + 1)


def test_short_pause_is_allowed() -> None:
    assert read([10], STRETCH_S - 1, Clock()) == 10
    assert read([5_000_000], 20.0, Clock()) == 5_000_000


def test_time_that_the_service_itself_takes_does_not_count() -> None:
    assert read([10] * 100, 0.01, Clock(), making_s=60.0) == 1000


def test_source_is_closed_when_the_client_is_cut_off_or_leaves() -> None:
    closed = []

    def chunks() -> Iterator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            closed.append(True)

    clock = Clock()
    paced = Paced(chunks(), clock=clock)
    next(paced)
    clock.now = STRETCH_S + 1
    with pytest.raises(BrokenPipeError):
        next(paced)
    assert closed == [True]
    leaving = Paced(chunks(), clock=clock)
    next(leaving)
    leaving.close()
    assert closed == [True, True]
