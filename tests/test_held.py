"""common.http.held: what kind of request it is, by what has come of it."""

import socket

import pytest

from common.http.held import Held, Waiting

NECK = "/api/detections/neck/"


@pytest.mark.parametrize(
    ("head", "is_frame"),
    [
        (f"POST {NECK} HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (f"POST {NECK}?a=/b/ HTTP/1.1\r\nHost: a\r\n\r\n", True),
        ("POST /api/detections/n%65ck/ HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (f"POST {NECK} HTTP/1.0\r\nHost: a", True),
        (f"GET {NECK} HTTP/1.1\r\n\r\n", False),
        ("POST /api/accounts/login/ HTTP/1.1\r\n\r\n", False),
        (f"POST {NECK[:9]}", False),
        (f"POST {NECK}", False),
        ("\x16\x03\x01", False),
        ("", False),
    ],
)
def test_frames_are_told_by_their_first_line(head: str, is_frame: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(head.encode("latin-1"))
        assert bool(Waiting.of(ours, None, None).environ) == is_frame
        if head:
            assert ours.recv(1000).decode("latin-1") == head  # nothing was taken


def test_headers_are_read_as_far_as_they_have_come() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(f"POST {NECK} HTTP/1.1\r\nOrigin: a\r\nX_Request_Start: t=1\r\nAuthorization: Bea".encode())
        environ = Waiting.of(ours, None, None).environ
    assert environ == {"REQUEST_METHOD": "POST", "PATH_INFO": NECK, "HTTP_ORIGIN": "a"}


def test_nobody_waits_then_nobody_is_next() -> None:
    assert Held().pop() is None
