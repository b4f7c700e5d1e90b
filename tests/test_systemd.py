"""deploy/systemd: systemd's verdict on the units, and the service as they start it: on an inherited socket, with only
the system calls that they allow. systemd itself does not run here.
"""

import ctypes
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import nginx_server, pictures
from tests.detections.frames import NECK, neck_body
from tests.environment import run_python, settings_in
from tests.gunicorn_server import DEADLINE_S, ROOT, Server, serving_on
from tests.nginx_server import BEHIND_NGINX, Nginx, proxying

UNITS = ROOT / "deploy" / "systemd"
SERVICE = UNITS / "posesmart.service"
ANALYZE = shutil.which("systemd-analyze") or ""
REPLACEMENTS = {"/opt/posesmart/current/.venv/bin/python": sys.executable, "/opt/posesmart/current": str(ROOT)}
MAX_EXPOSURE = 20  # in tenths; the maximum is 100
SIGN_UPS = 3

PERSON = {"username": "mina", "password": "12341234"}
# Python runs this before anything else, in gunicorn and its workers: it does what systemd does before starting them.
CONFINE = """
import ctypes, json, os, pathlib, resource
if os.environ.get("LISTEN_PID") == str(os.getpid()):
    calls = json.loads(pathlib.Path(__file__).with_name("calls.json").read_text())
    seccomp, libc = ctypes.CDLL("libseccomp.so.2"), ctypes.CDLL(None)
    ERRNO_EPERM, ALLOW, NO_NEW_PRIVS, MDWE, REFUSE_EXEC_GAIN = 0x00050001, 0x7FFF0000, 38, 65, 1
    seccomp.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(seccomp.seccomp_init(ERRNO_EPERM))
    numbers = [seccomp.seccomp_syscall_resolve_name(name.encode()) for name in calls]
    problems = [seccomp.seccomp_rule_add(rules, ALLOW, number, 0) for number in numbers if number >= 0]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    libc.prctl(MDWE, REFUSE_EXEC_GAIN, 0, 0, 0)  # since Linux 6.3
    problems += [libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), seccomp.seccomp_load(rules)]
    assert set(problems) == {0}, problems
"""

needs_systemd = pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze: apt install systemd")


@cache
def has_seccomp() -> bool:
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return False
    return True


needs_seccomp = pytest.mark.skipif(not has_seccomp(), reason="no libseccomp.so.2: apt install libseccomp2")
needs_nginx = pytest.mark.skipif(bool(reason := nginx_server.missing()), reason=reason)


@dataclass(frozen=True, slots=True)
class Started:
    """The service on its socket, nginx in front of it, and the socket for the service's messages to systemd."""

    server: Server
    nginx: Nginx
    notify: socket.socket


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("systemd")
    (folder / "sitecustomize.py").write_text(CONFINE)
    (folder / "calls.json").write_text(json.dumps(sorted(allowed_calls())))
    own = {"SIGN_UP_RATE": f"{SIGN_UPS}/min", "PYTHONPATH": str(folder), "STATIC_ROOT": str(folder / "static")}
    environment = settings_in(folder, **BEHIND_NGINX, **own)
    for command in settings("ExecStart", UNITS / "posesmart-prepare.service"):
        run_python(environment, *command.split()[1:])
    names = [f"{folder}/{name}.sock" for name in ("service", "notify")]
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        listener.bind(names[0])
        listener.listen(2048)
        notify.bind(names[1])
        notify.settimeout(DEADLINE_S)
        with (
            serving_on(listener, "", NOTIFY_SOCKET=names[1], **environment) as server,
            proxying(folder, [f"unix:{names[0]}"]) as nginx,
        ):
            yield Started(server, nginx, notify)


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """Copies of all units, with the server's paths replaced by those of this checkout."""
    (tmp_path / "posesmart.env").touch()
    replacements = REPLACEMENTS | {"/opt/posesmart/current/.venv/bin/gunicorn": shutil.which("true") or "/bin/true"}
    replacements["/etc/posesmart/posesmart.env"] = str(tmp_path / "posesmart.env")
    paths = [path for path in sorted(UNITS.iterdir()) if path.suffix in {".service", ".socket"}]
    for path in paths:
        text = path.read_text()
        for path_on_server in sorted(replacements, key=len, reverse=True):
            text = text.replace(path_on_server, replacements[path_on_server])
        (tmp_path / path.name).write_text(text)
    return [str(tmp_path / path.name) for path in paths]


@cache
def system_calls(group: str) -> set[str]:
    """The system calls in one of systemd's groups, including its subgroups."""
    result = subprocess.run([ANALYZE, "syscall-filter", group], stdout=subprocess.PIPE, text=True, check=True)
    names = {line.strip() for line in result.stdout.splitlines()[1:] if line.strip() and "#" not in line}
    return {call for name in names for call in (system_calls(name) if name.startswith("@") else {name})}


def allowed_calls() -> set[str]:
    """The system calls that the service's SystemCallFilter= lines allow."""
    calls: set[str] = set()
    for line in settings("SystemCallFilter"):
        groups = [system_calls(word) for word in line.removeprefix("~").split()]
        named: set[str] = set().union(*groups)
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def settings(name: str, unit: Path = SERVICE) -> list[str]:
    return re.findall(f"^{name}=(.*)", unit.read_text(), re.MULTILINE)


def analyze(*arguments: str) -> str:
    result = subprocess.run(
        [ANALYZE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


# --- The units ---


@needs_systemd
def test_systemd_accepts_the_units(units: list[str]) -> None:
    assert len(units) == 3
    assert analyze("verify", *units) == ""


@needs_systemd
def test_service_has_low_exposure(units: list[str]) -> None:
    (service,) = [path for path in units if path.endswith("/posesmart.service")]
    analyze("security", "--offline=true", f"--threshold={MAX_EXPOSURE}", service)


def test_stop_timeout_exceeds_gunicorns() -> None:
    assert int(*settings("TimeoutStopSec")) > 30  # GRACEFUL_TIMEOUT
    assert settings("KillMode") == ["mixed"]


# --- The service as the units start it ---


@needs_systemd
@needs_seccomp
@needs_nginx
def test_service_notifies_systemd_when_ready(started: Started) -> None:
    assert b"READY=1" in started.notify.recv(1024).splitlines()


@needs_systemd
@needs_seccomp
@needs_nginx
def test_allowed_system_calls_are_sufficient(started: Started) -> None:
    def call(method: str, path: str, body: Any = None, access: str = "") -> Any:
        token = {"Authorization": f"Bearer {access}"} if access else {}
        return started.nginx.call(method, f"/api/{path}", body, source="127.0.0.70", **token)

    assert call("POST", "accounts/", PERSON).status == 201
    access = call("POST", "accounts/login/", PERSON).json["access"]
    frame = pictures.jpeg(pictures.at_desk())
    judged = call("POST", NECK, neck_body(frame), access)
    assert (judged.status, judged.json["detection_flag"]) == (200, "detected")
    (stored,) = call("GET", "accounts/frames/", None, access).json["results"]
    assert call("GET", f"accounts/frames/{stored['id']}/", None, access).body == frame
    assert call("GET", "accounts/export/?frames=1", None, access).body[:2] == b"PK"
    assert call("DELETE", "accounts/", PERSON, access).status == 204
    assert (started.nginx.static / "admin" / "css" / "base.css").exists()
    for pid in (started.server.pid, *started.server.started_workers(2)):
        state = Path(f"/proc/{pid}/status").read_text()
        assert re.findall(r"^(?:Seccomp|NoNewPrivs):\s*(\d)", state, re.MULTILINE) == ["1", "2"]
    assert not re.search("Traceback|ERROR|Operation not permitted", started.server.log), started.server.log


@needs_systemd
@needs_seccomp
@needs_nginx
def test_clients_are_distinguished_over_a_unix_socket(started: Started) -> None:
    def sign_up(source: str, forwarded: str) -> int:
        return started.nginx.call("POST", "/api/accounts/", {}, source=source, X_Forwarded_For=forwarded).status

    assert [sign_up("127.0.0.71", f"10.0.0.{number}") for number in range(SIGN_UPS + 1)] == [400] * SIGN_UPS + [429]
    assert sign_up("127.0.0.72", "127.0.0.71") == 400
