"""Settings from the environment: startup fails on an invalid value, and names it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from posesmart import env

ROOT = Path(__file__).parent.parent


def _start(*code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent"}
    program = "; ".join(("from posesmart import settings", *code))
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )


def test_empty_environment_uses_embedded_databases() -> None:
    result = _start("print(settings.DEBUG, settings.DATABASES['default']['ENGINE'], list(settings.DATABASES))")
    assert result.stdout.split() == ["True", "django.db.backends.sqlite3", "['default']"]


def test_secret_key_is_required_without_debug() -> None:
    result = _start(DEBUG="false")
    assert result.returncode == 1
    assert "SECRET_KEY is not set" in result.stderr


def test_secret_key_is_enough_without_debug() -> None:
    assert _start(DEBUG="false", SECRET_KEY="k" * 50).returncode == 0


def test_invalid_boolean_stops_startup() -> None:
    result = _start(DEBUG="maybe")
    assert result.returncode == 1
    assert "DEBUG is 'maybe'; it must be true or false." in result.stderr


def test_mongodb_uri_adds_a_second_database() -> None:
    result = _start("print(settings.DATABASES['mongodb']['HOST'])", MONGODB_URI="mongodb://127.0.0.1:1/")
    assert result.stdout.strip() == "mongodb://127.0.0.1:1/"


def test_mongodb_writes_are_journaled_with_a_timeout() -> None:
    code = "import json; print(json.dumps(settings.DATABASES['mongodb']['OPTIONS']))"
    result = _start(code, MONGODB_URI="mongodb://127.0.0.1:1/", MONGODB_TIMEOUT_MS="250")
    assert json.loads(result.stdout) == {"timeoutMS": 250, "w": "majority", "journal": True}


@pytest.mark.parametrize("value", ["0", "soon"])
def test_invalid_mongodb_timeout_stops_startup(value: str) -> None:
    result = _start(MONGODB_URI="mongodb://127.0.0.1:1/", MONGODB_TIMEOUT_MS=value)
    assert result.returncode == 1
    assert f"MONGODB_TIMEOUT_MS is '{value}'" in result.stderr


def _mysql(query: str = "", **environment: str) -> dict[str, Any]:
    """The default database in the settings, for a URL with this query; nothing connects."""
    url = f"mysql://pose:s%40cret@db.example:3307/posesmart{query}"
    code = "import json; print(json.dumps(settings.DATABASES['default']))"
    result = _start(code, DATABASE_URL=url, **environment)
    assert result.returncode == 0, result.stderr
    database: dict[str, Any] = json.loads(result.stdout)
    return database


def test_mysql_url_is_parsed_and_unquoted() -> None:
    database = _mysql()
    assert database["ENGINE"] == "django.db.backends.mysql"
    names = ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    assert [database[name] for name in names] == ["pose", "s@cret", "db.example", 3307, "posesmart"]


def test_mysql_is_utf8mb4_strict_and_read_committed() -> None:
    database = _mysql()
    options = database["OPTIONS"]
    assert options["charset"] == "utf8mb4"
    assert options["isolation_level"] == "read committed"
    assert "TRADITIONAL" in options.get("sql_mode", "") + options.get("init_command", "")
    assert 1 <= options["connect_timeout"] <= 10
    assert database["TEST"]["CHARSET"] == "utf8mb4"


def test_mysql_connections_persist_and_are_checked() -> None:
    assert (_mysql()["CONN_MAX_AGE"], _mysql()["CONN_HEALTH_CHECKS"]) == (60, True)
    assert _mysql(CONN_MAX_AGE="0")["CONN_MAX_AGE"] == 0


def test_mysql_url_options_override_the_defaults() -> None:
    query = "?ssl_mode=VERIFY_IDENTITY&read_timeout=20&connect_timeout=9&isolation_level=serializable"
    options = {
        "ssl_mode": "VERIFY_IDENTITY",
        "read_timeout": 20,
        "connect_timeout": 9,
        "isolation_level": "serializable",
    }
    assert _mysql(query)["OPTIONS"] == _mysql()["OPTIONS"] | options


def test_https_enables_redirect_and_secure_cookies() -> None:
    result = _start("print(settings.SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE)", HTTPS="yes")
    assert result.stdout.split() == ["True", "True"]


def test_environment_overrides_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("FRAME_MAX_BYTES=5000\nLOG_LEVEL=ERROR\n")
    result = _start(
        "print(settings.FRAME_MAX_BYTES, settings.LOGGING['root']['level'])", ENV_FILE=str(file), LOG_LEVEL="DEBUG"
    )
    assert result.stdout.split() == ["5000", "DEBUG"]


@pytest.mark.parametrize("value", ["few", "-1", "1.5", "0"])
def test_number_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HOURS", value)
    with pytest.raises(ImproperlyConfigured, match=r"HOURS is '.*'; it must be a whole number of at least 1"):
        env.get_int("HOURS", 24, minimum=1)


def test_huge_number_is_refused() -> None:
    for name in ("ACCESS_TOKEN_HOURS", "REFRESH_TOKEN_DAYS", "CONN_MAX_AGE"):
        assert f"{name} is '99999999999'; it must be at most " in _start(**{name: "99999999999"}).stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud'; it must be info or debug or "),
        ("TIME_ZONE", "Mars", "TIME_ZONE is 'Mars'; it must be a time zone's IANA name, such as Asia/Seoul."),
        ("WEB_CONCURRENCY", "many", "WEB_CONCURRENCY is 'many'; it must be a whole number of at least 1."),
    ],
)
def test_invalid_choice_is_named(name: str, value: str, sentence: str) -> None:
    assert sentence in _start(**{name: value}).stderr


@pytest.mark.parametrize("url", ["somewhere", "postgres://u:s3cret@db/x", "mysql://u:s3cret@db:port/x"])
def test_invalid_database_url_hides_its_password(url: str) -> None:
    message = _start(DATABASE_URL=url).stderr
    assert "DATABASE_URL must be sqlite:/// and the path of a file, or mysql://" in message
    assert "s3cret" not in message


def test_unreadable_settings_file_stops_startup(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_bytes(b"SECRET_KEY=\xff")
    assert f"The settings in {file} cannot be read: " in _start(ENV_FILE=str(file)).stderr
    if os.geteuid() != 0:  # root ignores permissions
        file.write_text("DEBUG=false")
        file.chmod(0)
        assert f"The settings in {file} cannot be read: " in _start(ENV_FILE=str(file)).stderr


@pytest.mark.parametrize(
    "address",
    [
        "login.example.com",
        "http://login.example.com",
        "https://",
        "https://u:p@login.example.com",
        "https://a.b/?c",
        "//x",
    ],
)
def test_company_login_must_be_at_a_safe_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OIDC_ISSUER", address)
    with pytest.raises(ImproperlyConfigured, match="it must be the provider's address"):
        env.issuer("OIDC_ISSUER")


@pytest.mark.parametrize(
    "address", ["", "https://login.example.com/realms/a", "http://localhost:8080", "http://[::1]:1"]
)
def test_company_login_may_be_on_this_machine(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("OIDC_ISSUER", address)
    assert env.issuer("OIDC_ISSUER") == address


def test_company_login_needs_what_the_provider_gives() -> None:
    result = _start(OIDC_ISSUER="https://login.example.com", OIDC_CLIENT_ID="pose-smart")
    assert "OIDC_CLIENT_SECRET is not set, and OIDC_ISSUER is of no use without it." in result.stderr


def test_choice_defaults_to_its_first_value() -> None:
    assert _start("print(settings.LOG_FORMAT)").stdout.strip() == "line"
    assert _start("print(settings.LOG_FORMAT)", LOG_FORMAT="JSON").stdout.strip() == "json"
    result = _start(LOG_FORMAT="xml")
    assert result.returncode == 1
    assert "LOG_FORMAT is 'xml'; it must be line or json." in result.stderr


def test_list_is_split_at_commas_and_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", " a.example , b.example,")
    assert env.get_list("HOSTS") == ["a.example", "b.example"]


def test_every_setting_is_in_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text()
    assert {name for name in _names_in_code() if f"{name}=" not in example} <= {"ENV_FILE"}


@pytest.mark.parametrize("page", ["docs/settings.md", "docs/ko/settings.md"])
def test_settings_table_is_complete(page: str) -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / page).read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(_names_in_code())


def _names_in_code() -> set[str]:
    code = (ROOT / "posesmart" / "settings.py").read_text() + (ROOT / "gunicorn.conf.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code))
    assert names
    return names
