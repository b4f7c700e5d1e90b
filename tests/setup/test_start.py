"""The address of `make run`, and its messages when it has started or could not."""

import os
import re
import signal
import socket
from pathlib import Path

import pytest
from django.conf import settings

from tests.gunicorn_server import DEADLINE_S
from tests.setup.project import NO_INDEX, Project, running

# --- The address ---


def test_taken_port_is_refused_and_another_suggested(ready: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        message = ready.refusal("run", PORT=str(port), PIP_INDEX_URL=NO_INDEX)
    found = re.fullmatch(rf"Port {port} is taken(.*)\. PORT=(\d+) make run uses another\.\n", message)
    assert found, message
    if Path("/proc/net/tcp").exists():
        assert found[1].startswith(f" by process {os.getpid()} (")
    assert ready.make("address", PORT=found[2]).returncode == 0


@pytest.mark.parametrize("port", ["", "http", "-1", "80.5", "65536", "٨٠"])
def test_invalid_port_is_refused(ready: Project, port: str) -> None:
    assert ready.refusal("run", PORT=port).startswith(f"PORT is {port!r}; it must be a number up to 65535.")


@pytest.mark.parametrize("host", ["", "192.0.2.1", "no-such-host.invalid", "a..b", "x" * 70])
def test_foreign_host_is_refused(ready: Project, host: str) -> None:
    message = ready.refusal("run", HOST=host)
    assert message.startswith(f"HOST is {host!r}, which is not an address of this machine. HOST=127.0.0.1 make run")


# --- The start ---


def test_run_prints_its_address_and_stops_at_ctrl_c(complete: Project) -> None:
    with running(complete, MODEL_CACHE_DIR=str(settings.MODEL_CACHE_DIR)) as process:
        assert process.stdout
        address = next(
            filter(None, (re.search(r"^Pose Smart is on http://127\.0\.0\.1:(\d+) ", line) for line in process.stdout))
        )
        with socket.create_connection(("127.0.0.1", int(address[1])), DEADLINE_S) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.0 200 ")
        os.killpg(process.pid, signal.SIGINT)
        assert "Shutting down" in process.stdout.read()
        assert process.wait(DEADLINE_S) in (0, -signal.SIGINT, 130)
    environment = (complete.folder / ".env").read_text()
    assert "DEBUG=false\nSECRET_KEY=" in environment
    assert (complete.folder / ".env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DEBUG", "maybe", "DEBUG is 'maybe'; it must be true or false."),
        ("FACE_KEYS", "short", "FACE_KEYS: number 1 is not a key."),
        ("WEB_CONCURRENCY", "many", "WEB_CONCURRENCY is 'many'; it must be a whole number of at least 1."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud'; it must be "),
        ("TIME_ZONE", "Mars", "TIME_ZONE is 'Mars'; it must be a time zone's IANA name, such as Asia/Seoul."),
        ("DATABASE_URL", "somewhere", "DATABASE_URL must be sqlite:/// and "),
        ("DATABASE_URL", "sqlite:////nonexistent/db", "The database cannot be used: unable to open database file. "),
    ],
)
def test_failed_start_prints_only_the_reason(complete: Project, name: str, value: str, reason: str) -> None:
    result = complete.make("run", PORT="0", **{name: value})
    assert result.returncode == 2
    assert result.stderr.startswith(reason)
    assert "Traceback" not in result.stderr
    assert "Pose Smart is on" not in result.stdout
