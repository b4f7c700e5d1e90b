"""compose.yaml and the Dockerfile, read and linted: what can be told of them without a Docker engine."""

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
# Of compose.yaml itself.
NOT_FOR_THE_APP = {
    *("SERVER_NAME", "TLS_CERTIFICATE", "TLS_CERTIFICATE_KEY", "HTTP_PORT", "HTTPS_PORT", "REAL_IP"),
    *("POSESMART_IMAGE", "APP_MEMORY"),
}
# Set where the image is made, or of no use in a container.
NOT_FOR_COMPOSE = {"BIND", "SPOOL_DIR", "MODEL_CACHE_DIR", "STATIC_ROOT", "ENV_FILE"}


def _tool(name: str) -> str:
    """A linter beside this interpreter."""
    path = Path(sys.executable).parent / name
    if not path.is_file():
        pytest.skip(f"no {name}: install requirements-dev.txt")
    return str(path)


def _lint(*command: str) -> None:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _names(text: str) -> set[str]:
    """The settings of an example file, those commented out too."""
    return set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))


def _mounts(service: dict[str, Any]) -> dict[str, str]:
    """What stands where in a service: a volume's name or a path by its place."""
    return {target: name for name, target in (volume.split(":")[:2] for volume in service.get("volumes", []))}


def _temporary(service: dict[str, Any]) -> set[str]:
    return {place.partition(":")[0] for place in service["tmpfs"]}


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


def test_the_dockerfile_passes_its_linter() -> None:
    _lint(_tool("hadolint"), "Dockerfile")


def test_compose_fits_dockers_schema() -> None:
    _lint(_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def _resolved(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """compose.yaml as Docker Compose itself reads it, with this environment."""
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    command = [_tool("docker-compose"), "--env-file", str(tmp_path / ".env"), "config", "--format", "json"]
    clean = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False, timeout=60)


def test_compose_starts_nothing_while_a_secret_is_missing(tmp_path: Path) -> None:
    filled = dict.fromkeys(SECRETS, "filled-in")
    assert _resolved(tmp_path, **filled).returncode == 0
    for name in SECRETS:
        result = _resolved(tmp_path, **filled | {name: ""})
        assert result.returncode != 0
        assert re.search(rf"\b{name} .*is missing in .env, see deploy/compose.env.example", result.stderr)


def test_compose_hands_on_what_the_env_file_says(tmp_path: Path) -> None:
    chosen = {"SERVER_NAME": "pose.example.com", "POSESMART_IMAGE": "acme/posesmart:1a2b3c4", "HTTPS_PORT": "8443"}
    services = json.loads(_resolved(tmp_path, **dict.fromkeys(SECRETS, "filled-in"), **chosen).stdout)["services"]
    assert services["app"]["image"] == services["prepare"]["image"] == "acme/posesmart:1a2b3c4"
    assert services["app"]["environment"]["ALLOWED_HOSTS"] == "pose.example.com,127.0.0.1"
    assert services["app"]["environment"]["REDIS_URL"] == "redis://:filled-in@redis:6379/0"
    assert services["nginx"]["environment"]["SERVER_NAME"] == "pose.example.com"
    assert services["nginx"]["ports"][1]["published"] == "8443"
    assert "certbot" not in services  # only when it is called


def test_only_nginx_is_published() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["${HTTP_PORT:-80}:80", "${HTTPS_PORT:-443}:443"]
    }


def test_neither_the_app_nor_a_store_has_a_way_out() -> None:
    for name in STORES:
        assert SERVICES[name]["networks"] == ["stores"]
    assert set(SERVICES["app"]["networks"]) == {"front", "stores"}
    assert set(SERVICES["nginx"]["networks"]) == {"outside", "front"}
    assert {name for name, network in COMPOSE["networks"].items() if network == {"internal": True}} == {
        *SERVICES["app"]["networks"]
    }


def test_the_app_starts_when_the_stores_are_healthy_and_prepared_and_nginx_after_it() -> None:
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


def test_nginx_gets_every_variable_of_its_template_and_no_other() -> None:
    wanted = set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text()))
    assert set(_nginx_variables()) == wanted
    mounts = _mounts(SERVICES["nginx"])
    assert mounts["/etc/nginx/templates/posesmart.conf.template"] == "./nginx/posesmart.conf.template"
    assert "/etc/nginx/conf.d" in _temporary(SERVICES["nginx"])  # where nginx's image writes it, filled in


def test_nginx_finds_its_files_where_others_put_them() -> None:
    variables, mounts = _nginx_variables(), _mounts(SERVICES["nginx"])
    assert mounts[f"{variables['STATIC_PARENT']}/static"] == "static"
    assert mounts[variables["ACME_ROOT"]] == "acme"
    made = re.search(r"\$\{TLS_CERTIFICATE:-(.+)/self-made.pem\}", variables["TLS_CERTIFICATE"])
    assert made
    assert mounts[made[1]] == "tls"
    # certbot's, under the same paths for both.
    certbot = _mounts(SERVICES["certbot"])
    assert certbot == {place: mounts[place] for place in ("/etc/letsencrypt", "/var/www/acme")}
    (place,) = re.findall(r"^#TLS_CERTIFICATE=(.+)/live/.+$", SECRETS_EXAMPLE, re.MULTILINE)
    assert place == "/etc/letsencrypt"


def test_nginx_finds_the_app_again_when_its_address_changes() -> None:
    assert re.fullmatch(
        r"resolver 127\.0\.0\.11 valid=\ds ipv6=off; server app:8000 resolve;", _nginx_variables()["UPSTREAM_SERVERS"]
    )
    (upstream,) = re.findall(r"^upstream posesmart \{$(.*?)^\}$", TEMPLATE.read_text(), re.MULTILINE | re.DOTALL)
    assert re.search(r"^    zone \w+ \d+k;$", upstream, re.MULTILINE)  # which `resolve` needs


def test_the_app_knows_that_it_stands_behind_nginx_and_tls_whatever_the_env_file_says() -> None:
    environment = SERVICES["app"]["environment"]
    assert (environment["HTTPS"], environment["TRUSTED_PROXIES"]) == ("true", "1")


def test_static_files_are_those_of_the_release() -> None:
    # A volume takes an image's files only once: what a release brings is put there each time.
    (place,) = _mounts(SERVICES["prepare"])
    command = SERVICES["prepare"]["command"][-1]
    assert f"STATIC_ROOT={place} python manage.py collectstatic --no-input" in command
    assert f"-m 755 {place}" in DOCKERFILE
    assert _mounts(SERVICES["prepare"])[place] == "static"


def _certificate(tmp_path: Path, names: str) -> tuple[Path, Path]:
    pem, key = tmp_path / "self-made.pem", tmp_path / "self-made.key"
    environment = {"TLS_CERTIFICATE": str(pem), "TLS_CERTIFICATE_KEY": str(key), "SERVER_NAME": names}
    subprocess.run(
        [ROOT / CERTIFICATE_SCRIPT], env={"PATH": os.environ["PATH"]} | environment, check=True, capture_output=True
    )
    return pem, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_a_certificate_is_made_once_for_the_servers_names_with_a_private_key(tmp_path: Path) -> None:
    pem, key = _certificate(tmp_path, "pose.example.com www.example.com")
    made = x509.load_pem_x509_certificate(pem.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["pose.example.com", "www.example.com"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = pem.read_bytes()
    _certificate(tmp_path, "localhost")
    assert pem.read_bytes() == before


def test_nginxs_image_runs_the_certificate_script_before_it_reads_the_configuration() -> None:
    target = next(
        target for target, source in _mounts(SERVICES["nginx"]).items() if source == f"./{CERTIFICATE_SCRIPT}"
    )
    assert re.fullmatch(r"/docker-entrypoint\.d/1\d-\w+\.sh", target)  # 20 fills in the template
    assert os.access(ROOT / CERTIFICATE_SCRIPT, os.X_OK)  # else it is passed over


def test_a_read_only_service_has_no_inline_config() -> None:
    # Docker Compose writes those into the container, and refuses where it may not.
    assert [name for name in READ_ONLY if "configs" in SERVICES[name] or "secrets" in SERVICES[name]] == []


def test_a_database_is_healthy_only_when_the_apps_user_can_log_in_over_the_network() -> None:
    # On the first start a server that only listens inside makes the users; it must not pass for the real one.
    mysql, mongodb = (SERVICES[name]["healthcheck"]["test"][1] for name in DATABASES)
    assert "--host=127.0.0.1" in mysql
    assert "--user=posesmart" in mysql
    assert "mongodb://posesmart:$$MONGODB_PASSWORD@mongodb:27017/posesmart" in mongodb


def test_what_must_last_is_on_volumes_of_its_own() -> None:
    image = _image_environment()
    places = {name: _mounts(service) for name, service in SERVICES.items()}
    assert set(places["mysql"]) == {"/var/lib/mysql"}
    assert set(places["mongodb"]) == {"/data/db"}
    assert set(places["app"]) == {image["SPOOL_DIR"], image["MODEL_CACHE_DIR"]}
    used = {source for place in places.values() for source in place.values() if not source.startswith("./")}
    assert used == set(COMPOSE["volumes"])


def test_every_secret_has_to_be_set_and_stands_in_the_example() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE_TEXT))
    assert required == SECRETS
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) == SECRETS | NOT_FOR_THE_APP | FOR_BOTH
    assert _names(SECRETS_EXAMPLE) >= NOT_FOR_THE_APP
    assert set(re.findall(r"^([A-Z_]+)=$", SECRETS_EXAMPLE, re.MULTILINE)) == SECRETS  # without a value


def test_the_databases_root_passwords_never_reach_the_app() -> None:
    for name in (*OURS, "nginx"):
        assert not re.search("ROOT_PASSWORD", yaml.safe_dump(SERVICES[name]))
    assert not re.search("PASSWORD|SECRET", yaml.safe_dump(SERVICES["nginx"]))


def test_every_name_handed_to_the_app_is_a_setting_and_every_setting_can_be_handed() -> None:
    settings_known = _names((ROOT / ".env.example").read_text())
    handed = set(SERVICES["app"]["environment"])
    assert handed <= settings_known
    assert settings_known - handed == NOT_FOR_COMPOSE
    assert SERVICES["prepare"]["environment"] == SERVICES["app"]["environment"]
    assert set(_image_environment()) & NOT_FOR_COMPOSE == {"BIND", "SPOOL_DIR", "MODEL_CACHE_DIR"}
    assert _names(SECRETS_EXAMPLE) - SECRETS - NOT_FOR_THE_APP <= handed


def test_the_addresses_of_both_databases_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = SERVICES["app"]["environment"]
    monkeypatch.setenv("ADDRESS", re.sub(r"\$\{.*?\}", "p4ss-W_rd", environment["DATABASE_URL"]))
    database = env.database("ADDRESS", "")
    assert (database["ENGINE"], database["HOST"], database["PORT"]) == ("django.db.backends.mysql", "mysql", 3306)
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("posesmart", "p4ss-W_rd", "posesmart")
    assert re.fullmatch(
        r"mongodb://posesmart:\$\{.*\}@mongodb:27017/\?authSource=posesmart", environment["MONGODB_URI"]
    )


def test_mongodbs_user_may_do_what_the_archive_needs_and_nothing_elsewhere() -> None:
    (config,) = SERVICES["mongodb"]["configs"]
    assert config["target"].startswith("/docker-entrypoint-initdb.d/")
    assert config["target"].endswith(".js")
    script = COMPOSE["configs"][config["source"]]["content"]
    # dbAdmin for collMod: `prepare_archive` changes how long frames are kept.
    assert re.findall(r'role: "(\w+)", db: "(\w+)"', script) == [("readWrite", "posesmart"), ("dbAdmin", "posesmart")]
    assert "pwd: process.env.MONGODB_PASSWORD" in script


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_container_of_no_database_can_change_nothing_but_its_volumes(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "privileged" not in service
    assert "cap_add" not in service or name == "nginx"
    if name in OURS:
        assert "user" not in service  # the image's own, which is not root


def test_mongodbs_cache_leaves_room_under_its_memory_limit() -> None:
    command = SERVICES["mongodb"]["command"]
    cache_gb = float(command[command.index("--wiredTigerCacheSizeGB") + 1])
    assert cache_gb * 1024 <= _mebibytes(SERVICES["mongodb"]["mem_limit"]) / 2


def test_requests_under_way_are_waited_for_before_docker_kills() -> None:
    app = SERVICES["app"]
    assert _seconds(app["stop_grace_period"]) > int(app["environment"]["GRACEFUL_TIMEOUT"])
    assert SERVICES["nginx"]["stop_grace_period"] == app["stop_grace_period"]
    for name in DATABASES:
        assert _seconds(SERVICES[name]["stop_grace_period"]) >= 60


def test_the_image_runs_as_a_user_who_is_not_root_and_holds_no_secret() -> None:
    _, building, image = DOCKERFILE.split("\nFROM ")
    assert "build-essential" in building
    assert "build-essential" not in image
    assert re.findall(r"^USER (\d+):(\d+)$", image, re.MULTILINE) == [("10001", "10001")]
    assert set(_image_environment()) & (SECRETS | {"DATABASE_URL", "MONGODB_URI"}) == set()
    assert _image_environment()["DEBUG"] == "false"


def test_the_image_takes_in_every_app_and_no_secret() -> None:
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert first == "*"
    let_in = {line.removeprefix("!") for line in rest if line.startswith("!")}
    apps = {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    needed = {"posesmart", "ai_models", "manage.py", "gunicorn.conf.py", "requirements.txt", "requirements-mysql.txt"}
    assert let_in == apps | needed | {"deploy/ask.py", "locale"}


def test_the_health_check_passes_on_an_answer_and_fails_on_none() -> None:
    command = re.findall(r'^HEALTHCHECK .*\\\n    CMD \["python", "deploy/ask.py", "(.*)"\]$', DOCKERFILE, re.MULTILINE)
    assert command == ["/healthz"]
    # As in compose.yaml: no host name, HTTPS or token is asked of a probe. The tables are not there.
    with serving(
        "",
        ALLOWED_HOSTS="pose.example.com",
        HTTPS="true",
        DEBUG="false",
        SECRET_KEY="k" * 50,
        WEB_CONCURRENCY="1",
        DATABASE_URL="sqlite:////nonexistent/db.sqlite3",
        MODEL_CACHE_DIR=os.environ["MODEL_CACHE_DIR"],
    ) as server:
        server.started_workers()
        assert _asked("/healthz", server.port) == (0, {"status": "ok"})
        code, response = _asked("/readyz", server.port)
        assert (code, response["status"], response["database"]) == (1, "unavailable", {"status": "unavailable"})
        port = server.port
    assert _asked("/healthz", port) == (1, None)


def _asked(path: str, port: int) -> tuple[int, Any]:
    """What deploy/ask.py says of a port: its exit status, and the answer it shows."""
    program = (ROOT / "deploy" / "ask.py").read_text().replace("8000", str(port))
    command = [sys.executable, "-c", program, path]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, json.loads(ran.stdout) if ran.stdout else None
