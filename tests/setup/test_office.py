"""`make office`, `manage.py office`: from localhost to colleagues"""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.gunicorn_server import ROOT
from tests.setup.project import Project

SCRIPT = ROOT / "deploy" / "setup" / "office_setup.py"
HOST = "localhost"  # resolves on every machine
UNKNOWN = "no-such-host.invalid"


def office(file: Path, *options: str, answers: str = "") -> tuple[int, str]:
    """The exit status and the output, of a process without this one's settings."""
    result = subprocess.run(
        [sys.executable, str(SCRIPT), "--file", str(file), *options],
        input=answers,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(file.parent)},
    )
    assert "Traceback" not in result.stderr, result.stderr
    return result.returncode, result.stdout + result.stderr


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def settings(file: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line and line[0] != "#")
    return {name: value for name, _, value in lines}


# --- Asking and writing ---


def test_new_file_has_all_that_colleagues_need(env_file: Path) -> None:
    database = f"sqlite:///{env_file.parent}/db.sqlite3"
    office(env_file, "--yes", "--host", "Pose.Example.com.", "--mysql", database, "--mail", "smtp://127.0.0.1:9")
    written = settings(env_file)
    assert written["ALLOWED_HOSTS"] == "localhost,127.0.0.1,pose.example.com"
    assert written["CSRF_TRUSTED_ORIGINS"] == "https://pose.example.com"
    assert (written["DEBUG"], written["HTTPS"], written["TRUSTED_PROXIES"]) == ("false", "true", "1")
    assert (written["EMAIL_FROM"], written["DATABASE_URL"]) == ("Pose Smart <posesmart@pose.example.com>", database)
    assert len(written["SECRET_KEY"]) > 50
    assert len(written["FACE_KEYS"]) == 44
    assert env_file.stat().st_mode & 0o777 == 0o600


PRESENT = """# Ours
SECRET_KEY=a secret of ours
FACE_KEYS=cmVhbGx5IG5vdCBhIGtleSwgYnV0IHNvIGxvbmcuLi4=

ALLOWED_HOSTS=intra.example.com
#DEBUG=true
DATABASE_URL=mysql://pose:pa55word@127.0.0.1:9/pose
FRAME_RETENTION_DAYS=3
"""


def test_file_keeps_what_it_has(env_file: Path) -> None:
    env_file.write_text(PRESENT)
    _status, output = office(env_file, "--yes", "--host", "pose.example.com")
    text = env_file.read_text()
    for line in PRESENT.splitlines():
        assert line in text or line.startswith("ALLOWED_HOSTS")
    assert settings(env_file)["ALLOWED_HOSTS"] == "intra.example.com,pose.example.com"
    assert "a secret of ours" not in output
    assert "pa55word" not in output


def test_second_run_changes_nothing(env_file: Path) -> None:
    office(env_file, "--yes", "--host", "pose.example.com")
    before = env_file.read_text()
    _status, output = office(env_file, "--yes", "--host", "pose.example.com")
    assert "has all of it already" in output
    assert env_file.read_text() == before


def test_questions_show_what_there_is_and_enter_keeps_it(env_file: Path) -> None:
    env_file.write_text(PRESENT)
    _status, output = office(env_file, answers="\n\n\n\n+82 2 555 0100\nyes\n")
    assert "[intra.example.com]" in output
    assert "[mysql://pose:…@127.0.0.1:9/pose]" in output
    assert settings(env_file)["SUPPORT_CONTACT"] == "+82 2 555 0100"
    assert "pa55word" in env_file.read_text()


@pytest.mark.parametrize("answer", ["no", "", "n", "what?"])
def test_nothing_is_written_without_a_yes(env_file: Path, answer: str) -> None:
    status, output = office(env_file, answers=f"pose.example.com\n\n\n\n\n{answer}\n")
    assert "+ALLOWED_HOSTS=localhost,127.0.0.1,pose.example.com" in output
    assert "Nothing was written." in output
    assert status == 1
    assert not env_file.exists()


def test_setting_is_taken_out_with_none(env_file: Path) -> None:
    env_file.write_text(PRESENT)
    office(env_file, "--yes", "--host", "pose.example.com", "--mysql", "none")
    assert settings(env_file)["DATABASE_URL"] == ""


@pytest.mark.parametrize(
    "host", ["https://pose.example.com", "pose.example.com:443", "a b", "x-.example", "x" * 70, "이름", "a\nDEBUG=true"]
)
def test_what_is_no_host_name_is_refused(env_file: Path, host: str) -> None:
    status, output = office(env_file, "--yes", "--host", host)
    assert status == 2
    assert "is not a host name" in output
    assert not env_file.exists()


def test_answer_of_two_lines_is_refused(env_file: Path) -> None:
    status, output = office(env_file, "--yes", "--host", HOST + ".example", "--contact", "x\nDEBUG=true")
    assert (status, output) == (2, "A value is one line of printable characters.\n")
    assert not env_file.exists()


def test_nobody_to_answer_is_said(env_file: Path) -> None:
    status, output = office(env_file)
    assert status == 1
    assert "with --yes" in output


# --- Checking ---


def test_check_writes_nothing(env_file: Path) -> None:
    env_file.write_text(PRESENT)
    status, output = office(env_file, "--check", "--host", UNKNOWN)
    assert status == 1
    assert f"MISSING Name: {UNKNOWN} does not resolve." in output
    assert env_file.read_text() == PRESENT


def test_check_needs_a_host(env_file: Path) -> None:
    status, output = office(env_file, "--check")
    assert status == 2
    assert "names no host but this machine" in output


def test_database_and_mail_that_do_not_answer_are_said(env_file: Path) -> None:
    office(
        env_file, "--yes", "--host", UNKNOWN, "--mysql", "sqlite:////no/such/folder/db", "--mail", "smtp://127.0.0.1:9"
    )
    status, output = office(env_file, "--check")
    assert status == 1
    assert "MISSING Database: The database cannot be used: unable to open database file." in output
    assert "MISSING Mail: 127.0.0.1, port 9, does not take mail: ConnectionRefusedError." in output


def test_setting_that_makes_no_sense_is_named(env_file: Path) -> None:
    env_file.write_text("ALLOWED_HOSTS=no-such-host.invalid\nSECRET_KEY=x\nDEBUG=false\nTIME_ZONE=Mars\n")
    _status, output = office(env_file, "--check")
    assert "MISSING Database: TIME_ZONE is 'Mars'; it must be a time zone's IANA name" in output


class Page(BaseHTTPRequestHandler):
    """Answers to one host name, as the service does."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A self-signed certificate for HOST, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "tls.crt", folder / "tls.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@pytest.fixture
def https(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[int, Path]]:
    """The port of a server with HTTPS, and its certificate's file."""
    days, status = getattr(request, "param", (90, 200))
    public, private = certificate(tmp_path, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    server = HTTPServer((HOST, 0), type("Answer", (Page,), {"status": status}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, public
    server.shutdown()
    thread.join()
    server.server_close()


def lines(env_file: Path, port: int, *options: str) -> str:
    env_file.write_text(f"SECRET_KEY=x\nDEBUG=false\nDATABASE_URL=sqlite:///{env_file.parent}/db.sqlite3\n")
    return office(env_file, "--check", "--host", HOST, "--port", str(port), *options)[1]


def test_service_that_colleagues_reach_is_complete(env_file: Path, https: tuple[int, Path]) -> None:
    port, authority = https
    output = lines(env_file, port, "--authority", str(authority))
    assert f"ok      Port: {HOST} answers on port {port}." in output
    assert "ok      Certificate: it is trusted, and ends in 90 days." in output
    assert f"ok      Service: https://{HOST}/ has the page." in output
    assert "MISSING" not in output
    assert f"Nothing is missing: colleagues can open https://{HOST}/" in output


def test_certificate_that_browsers_do_not_trust_is_said_and_why_it_matters(
    env_file: Path, https: tuple[int, Path]
) -> None:
    output = lines(env_file, https[0])
    assert "MISSING Certificate: it is not trusted: self-signed certificate." in output
    assert "Browsers give the camera to pages with HTTPS only" in output
    assert f"ok      Service: https://{HOST}/ has the page." in output


@pytest.mark.parametrize("https", [(3, 200)], indirect=True)
def test_certificate_that_ends_soon_is_said(env_file: Path, https: tuple[int, Path]) -> None:
    assert "MISSING Certificate: it ends in 3 days." in lines(env_file, https[0], "--authority", str(https[1]))


@pytest.mark.parametrize(
    ("https", "text"),
    [
        ((90, 400), f"MISSING Service: it does not know the host name {HOST}."),
        ((90, 502), "MISSING Service: the page answers with 502."),
    ],
    indirect=["https"],
)
def test_service_that_refuses_is_said(env_file: Path, https: tuple[int, Path], text: str) -> None:
    assert text in lines(env_file, https[0], "--authority", str(https[1]))


def test_port_that_nobody_opened_is_said(env_file: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    assert f"MISSING Port: nothing answers on {HOST}, port {port}" in lines(env_file, port)


def test_plain_http_is_not_enough_for_the_camera(env_file: Path) -> None:
    server = HTTPServer((HOST, 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    output = lines(env_file, server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()
    assert f"MISSING Certificate: there is no HTTPS on port {server.server_port}" in output


# --- The ways to it ---


def test_make_passes_its_arguments_on(complete: Project) -> None:
    result = complete.make("office", ARGS="--yes --host https://x")
    assert "is not a host name" in result.stdout


def test_command_passes_its_arguments_on(env_file: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "office", "--file", str(env_file), "--yes", "--host", "x y"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(env_file.parent)}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (result.returncode, "is not a host name" in result.stdout) == (2, True)
