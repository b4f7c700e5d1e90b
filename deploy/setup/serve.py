"""The last step of `make run`: gunicorn on a host and a port. --check HOST PORT only checks that it could listen."""

import errno
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

LISTENING = "0A"  # in /proc/net/tcp


def main(*, host: str, port: str, only_check: bool) -> None:
    host = host.strip("[]")
    if problem := _problem(host, port):
        sys.exit(problem)
    if only_check:
        return
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    os.environ["ANNOUNCE"] = "1"  # gunicorn.conf.py does
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "posesmart.wsgi", "--bind", bind])  # noqa: S606


def _problem(host: str, port: str) -> str | None:
    """The reason why a server cannot listen there, and what to do; None if it can."""
    if not (port.isascii() and port.isdecimal() and int(port) < 2**16):
        return f"PORT is {port!r}; it must be a number up to 65535. PORT=8000 make run uses the default."
    try:
        _try_listening(host, int(port))
    except (socket.gaierror, UnicodeError):
        return _not_local(host)
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                free = _free_port(host, int(port))
                return f"Port {port} is taken{_user_of(int(port))}. PORT={free} make run uses another."
            case errno.EADDRNOTAVAIL:
                return _not_local(host)
            case errno.EACCES:
                return f"Only root may use port {port}. PORT=8000 make run uses one that you may use."
        return f"Nothing can listen on {host}, port {port}: {error.strerror}."
    return None


def _not_local(host: str) -> str:
    return (
        f"HOST is {host!r}, which is not an address of this machine. "
        "HOST=127.0.0.1 make run serves this machine only; HOST=0.0.0.0 make run also serves the network."
    )


def _try_listening(host: str, port: int) -> None:
    """Listen there for a moment, as gunicorn does. Raises OSError if that fails."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen()


def _free_port(host: str, taken: int) -> int:
    """The next free port; 0, which lets the system choose, if the next hundred are taken."""
    for port in range(taken + 1, min(taken + 100, 2**16)):
        try:
            _try_listening(host, port)
        except OSError:
            continue
        return port
    return 0


def _user_of(port: int) -> str:
    """Such as " by process 1234 (python)"; empty if the system does not say, or it is another user's process."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == LISTENING and row[1].endswith(f":{port:04X}")}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it is another user's, or has just ended
            if not sockets.isdisjoint(map(os.readlink, (process / "fd").iterdir())):
                return f" by process {process.name} ({(process / 'comm').read_text().strip()})"
    return ""


if __name__ == "__main__":
    *options, host, port = sys.argv[1:]
    main(host=host, port=port, only_check=options == ["--check"])
