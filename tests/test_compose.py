"""compose.yaml and the Dockerfile, parsed and linted: the checks that need no Docker engine."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from django.conf import settings

from posesmart import env
from tests.environment import settings_in
from tests.gunicorn_server import serving
from tests.nginx_server import TEMPLATE, defaults

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECRETS_EXAMPLE = (ROOT / "deploy" / "compose.env.example").read_text()

DATABASES = ("mysql", "mongodb")
STORES = (*DATABASES, "redis")
OURS = ("app", "prepare")
ENDING = {"prepare", "certbot"}  # they run once and exit
READ_ONLY = ("nginx", "certbot", "app", "prepare", "redis")
CERTIFICATE_SCRIPT = "nginx/10-certificate.sh"
SECRETS = {
    "SECRET_KEY",
    "FACE_KEYS",
    "MYSQL_ROOT_PASSWORD",
    "MYSQL_PASSWORD",
    "MONGODB_ROOT_PASSWORD",
    "MONGODB_PASSWORD",
    "REDIS_PASSWORD",
}
FOR_BOTH = {"ALLOWED_HOSTS", "FRAME_MAX_BYTES"}
# Variables of compose.yaml itself.
NOT_FOR_THE_APP = {
    *("SERVER_NAME", "TLS_CERTIFICATE", "TLS_CERTIFICATE_KEY", "HTTP_PORT", "HTTPS_PORT", "REAL_IP"),
    *("POSESMART_IMAGE", "APP_MEMORY"),
    *(f"{name}_IMAGE" for name in ("PYTHON", "NGINX", "CERTBOT", "MYSQL", "MONGODB", "REDIS")),
}
# Set in the image, or of no use in a container.
NOT_FOR_COMPOSE = {"BIND", "SPOOL_DIR", "MODEL_CACHE_DIR", "STATIC_ROOT", "ENV_FILE"}


def _tool(name: str) -> str:
    """A linter beside this interpreter."""
    path = Path(sys.executable).parent / name
    if not path.is_file():
        pytest.skip(f"no {name}: install requirements-dev.txt")
    return str(path)


def _lint(*command: str) -> None:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr


def _names(text: str) -> set[str]:
    """The settings in an example file, including those commented out."""
    return set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))


def _mounts(service: dict[str, Any]) -> dict[str, str]:
    """A service's mounts: the volume's name or path by its mount point."""
    return {target: name for name, target in (volume.split(":")[:2] for volume in service.get("volumes", []))}


def _temporary(service: dict[str, Any]) -> set[str]:
    return {mount.partition(":")[0] for mount in service["tmpfs"]}


def _image_environment() -> dict[str, str]:
    (block,) = re.findall(r"^ENV ((?:.*\\\n)+.*)$", DOCKERFILE, re.MULTILINE)
    return dict(re.findall(r"(\w+)=(\S+)", block))


def _seconds(duration: str) -> int:
    assert re.fullmatch(r"\d+s", duration)
    return int(duration.removesuffix("s"))


def _mebibytes(size: str) -> float:
    found = re.fullmatch(r"(?:\$\{\w+:-)?(\d+)([gm])\}?", size)
    assert found, size
    return int(found[1]) * (1024 if found[2] == "g" else 1)


def test_dockerfile_passes_its_linter() -> None:
    _lint(_tool("hadolint"), "Dockerfile")


def test_compose_file_matches_dockers_schema() -> None:
    _lint(_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def _resolve(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """compose.yaml as Docker Compose itself reads it, with this environment."""
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    command = [_tool("docker-compose"), "--env-file", str(tmp_path / ".env"), "config", "--format", "json"]
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False, timeout=300)


def test_missing_secret_stops_compose(tmp_path: Path) -> None:
    filled = dict.fromkeys(SECRETS, "filled-in")
    assert _resolve(tmp_path, **filled).returncode == 0
    for name in SECRETS:
        result = _resolve(tmp_path, **filled | {name: ""})
        assert result.returncode != 0
        assert re.search(rf"\b{name} .*is missing in .env, see deploy/compose.env.example", result.stderr)


def test_compose_passes_on_the_env_file(tmp_path: Path) -> None:
    chosen = {"SERVER_NAME": "pose.example.com", "POSESMART_IMAGE": "acme/posesmart:1a2b3c4", "HTTPS_PORT": "8443"}
    services = json.loads(_resolve(tmp_path, **dict.fromkeys(SECRETS, "filled-in"), **chosen).stdout)["services"]
    assert services["app"]["image"] == services["prepare"]["image"] == "acme/posesmart:1a2b3c4"
    assert services["app"]["environment"]["ALLOWED_HOSTS"] == "pose.example.com,127.0.0.1"
    assert services["app"]["environment"]["REDIS_URL"] == "redis://:filled-in@redis:6379/0"
    assert services["nginx"]["environment"]["SERVER_NAME"] == "pose.example.com"
    assert services["nginx"]["ports"][1]["published"] == "8443"
    assert "certbot" not in services  # it runs only on demand


def test_only_nginx_is_published() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["${HTTP_PORT:-80}:80", "${HTTPS_PORT:-443}:443"]
    }


def test_app_and_stores_cannot_reach_outside() -> None:
    for name in STORES:
        assert SERVICES[name]["networks"] == ["stores"]
    assert set(SERVICES["app"]["networks"]) == {"front", "stores"}
    assert set(SERVICES["nginx"]["networks"]) == {"outside", "front"}
    assert {name for name, network in COMPOSE["networks"].items() if network == {"internal": True}} == {
        *SERVICES["app"]["networks"]
    }


def test_services_start_in_dependency_order() -> None:
    healthy = {name: {"condition": "service_healthy"} for name in STORES}
    assert SERVICES["prepare"]["depends_on"] == {name: healthy[name] for name in DATABASES}
    assert SERVICES["app"]["depends_on"] == healthy | {"prepare": {"condition": "service_completed_successfully"}}
    assert SERVICES["nginx"]["depends_on"] == {"app": {"condition": "service_healthy"}}
    for name in ("nginx", *STORES):
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(SERVICES[name]["healthcheck"])


def _nginx_variables() -> dict[str, str]:
    own: dict[str, str] = SERVICES["nginx"]["environment"]
    assert SERVICES["nginx"]["env_file"] == "nginx/posesmart.env"
    return defaults() | own


def test_nginx_gets_exactly_its_templates_variables() -> None:
    expected = set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text()))
    assert set(_nginx_variables()) == expected
    mounts = _mounts(SERVICES["nginx"])
    assert mounts["/etc/nginx/templates/posesmart.conf.template"] == "./nginx/posesmart.conf.template"
    assert "/etc/nginx/conf.d" in _temporary(SERVICES["nginx"])  # where nginx's image writes the filled-in template


def test_nginx_mounts_match_its_variables() -> None:
    variables, mounts = _nginx_variables(), _mounts(SERVICES["nginx"])
    assert mounts[f"{variables['STATIC_PARENT']}/static"] == "static"
    assert mounts[variables["ACME_ROOT"]] == "acme"
    found = re.search(r"\$\{TLS_CERTIFICATE:-(.+)/self-made.pem\}", variables["TLS_CERTIFICATE"])
    assert found
    assert mounts[found[1]] == "tls"
    # certbot's files have the same paths in both containers.
    certbot = _mounts(SERVICES["certbot"])
    assert certbot == {folder: mounts[folder] for folder in ("/etc/letsencrypt", "/var/www/acme")}
    (folder,) = re.findall(r"^#TLS_CERTIFICATE=(.+)/live/.+$", SECRETS_EXAMPLE, re.MULTILINE)
    assert folder == "/etc/letsencrypt"


def test_nginx_resolves_the_apps_address_again() -> None:
    assert re.fullmatch(
        r"resolver 127\.0\.0\.11 valid=\ds ipv6=off; server app:8000 resolve;", _nginx_variables()["UPSTREAM_SERVERS"]
    )
    (upstream,) = re.findall(r"^upstream posesmart \{$(.*?)^\}$", TEMPLATE.read_text(), re.MULTILINE | re.DOTALL)
    assert re.search(r"^    zone \w+ \d+k;$", upstream, re.MULTILINE)  # required by `resolve`


def test_app_is_configured_for_nginx_and_tls() -> None:
    environment = SERVICES["app"]["environment"]
    assert (environment["HTTPS"], environment["TRUSTED_PROXIES"]) == ("true", "1")


def test_static_files_belong_to_the_release() -> None:
    # A volume takes an image's files only once, so each release copies its files there.
    (folder,) = _mounts(SERVICES["prepare"])
    command = SERVICES["prepare"]["command"][-1]
    assert f"STATIC_ROOT={folder} python manage.py collectstatic --no-input" in command
    assert f"-m 755 {folder}" in DOCKERFILE
    assert _mounts(SERVICES["prepare"])[folder] == "static"


def _certificate(tmp_path: Path, names: str) -> tuple[Path, Path]:
    pem, key = tmp_path / "self-made.pem", tmp_path / "self-made.key"
    environment = {"TLS_CERTIFICATE": str(pem), "TLS_CERTIFICATE_KEY": str(key), "SERVER_NAME": names}
    subprocess.run(
        [ROOT / CERTIFICATE_SCRIPT], env={"PATH": os.environ["PATH"]} | environment, check=True, capture_output=True
    )
    return pem, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_certificate_is_created_once(tmp_path: Path) -> None:
    pem, key = _certificate(tmp_path, "pose.example.com www.example.com")
    certificate = x509.load_pem_x509_certificate(pem.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["pose.example.com", "www.example.com"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = pem.read_bytes()
    _certificate(tmp_path, "localhost")
    assert pem.read_bytes() == before


def test_certificate_script_runs_before_the_template() -> None:
    target = next(
        target for target, source in _mounts(SERVICES["nginx"]).items() if source == f"./{CERTIFICATE_SCRIPT}"
    )
    assert re.fullmatch(r"/docker-entrypoint\.d/1\d-\w+\.sh", target)  # the script numbered 20 fills in the template
    assert os.access(ROOT / CERTIFICATE_SCRIPT, os.X_OK)  # otherwise it is skipped


def test_read_only_service_has_no_inline_config() -> None:
    # Docker Compose writes those into the container, and refuses if it may not.
    assert [name for name in READ_ONLY if "configs" in SERVICES[name] or "secrets" in SERVICES[name]] == []


def test_health_check_logs_in_over_the_network() -> None:
    # On the first start a server that only listens locally creates the users; it must not count as healthy.
    mysql, mongodb = (SERVICES[name]["healthcheck"]["test"][1] for name in DATABASES)
    assert "--host=127.0.0.1" in mysql
    assert "--user=posesmart" in mysql
    assert "mongodb://posesmart:$$MONGODB_PASSWORD@mongodb:27017/posesmart" in mongodb


def test_persistent_data_is_on_volumes() -> None:
    image = _image_environment()
    mounts = {name: _mounts(service) for name, service in SERVICES.items()}
    assert set(mounts["mysql"]) == {"/var/lib/mysql"}
    assert set(mounts["mongodb"]) == {"/data/db"}
    assert set(mounts["app"]) == {image["SPOOL_DIR"], image["MODEL_CACHE_DIR"]}
    used = {source for mounted in mounts.values() for source in mounted.values() if not source.startswith("./")}
    assert used == set(COMPOSE["volumes"])


def test_every_secret_is_required_and_documented() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE_TEXT))
    assert required == SECRETS
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) == SECRETS | NOT_FOR_THE_APP | FOR_BOTH
    assert _names(SECRETS_EXAMPLE) >= NOT_FOR_THE_APP
    assert set(re.findall(r"^([A-Z_]+)=$", SECRETS_EXAMPLE, re.MULTILINE)) == SECRETS  # without a value


def test_app_gets_no_root_password() -> None:
    for name in (*OURS, "nginx"):
        assert not re.search("ROOT_PASSWORD", yaml.safe_dump(SERVICES[name]))
    assert not re.search("PASSWORD|SECRET", yaml.safe_dump(SERVICES["nginx"]))


def test_compose_passes_exactly_the_known_settings() -> None:
    known = _names((ROOT / ".env.example").read_text())
    passed = set(SERVICES["app"]["environment"])
    assert passed <= known
    assert known - passed == NOT_FOR_COMPOSE
    assert SERVICES["prepare"]["environment"] == SERVICES["app"]["environment"]
    assert set(_image_environment()) & NOT_FOR_COMPOSE == {"BIND", "SPOOL_DIR", "MODEL_CACHE_DIR"}
    assert _names(SECRETS_EXAMPLE) - SECRETS - NOT_FOR_THE_APP <= passed


def test_database_addresses_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = SERVICES["app"]["environment"]
    monkeypatch.setenv("ADDRESS", re.sub(r"\$\{.*?\}", "p4ss-W_rd", environment["DATABASE_URL"]))
    database = env.database("ADDRESS", "")
    assert (database["ENGINE"], database["HOST"], database["PORT"]) == ("django.db.backends.mysql", "mysql", 3306)
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("posesmart", "p4ss-W_rd", "posesmart")
    assert re.fullmatch(
        r"mongodb://posesmart:\$\{.*\}@mongodb:27017/\?authSource=posesmart", environment["MONGODB_URI"]
    )


def test_mongodb_user_has_only_the_needed_roles() -> None:
    (config,) = SERVICES["mongodb"]["configs"]
    assert config["target"].startswith("/docker-entrypoint-initdb.d/")
    assert config["target"].endswith(".js")
    script = COMPOSE["configs"][config["source"]]["content"]
    # dbAdmin for collMod: `prepare_archive` changes the retention of frames.
    assert re.findall(r'role: "(\w+)", db: "(\w+)"', script) == [("readWrite", "posesmart"), ("dbAdmin", "posesmart")]
    assert "pwd: process.env.MONGODB_PASSWORD" in script


@pytest.mark.parametrize("name", READ_ONLY)
def test_container_without_a_database_is_read_only(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "privileged" not in service
    assert "cap_add" not in service or name == "nginx"
    if name in OURS:
        assert "user" not in service  # the image's user, which is not root


def test_mongodb_cache_fits_its_memory_limit() -> None:
    command = SERVICES["mongodb"]["command"]
    cache_gb = float(command[command.index("--wiredTigerCacheSizeGB") + 1])
    assert cache_gb * 1024 <= _mebibytes(SERVICES["mongodb"]["mem_limit"]) / 2


def test_docker_waits_for_requests_in_flight() -> None:
    app = SERVICES["app"]
    assert _seconds(app["stop_grace_period"]) > int(app["environment"]["GRACEFUL_TIMEOUT"])
    assert SERVICES["nginx"]["stop_grace_period"] == app["stop_grace_period"]
    for name in DATABASES:
        assert _seconds(SERVICES[name]["stop_grace_period"]) >= 60


def test_image_is_not_root_and_has_no_secret() -> None:
    _, building, image = DOCKERFILE.split("\nFROM ")
    assert "build-essential" in building
    assert "build-essential" not in image
    assert re.findall(r"^USER (\d+):(\d+)$", image, re.MULTILINE) == [("10001", "10001")]
    assert set(_image_environment()) & (SECRETS | {"DATABASE_URL", "MONGODB_URI"}) == set()
    assert _image_environment()["DEBUG"] == "false"


def test_image_contains_every_app_and_no_secret() -> None:
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert first == "*"
    included = {line.removeprefix("!") for line in rest if line.startswith("!")}
    apps = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    needed = {"posesmart", "common", "ai_models", "manage.py", "gunicorn.conf.py"}
    needed |= {"requirements.txt", "requirements-mysql.txt", "requirements-browser-mode.txt"}
    assert included == apps | needed | {"deploy/ask.py", "deploy/setup/trim.sh", "locale"}


def test_health_check_fails_without_a_response(tmp_path: Path) -> None:
    command = re.findall(r'^HEALTHCHECK .*\\\n    CMD \["python", "deploy/ask.py", "(.*)"\]$', DOCKERFILE, re.MULTILINE)
    assert command == ["/healthz"]
    # As in compose.yaml: a probe needs no host name, HTTPS or token. The tables do not exist.
    environment = settings_in(
        tmp_path,
        DATABASE_URL="sqlite:////nonexistent/db.sqlite3",
        ALLOWED_HOSTS="pose.example.com",
        HTTPS="true",
        WEB_CONCURRENCY="1",
    )
    with serving("", **environment) as server:
        server.started_workers()
        assert _ask("/healthz", server.port) == (0, {"status": "ok"})
        code, response = _ask("/readyz", server.port)
        assert (code, response["status"], response["database"]) == (1, "unavailable", {"status": "unavailable"})
        port = server.port
    assert _ask("/healthz", port) == (1, None)


def _ask(path: str, port: int) -> tuple[int, Any]:
    """deploy/ask.py's exit status for a port, and the response that it prints."""
    program = (ROOT / "deploy" / "ask.py").read_text().replace("8000", str(port))
    command = [sys.executable, "-c", program, path]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return result.returncode, json.loads(result.stdout) if result.stdout else None


def test_every_image_can_be_pinned_by_digest() -> None:
    """By a variable that deploy/compose.env.example lists with the same tag."""
    images = {name: service["image"] for name, service in SERVICES.items()} | {"base": _python_image()}
    for name, image in images.items():
        variable, tag = re.fullmatch(r"\$\{([A-Z]+_IMAGE):-(.+)\}", image).groups()  # type: ignore[union-attr]
        if name not in OURS:
            assert f"\n#{variable}={tag}\n" in SECRETS_EXAMPLE, name
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    assert f"ARG PYTHON_IMAGE={_python_image()[len('${PYTHON_IMAGE:-') : -1]}\n" in DOCKERFILE


def _python_image() -> str:
    return str(SERVICES["app"]["build"]["args"]["PYTHON_IMAGE"])


def test_build_gets_every_file_that_it_copies() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    sent = tuple(line[1:] for line in lines if line.startswith("!"))
    copied = [
        line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    names = [name for sources in copied for name in sources if name != "."]
    assert len(names) > 5
    assert [
        name for name in names if name not in sent and not name.startswith(tuple(f"{each}/" for each in sent))
    ] == []
