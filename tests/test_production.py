"""deploy/production.env.example: with its secrets filled in, Django's checks report nothing."""

import base64
import os
import re
import secrets
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.gunicorn_server import ROOT

EXAMPLE = (ROOT / "deploy" / "production.env.example").read_text()
SECRETS = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "FACE_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


def fill_in(**changes: str) -> str:
    """The file as an administrator fills it in."""
    text = EXAMPLE.replace("PASSWORD@", "a%20long%40password@")
    for name, value in ({"WEIGHTS_LICENCE_READ": "true"} | SECRETS | changes).items():
        text, count = re.subn(rf"^{name}=.*$", lambda _, line=f"{name}={value}": line, text, flags=re.MULTILINE)  # type: ignore[misc]
        assert count == 1, name
    return text


def check(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "posesmart.env").write_text(text)
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "ENV_FILE": str(folder / "posesmart.env")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def _needs_mysqlclient() -> None:
    if find_spec("MySQLdb") is None:
        pytest.skip("no mysqlclient: install requirements-mysql.txt")


def test_complete_file_gives_no_warnings(tmp_path: Path) -> None:
    result = check(tmp_path, fill_in())
    assert (result.returncode, result.stdout) == (0, "System check identified no issues (0 silenced).\n"), result.stderr


@pytest.mark.parametrize(
    ("name", "value", "warning"),
    [
        ("WEIGHTS_LICENCE_READ", "false", "detections.W001"),
        ("FACE_KEYS", "", "accounts.W001"),
        ("MONGODB_URI", "", "mongos.W001"),
        ("HTTPS", "false", "security.W008"),
        ("DEBUG", "true", "security.W018"),
        ("SECRET_KEY", "short", "security.W009"),
    ],
)
def test_missing_setting_gives_a_warning(tmp_path: Path, name: str, value: str, warning: str) -> None:
    result = check(tmp_path, fill_in(**{name: value}))
    assert result.returncode == 1
    assert warning in result.stderr


def test_missing_secret_key_stops_startup(tmp_path: Path) -> None:
    result = check(tmp_path, fill_in(SECRET_KEY=""))
    assert result.returncode == 1
    assert "SECRET_KEY is not set" in result.stderr


def test_systemd_and_django_read_the_same_values() -> None:
    lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    values = dict(line.split("=", 1) for line in lines)
    assert len(values) == len(lines)
    for name, value in values.items():
        assert re.fullmatch("[A-Z_]+", name)
        assert not re.search(r"""[\s"'\\$#`]""", value), f"{name}: systemd or django-environ would change it"


def test_file_has_no_secret_and_no_unknown_setting() -> None:
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)) <= known
    assert {name for name in SECRETS if f"\n{name}=\n" in EXAMPLE} == set(SECRETS)
    assert set(re.findall(r":([^:/\s]+)@", EXAMPLE)) == {"PASSWORD"}
