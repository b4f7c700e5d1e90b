"""compose.yaml and the Dockerfile, read and linted: what can be told of them without a Docker engine."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from posesmart import env

ROOT = Path(__file__).resolve().parent.parent
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SECRETS_EXAMPLE = (ROOT / "deploy" / "compose.env.example").read_text()

STORES = ("mysql", "mongodb")
OURS = ("app", "prepare")
SECRETS = {
    "SECRET_KEY",
    "FACE_KEYS",
    "MYSQL_ROOT_PASSWORD",
    "MYSQL_PASSWORD",
    "MONGODB_ROOT_PASSWORD",
    "MONGODB_PASSWORD",
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


def _named_volumes(service: dict[str, Any]) -> dict[str, str]:
    """Where each named volume stands in a service."""
    return {target: name for name, target in (volume.split(":")[:2] for volume in service.get("volumes", []))}


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


def test_only_the_app_is_published_and_only_on_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "app": ["127.0.0.1:8000:8000"]
    }


def test_the_databases_stand_in_a_network_without_a_way_out() -> None:
    for name in STORES:
        assert SERVICES[name]["networks"] == ["stores"]
    assert COMPOSE["networks"]["stores"] == {"internal": True}
    assert set(SERVICES["app"]["networks"]) == {"front", "stores"}


@pytest.mark.parametrize("name", STORES)
def test_a_database_is_pinned_to_a_release_series(name: str) -> None:
    assert re.fullmatch(r"(mysql:8\.\d+|mongo:([7-9]|\d\d)\.\d+)", SERVICES[name]["image"])


def test_the_app_starts_when_both_databases_are_healthy_and_prepared() -> None:
    healthy = {name: {"condition": "service_healthy"} for name in STORES}
    assert SERVICES["prepare"]["depends_on"] == healthy
    assert SERVICES["app"]["depends_on"] == healthy | {"prepare": {"condition": "service_completed_successfully"}}
    for name in STORES:
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(SERVICES[name]["healthcheck"])


def test_a_database_is_healthy_only_when_the_apps_user_can_log_in_over_the_network() -> None:
    # On the first start a server that only listens inside makes the users; it must not pass for the real one.
    mysql, mongodb = (SERVICES[name]["healthcheck"]["test"][1] for name in STORES)
    assert "--host=127.0.0.1" in mysql
    assert "--user=posesmart" in mysql
    assert "mongodb://posesmart:$$MONGODB_PASSWORD@mongodb:27017/posesmart" in mongodb


def test_preparing_migrates_both_databases_once_and_ends() -> None:
    prepare = SERVICES["prepare"]
    assert prepare["command"][-1] == "python manage.py migrate --no-input && python manage.py prepare_archive"
    assert prepare["restart"] == "no"
    assert "migrate" not in DOCKERFILE


def test_what_must_last_is_on_volumes_of_its_own() -> None:
    image = _image_environment()
    places = {name: _named_volumes(SERVICES[name]) for name in ("app", *STORES)}
    assert set(places["mysql"]) == {"/var/lib/mysql"}
    assert set(places["mongodb"]) == {"/data/db"}
    assert set(places["app"]) == {image["SPOOL_DIR"], image["MODEL_CACHE_DIR"]}
    used = [volume for place in places.values() for volume in place.values()]
    assert sorted(used) == sorted(COMPOSE["volumes"])


def test_every_secret_has_to_be_set_and_stands_in_the_example() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE_TEXT))
    assert required == SECRETS
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) == SECRETS | {"ALLOWED_HOSTS", "APP_MEMORY"}
    assert set(re.findall(r"^([A-Z_]+)=$", SECRETS_EXAMPLE, re.MULTILINE)) == SECRETS  # without a value


def test_the_databases_root_passwords_never_reach_the_app() -> None:
    for name in OURS:
        assert not re.search("ROOT_PASSWORD", yaml.safe_dump(SERVICES[name]))


def test_every_name_handed_to_the_app_is_a_setting_and_every_setting_can_be_handed() -> None:
    settings_known = _names((ROOT / ".env.example").read_text())
    handed = set(SERVICES["app"]["environment"])
    assert handed <= settings_known
    assert settings_known - handed == NOT_FOR_COMPOSE
    assert SERVICES["prepare"]["environment"] == SERVICES["app"]["environment"]
    assert set(_image_environment()) & NOT_FOR_COMPOSE == {"BIND", "SPOOL_DIR", "MODEL_CACHE_DIR"}
    assert set(_names(SECRETS_EXAMPLE)) - SECRETS - {"APP_MEMORY"} <= handed


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


@pytest.mark.parametrize("name", OURS)
def test_the_apps_containers_can_change_nothing_but_their_volumes(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "privileged" not in service
    assert "user" not in service  # the image's own, which is not root


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_bounded_in_memory_log_and_rights(name: str) -> None:
    service = SERVICES[name]
    assert _mebibytes(service["mem_limit"]) >= 512
    assert service["logging"] == {"driver": "local"}
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == ("no" if name == "prepare" else "unless-stopped")


def test_mongodbs_cache_leaves_room_under_its_memory_limit() -> None:
    command = SERVICES["mongodb"]["command"]
    cache_gb = float(command[command.index("--wiredTigerCacheSizeGB") + 1])
    assert cache_gb * 1024 <= _mebibytes(SERVICES["mongodb"]["mem_limit"]) / 2


def test_requests_under_way_are_waited_for_before_docker_kills() -> None:
    app = SERVICES["app"]
    assert _seconds(app["stop_grace_period"]) > int(app["environment"]["GRACEFUL_TIMEOUT"])
    for name in STORES:
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
    assert let_in == apps | needed


def test_the_health_check_passes_on_an_answer_and_fails_on_none() -> None:
    from tests.gunicorn_server import serving

    found = re.search(r'CMD \["python", "-c", "(.*)"\]', DOCKERFILE)
    assert found
    assert "8000" in found[1]
    assert "127.0.0.1" in SERVICES["app"]["environment"]["ALLOWED_HOSTS"].split(",")
    hosts = {"ALLOWED_HOSTS": "pose.example.com,127.0.0.1", "HTTPS": "true"}
    models = os.environ["MODEL_CACHE_DIR"]
    with serving(
        "", DEBUG="false", SECRET_KEY="k" * 50, WEB_CONCURRENCY="1", MODEL_CACHE_DIR=models, **hosts
    ) as server:
        server.started_workers()
        assert _health(found[1], server.port) == 0
        assert "ERROR" not in server.log
        port = server.port
    assert _health(found[1], port) == 1


def _health(code: str, port: int) -> int:
    program = code.replace("8000", str(port))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60).returncode
