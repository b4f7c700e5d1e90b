"""A real nginx for tests, with the project's configuration: on free loopback ports, with its own certificate."""

import http.client
import ipaddress
import json
import os
import re
import shlex
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.gunicorn_server import DEADLINE_S, ROOT
from tests.server_process import free_port
from tests.server_process import program as find_program

TEMPLATE = ROOT / "nginx" / "posesmart.conf.template"
DEFAULTS = ROOT / "nginx" / "posesmart.env"
NAME = "localhost"
BEHIND_NGINX = {"ALLOWED_HOSTS": NAME, "HTTPS": "true", "TRUSTED_PROXIES": "1"}  # the application's environment
POLL_INTERVAL_S = 0.02
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
MAIN = """
daemon off;
$user
pid $folder/pid;
error_log $folder/error.log warn;
worker_processes 2;
events { worker_connections 1024; }
http {
    include $mime_types;
    default_type application/octet-stream;
    access_log off;
    $temporary
    include $folder/posesmart.conf;
}
"""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Nginx:
    """A running nginx; `http`, `https` and `plain` (the HTTPS server without TLS) are ports on 127.0.0.1."""

    def __init__(self, folder: Path, upstreams: list[str], variables: dict[str, str]) -> None:
        self.folder = folder
        self.http, self.https, self.plain = free_port(), free_port(), free_port()
        certificate, key = make_certificate(folder)
        self.context = ssl.create_default_context(cafile=str(certificate))
        self.static = folder / "static"
        self.static.mkdir(exist_ok=True)
        self.acme = folder / "acme"
        own = {
            "SERVER_NAME": NAME,
            "LISTEN_HTTP": f"listen 127.0.0.1:{self.http};",
            "LISTEN_HTTPS": f"listen 127.0.0.1:{self.https} ssl http2; listen 127.0.0.1:{self.plain};",
            "TLS_CERTIFICATE": str(certificate),
            "TLS_CERTIFICATE_KEY": str(key),
            "ACME_ROOT": str(self.acme),
            "UPSTREAM_SERVERS": " ".join(f"server {upstream} max_fails=3 fail_timeout=5s;" for upstream in upstreams),
            "STATIC_PARENT": str(folder),
            "ACCESS_LOG": str(folder / "access.log"),
        }
        (folder / "posesmart.conf").write_text(filled_in(own | variables))
        (folder / "nginx.conf").write_text(Template(MAIN).substitute(_main_variables(folder)))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def error_log(self) -> str:
        return (self.folder / "error.log").read_text()

    @property
    def access_log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "access.log").read_text().splitlines()]

    def logged(self, count: int, *, client: str) -> list[dict[str, Any]]:
        """A client's requests in the log, once there are `count`; a request is logged when its response was sent."""

        def entries() -> list[dict[str, Any]]:
            return [entry for entry in self.access_log if entry["client"] == client]

        _eventually(lambda: len(entries()) >= count, f"{count} requests of {client} are not logged")
        return entries()

    @property
    def bodies_on_disk(self) -> list[str]:
        """The log's lines about bodies written to a file: each is a picture that should have stayed in memory."""
        return re.findall(r"buffered to a temporary file.*", self.error_log)

    def check(self) -> str:
        """The output of `nginx -t`. Raises if the configuration is wrong."""
        command = [*self._command(), "-t"]
        return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=True).stderr

    def start(self) -> None:
        """Start, and wait until it listens."""
        self.check()  # for its error message
        self._process = subprocess.Popen(self._command())
        # The pid is written when the sockets are bound; the check leaves an empty file.
        _eventually(lambda: bool((self.folder / "pid").read_text()), "nginx does not start")

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()

    def connect(self, *, source: str = "127.0.0.1", within_s: float = DEADLINE_S) -> http.client.HTTPSConnection:
        """A connection over TLS from a chosen loopback address."""
        address = (source, 0)
        return http.client.HTTPSConnection(
            NAME, self.https, timeout=within_s, context=self.context, source_address=address
        )

    def call(self, method: str, path: str, body: Any = None, *, source: str = "127.0.0.1", **headers: str) -> Response:
        """The response to a request over TLS. A body is sent as JSON; a header X-Some-Name is given as X_Some_Name."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = self.connect(source=source)
        try:
            connection.request(method, path, data, ({"Content-Type": "application/json"} if data else {}) | named)
            return read(connection)
        finally:
            connection.close()

    def _command(self) -> list[str]:
        return [program(), "-p", str(self.folder), "-c", "nginx.conf", "-e", str(self.folder / "error.log")]


@contextmanager
def proxying(folder: Path, upstreams: list[str], **variables: str) -> Iterator[Nginx]:
    """nginx in front of servers (host:port, or unix: and a path), with variables of the template."""
    nginx = Nginx(folder, upstreams, variables)
    nginx.start()
    try:
        yield nginx
    finally:
        nginx.stop()


def missing() -> str:
    """The reason why no nginx can be started, or ""."""
    return "" if program() else "no nginx: install one (Debian and Ubuntu: apt install nginx)"


def program() -> str:
    return find_program("nginx")


def read(connection: http.client.HTTPConnection) -> Response:
    response = connection.getresponse()
    return Response(response.status, response.headers, response.read())


def defaults() -> dict[str, str]:
    """The variables of nginx/posesmart.env."""
    assignments = shlex.split(DEFAULTS.read_text(), comments=True)
    return dict(assignment.split("=", 1) for assignment in assignments)


def filled_in(variables: dict[str, str]) -> str:
    """The template as envsubst fills it in, with these variables and the defaults in the environment."""
    return re.sub(r"\$\{([A-Z_]+)\}", lambda found: (defaults() | variables)[found[1]], TEMPLATE.read_text())


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """The files of a self-signed certificate for localhost and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME), *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "fullchain.pem", folder / "privkey.pem"


def _eventually(condition: Callable[[], bool], message: str) -> None:
    # A copy of the function in tests/faults, which needs Django.
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(POLL_INTERVAL_S)


def _main_variables(folder: Path) -> dict[str, str]:
    return {
        "folder": str(folder),
        # nginx's processes read the folder, which only its owner may read.
        "user": "user root root;" if os.geteuid() == 0 else "",
        "mime_types": str(_configuration() / "mime.types"),
        "temporary": " ".join(f"{name}_temp_path {folder / name};" for name in PATHS),
    }


@cache
def _configuration() -> Path:
    output = subprocess.run([program(), "-V"], stderr=subprocess.PIPE, text=True, check=True).stderr
    found = re.search(r"--conf-path=(\S+)", output)
    return Path(found[1] if found else "/etc/nginx/nginx.conf").parent
