"""common.http.pace: a client that reads too slowly does not keep a worker."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.test import RequestFactory

from common.http import pace
from common.http.pace import LEAST_BYTES_PER_S, PIECE_BYTES, STRETCH_S, Paced, connection_of

SLOW = 50_000  # bytes a second: less than a piece


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def read(sizes: list[int], seconds_each: float, clock: Clock, making_s: float = 0.0) -> int:
    """The bytes received by a client that takes so long for each piece."""

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
    assert read([LEAST_BYTES_PER_S] * 1000, 0.5, Clock()) == 1000 * LEAST_BYTES_PER_S


@pytest.mark.parametrize("size", [1, SLOW])
def test_slow_client_is_cut_off_after_the_grace(size: int, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    with pytest.raises(BrokenPipeError):
        read([size] * 1000, 1.0, clock)
    assert clock.now == STRETCH_S
    assert "A long answer is ended" in caplog.text


def test_fast_start_buys_no_slow_rest() -> None:
    clock = Clock()
    with pytest.raises(BrokenPipeError):
        read([*[PIECE_BYTES] * 100, *[10] * 10_000], 0.1, clock)
    assert clock.now <= 3 * STRETCH_S


def test_short_pause_is_allowed() -> None:
    assert read([10], STRETCH_S - 1, Clock()) == 10


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


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The two ends of a TCP connection. The first raises BlockingIOError where it would wait."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        client = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    ours.settimeout(0)
    with closing(ours), closing(client):
        yield ours, client


def send(pieces: Paced, connection: socket.socket) -> None:
    for piece in pieces:
        connection.sendall(piece)


def test_client_that_reads_nothing_is_cut_off_before_any_sending_waits(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "STRETCH_S", 0.2)
    ours, _ = pair
    started_at = time.monotonic()
    with pytest.raises(BrokenPipeError):
        send(Paced(iter([bytes(2**23)] * 100), ours), ours)
    assert time.monotonic() - started_at < 20


def test_client_that_reads_gets_all_of_it_and_no_sending_waits(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, client = pair
    client.settimeout(0)
    received, data = bytearray(), bytes(range(256)) * 2**13
    for piece in Paced(iter([data[:100], b"", data[100:]]), ours):
        ours.sendall(piece)
        received += client.recv(2**22)
    ours.close()
    client.settimeout(20)
    while part := client.recv(2**22):
        received += part
    assert received == data


def test_client_that_has_gone_is_not_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, client = pair
    client.close()
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        send(Paced(iter([bytes(PIECE_BYTES)] * 100), ours), ours)


def test_connection_is_known_under_gunicorn(pair: tuple[socket.socket, socket.socket]) -> None:
    assert connection_of(RequestFactory().request(**{"gunicorn.socket": pair[0]})) is pair[0]
    assert connection_of(RequestFactory().get("/")) is None
