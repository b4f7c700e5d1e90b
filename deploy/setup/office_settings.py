"""The settings with which colleagues reach the service: read from a file of NAME=value lines, changed, and written."""

import base64
import difflib
import os
import re
import secrets
import tempfile
from pathlib import Path

HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
LOCAL = ("localhost", "127.0.0.1")
SECRET = re.compile(r"^([-+ ]?#?(?:SECRET_KEY|FACE_KEYS|\w*PASSWORD)=)(.+)$")
PASSWORD_IN_URL = re.compile(r"(://[^:/@\s]*:)[^@\s]+(@)")


def host_problem(host: str) -> str | None:
    """What is wrong with a host name; None if nothing is."""
    if HOST_NAME.fullmatch(host):
        return None
    return f"{host!r} is not a host name: write it without https://, port and path, such as pose.example.com."


def value_problem(value: str) -> str | None:
    """What keeps a value from standing in a line of the file."""
    return "A value is one line of printable characters." if value and not value.isprintable() else None


def read(text: str) -> dict[str, str]:
    """The settings in a file's text; of one that is there twice, the last."""
    lines = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in lines if equals}


def with_changes(text: str, changes: dict[str, str]) -> str:
    """The file's text with these values; every other line stays as it is."""
    lines, left = [], dict(changes)
    for line in text.splitlines():
        name = line.partition("=")[0].strip()
        if name in changes and not line.lstrip().startswith("#"):
            if name in left:
                lines.append(f"{name}={left.pop(name)}")
            continue
        lines.append(line)
    return "\n".join([*lines, *(f"{name}={value}" for name, value in left.items())]) + "\n"


def changes_for(present: dict[str, str], answers: dict[str, str]) -> dict[str, str]:
    """What has to be set, given what is set already. answers: host, and the settings that were answered."""
    host = answers["host"]
    changes = {
        "DEBUG": "false",
        "SECRET_KEY": present.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "FACE_KEYS": present.get("FACE_KEYS") or base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": _with(present.get("ALLOWED_HOSTS") or ",".join(LOCAL), host),
        "CSRF_TRUSTED_ORIGINS": _with(present.get("CSRF_TRUSTED_ORIGINS", ""), f"https://{host}"),
        "SERVER_NAME": present.get("SERVER_NAME") or host,
        "HTTPS": "true",
        "TRUSTED_PROXIES": present.get("TRUSTED_PROXIES") or "1",
        **{name: value for name, value in answers.items() if name != "host"},
    }
    if changes.get("EMAIL_URL") and not present.get("EMAIL_FROM"):
        changes["EMAIL_FROM"] = f"Pose Smart <posesmart@{host}>"
    return {name: value for name, value in changes.items() if value != present.get(name, "")}


def difference(before: str, after: str, path: Path) -> str:
    """What would change, without secrets."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"{path} now", f"{path} then", "", "", 1, "")
    return "\n".join(PASSWORD_IN_URL.sub(r"\1…\2", SECRET.sub(r"\1…", line)) for line in lines)


def write(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # with mode 600
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _with(listed: str, item: str) -> str:
    """A comma-separated list that has the item."""
    items = [entry.strip() for entry in listed.split(",") if entry.strip()]
    return ",".join(items if item in items else [*items, item])
