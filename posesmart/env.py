"""Reads settings from the environment. A value that is not valid raises ImproperlyConfigured, which says why."""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

LARGEST = 2**31 - 1  # of numbers without a limit of their own: databases and the C library accept it
FERNET_KEY_BYTES = 32
RATE = re.compile(r"[1-9]\d*/(s|sec|m|min|h|hour|d|day)")
REDIS_SCHEMES = ("redis", "rediss", "unix")
DATABASE_SCHEMES = ("sqlite", "mysql")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LOG_LEVELS = ("info", "debug", "warning", "error", "critical")  # the default first


def read_file(path: Path) -> None:
    """Read a file of NAME=value lines into the environment, if it exists. Variables already set there win."""
    try:
        if path.is_file():
            path.read_text("utf-8")  # read_env ignores a file that it cannot open
            environ.Env.read_env(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The settings in {path} cannot be read: {error}.") from error


def get_str(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def get_bool(name: str, default: bool) -> bool:
    value = get_str(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be true or false.")
    return value in TRUE


def get_int(name: str, default: int, minimum: int = 0, maximum: int = LARGEST) -> int:
    value = get_str(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number of at least {minimum}.")
    if int(value) > maximum:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be at most {maximum}.")
    return int(value)


def rate(name: str, default: str) -> str:
    """A number per period, such as 120/min."""
    value = get_str(name) or default
    if not RATE.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a number per s, min, hour or day: 120/min.")
    return value


def redis_url(name: str) -> str:
    """The URL of a Redis server, or an empty string."""
    value = get_str(name)
    if value and urlsplit(value).scheme not in REDIS_SCHEMES:  # the message omits the value: it may hold a password
        raise ImproperlyConfigured(f"{name} must begin with one of {', '.join(REDIS_SCHEMES)}, followed by ://.")
    return value


def choice(name: str, choices: Sequence[str]) -> str:
    """One of `choices`; the first if none is set."""
    value = get_str(name).lower() or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be {' or '.join(choices)}.")
    return value


def get_list(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [item.strip() for item in get_str(name, default).split(",") if item.strip()]


def secret(name: str, default: str | None) -> str:
    """A value that must be set if it has no default."""
    value = get_str(name) or default
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it to a long random value, in the environment or in .env. This command prints "
            'one: python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return value


def needed(name: str, by: str) -> str:
    """A value that another setting, `by`, makes necessary."""
    value = get_str(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set, and {by} is of no use without it. Set both or neither.")
    return value


def fernet_keys(name: str) -> list[str]:
    """Comma-separated keys of 32 bytes in URL-safe base64."""
    keys = get_list(name)
    for number, key in enumerate(keys, 1):
        try:
            is_valid = len(base64.b64decode(key, altchars=b"-_", validate=True)) == FERNET_KEY_BYTES
        except (binascii.Error, ValueError):
            is_valid = False
        if not is_valid:  # the message leaves the key out: it may be a real one with a typing error
            raise ImproperlyConfigured(
                f'{name}: number {number} is not a key. This prints one: python -c "import base64, secrets; '
                'print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"'
            )
    return keys


def cache_folder() -> Path:
    """This user's cache folder for Pose Smart (XDG), for files that can be made again."""
    return Path(get_str("XDG_CACHE_HOME") or Path.home() / ".cache") / "posesmart"


def database(name: str, default: str) -> dict[str, Any]:
    """An entry of Django's DATABASES, from a URL such as sqlite:////var/lib/posesmart/db.sqlite3."""
    url = get_str(name) or default
    try:
        config = environ.Env.db_url_config(url) if urlsplit(url).scheme in DATABASE_SCHEMES else None
    except ValueError:
        config = None
    if not config:  # the message omits the value: it may hold a password
        raise ImproperlyConfigured(
            f"{name} must be sqlite:/// and the path of a file, or mysql://user:password@host:3306/name, "
            "for MariaDB as well."
        )
    return cast(dict[str, Any], dict(config))


def email(name: str) -> dict[str, Any]:
    """Django's settings for mail, from a URL such as smtp+tls://user:password@host:587; empty without one."""
    url = get_str(name)
    if not url:
        return {}
    try:
        config = environ.Env.email_url_config(url) if urlsplit(url).scheme in environ.Env.EMAIL_SCHEMES else None
    except ValueError:
        config = None
    if not config:  # the message omits the value: it may hold a password
        raise ImproperlyConfigured(
            f"{name} must be smtp+tls://user:password@host:587, smtp+ssl://user:password@host:465 or smtp://host:25; a "
            "sign such as @ in the user or the password is written as %40."
        )
    return cast(dict[str, Any], dict(config))


def issuer(name: str) -> str:
    """The address of an OpenID Connect provider, or an empty string. Over HTTPS, except on this machine."""
    value = get_str(name)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        is_plain = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        is_safe = is_plain = False
    if not (is_safe and is_plain):
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it must be the provider's address: https://login.example.com."
        )
    return value


def time_zone(name: str, default: str) -> str:
    """The IANA name of a time zone."""
    value = get_str(name) or default
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        message = f"{name} is {value!r}; it must be a time zone's IANA name, such as {default}."
        raise ImproperlyConfigured(message) from error
    return value
