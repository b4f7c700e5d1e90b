"""Whether colleagues can reach the service with its settings, and what to do where they cannot."""

import http.client
import json
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 5
COMMAND_TIMEOUT_S = 60
HTTPS_PORT = 443
SOON_DAYS = 14  # a certificate that ends sooner should have been renewed
MIN_FREE_GB = 5
MAX_CLOCK_S = 5.0  # apart: tokens allow 30 s, and the times of frames are compared across machines
# Asks the database with the service's own settings and driver.
DATABASE_SCRIPT = """
import json, time
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
clock = "SELECT UNIX_TIMESTAMP(NOW(6))" if connection.vendor == "mysql" else "SELECT 0"
with connection.cursor() as cursor:
    before = time.time()
    cursor.execute(clock)
    [[answer]] = cursor.fetchall()
executor = MigrationExecutor(connection)
plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
ahead = float(answer) - (before + time.time()) / 2 if answer else 0.0
print(json.dumps({"vendor": connection.vendor, "ahead_s": ahead, "migrations": len(plan)}))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """is_ok: None if it could not be found out. todo: what to do; empty if nothing."""

    what: str
    is_ok: bool | None
    text: str
    todo: str = ""

    def __str__(self) -> str:
        mark = {True: "ok     ", False: "MISSING", None: "?      "}[self.is_ok]
        return f"{mark} {self.what}: {self.text}" + (f"\n        {self.todo}" if self.todo else "")


def ok(what: str, text: str) -> Finding:
    return Finding(what, is_ok=True, text=text)


def missing(what: str, text: str, todo: str) -> Finding:
    return Finding(what, is_ok=False, text=text, todo=todo)


def unknown(what: str, text: str, todo: str = "") -> Finding:
    return Finding(what, is_ok=None, text=text, todo=todo)


def checks(settings: dict[str, str], host: str, port: int, env_file: Path, authority: str = "") -> Iterator[Finding]:
    """Each finding as soon as it is known. authority: the file of a company's own certificate authority."""
    yield from _network(host, port, authority)
    yield from _database(env_file)
    if settings.get("MONGODB_URI"):
        yield _mongodb(settings["MONGODB_URI"])
    yield _clock()
    yield _space(Path(settings.get("SPOOL_DIR") or ROOT))
    yield _mail(settings.get("EMAIL_URL", ""))


def _network(host: str, port: int, authority: str) -> Iterator[Finding]:
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except OSError:
        todo = "Ask whoever runs your network's DNS for a record that leads to this machine, or set it in hosts files."
        yield missing("Name", f"{host} does not resolve.", todo)
        return
    yield ok("Name", f"{host} is {', '.join(found)}.")
    try:
        socket.create_connection((host, port), TIMEOUT_S).close()
    except OSError as error:
        todo = "Start nginx (docker compose up -d, or docs/server.md), and open the port in the firewall."
        yield missing("Port", f"nothing answers on {host}, port {port}: {error}.", todo)
        return
    yield ok("Port", f"{host} answers on port {port}.")
    certificate = _certificate(host, port, authority)
    yield certificate
    yield _service(host, port, authority if certificate.is_ok else None)


def _certificate(host: str, port: int, authority: str) -> Finding:
    todo = (
        "Browsers give the camera to pages with HTTPS only, and warn about certificates that they do not trust. "
        "docs/deployment.md, Certificate, has how to get one."
    )
    try:
        with (
            socket.create_connection((host, port), TIMEOUT_S) as plain,
            ssl.create_default_context(cafile=authority or None).wrap_socket(plain, server_hostname=host) as secure,
        ):
            ends = str((secure.getpeercert() or {})["notAfter"])
    except ssl.SSLCertVerificationError as error:
        return missing("Certificate", f"it is not trusted: {error.verify_message}.", todo)
    except OSError as error:
        return missing("Certificate", f"there is no HTTPS on port {port}: {error}.", todo)
    days = int((ssl.cert_time_to_seconds(ends) - time.time()) / 86_400)
    if days < SOON_DAYS:
        return missing("Certificate", f"it ends in {days} days.", "Renew it: docs/deployment.md, Certificate.")
    return ok("Certificate", f"it is trusted, and ends in {days} days.")


def _service(host: str, port: int, authority: str | None) -> Finding:
    """authority: None if the certificate is not trusted, which was said already."""
    context = ssl.create_default_context(cafile=authority or None)
    if authority is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return missing("Service", f"it does not answer: {error}.", "Look at nginx's log.")
    finally:
        connection.close()
    if status == http.client.BAD_REQUEST:
        todo = "Restart the service, which reads its settings when it starts."
        return missing("Service", f"it does not know the host name {host}.", todo)
    if status != http.client.OK:
        todo = "Start the service; its log says why it did not. nginx answers with 502 as long as there is none."
        return missing("Service", f"the page answers with {status}.", todo)
    return ok("Service", f"https://{host}/ has the page.")


def _database(env_file: Path) -> Iterator[Finding]:
    command = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "--command", DATABASE_SCRIPT]
    try:
        result = subprocess.run(  # noqa: S603 - our own script
            command,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
            env={**_environment(), "ENV_FILE": str(env_file)},
        )
    except subprocess.TimeoutExpired:
        yield missing("Database", "it did not answer within a minute.", "Is the address in DATABASE_URL right?")
        return
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["it does not answer"])[-1]
        yield missing("Database", reason, "Correct the setting that it names, and run this again.")
        return
    answer: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    if answer["migrations"]:
        text = f"{answer['vendor']} answers, and {answer['migrations']} migrations are to be done."
        yield unknown("Database", text, "make run, or the service prepare, does them.")
    else:
        yield ok("Database", f"{answer['vendor']} answers, and has all tables.")
    if answer["vendor"] == "mysql":
        yield _apart("the database's", answer["ahead_s"])
    elif answer["vendor"] == "sqlite":
        todo = "It is enough for a few people; for more, set DATABASE_URL to MySQL or MariaDB: docs/databases.md."
        yield unknown("Database", "SQLite, one file on this machine.", todo)


def _environment() -> dict[str, str]:
    """Of this process, without what would win over the file that is checked."""
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR", "TZ"}}


def _mongodb(uri: str) -> Finding:
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    try:
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=TIMEOUT_S * 1000) as client:
            client.admin.command("ping")
            now = client.admin.command("hello")["localTime"].replace(tzinfo=UTC)
    except PyMongoError as error:
        text = f"it does not answer: {type(error).__name__}."
        return missing("MongoDB", text, "Is it running, and are user and password in MONGODB_URI right?")
    clock = _apart("MongoDB's", (now - datetime.now(UTC)).total_seconds())
    return clock if clock.is_ok is False else ok("MongoDB", f"it answers; {clock.text}")


def _apart(whose: str, ahead_s: float) -> Finding:
    text = f"{whose} clock and this machine's are {abs(ahead_s):.1f} s apart."
    if abs(ahead_s) <= MAX_CLOCK_S:
        return ok("Clock", text)
    return missing("Clock", text, "Switch time synchronisation on, on both machines.")


def _clock() -> Finding:
    todo = "Switch it on: timedatectl set-ntp true. Tokens and days depend on the clock."
    if not (program := shutil.which("timedatectl")):
        return unknown("Clock", "this system does not say whether it is synchronised.")
    result = subprocess.run(  # noqa: S603 - found on the PATH
        [program, "show", "--property=NTPSynchronized", "--value"], capture_output=True, text=True, check=False
    )
    match result.stdout.strip():
        case "yes":
            return ok("Clock", "it is synchronised.")
        case "no":
            return missing("Clock", "it is not synchronised.", todo)
    return unknown("Clock", "this system does not say whether it is synchronised.")


def _space(folder: Path) -> Finding:
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    text = f"{free_gb:.0f} GB are free on the disk of {folder}."
    if free_gb >= MIN_FREE_GB:
        return ok("Space", text)
    return missing("Space", text, f"Have {MIN_FREE_GB} GB free, or keep pictures for fewer days.")


def _mail(url: str) -> Finding:
    if not url:
        todo = "Nobody gets a link for a forgotten password: run this again with --mail, or set SUPPORT_CONTACT."
        return unknown("Mail", "none is sent.", todo)
    parts = urlsplit(url)
    ports = {"smtp+ssl": 465, "smtps": 465, "smtp+tls": 587}
    server, port = parts.hostname or "localhost", parts.port or ports.get(parts.scheme, 25)
    connect: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if ports.get(parts.scheme) == 465 else smtplib.SMTP
    try:
        with connect(server, port, timeout=TIMEOUT_S) as mail:
            if parts.scheme == "smtp+tls":
                mail.starttls(context=ssl.create_default_context())
            if parts.username:
                mail.login(unquote(parts.username), unquote(parts.password or ""))
            mail.noop()
    except (smtplib.SMTPException, OSError) as error:
        text = f"{server}, port {port}, does not take mail: {type(error).__name__}."
        return missing("Mail", text, "Correct EMAIL_URL; the port and the password are the usual reasons.")
    return ok("Mail", f"{server} takes mail.")
