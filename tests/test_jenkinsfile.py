"""The Jenkinsfile as text, and deploy/release.sh, which it calls, run in a folder with a fake Docker."""

import gzip
import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.test_compose import ROOT, SECRETS, _tool

JENKINSFILE = (ROOT / "Jenkinsfile").read_text()
GUIDE = (ROOT / "docs" / "jenkins.md").read_text()
STAGES = ["Which image", "Build", "Lint", "Test on SQLite", "Test on MySQL", "Image", "Push"]
STAGES += ["Release", "Deploy", "Health check"]
# Variables with credentials: none may occur in a Groovy string, which Jenkins would log.
CREDENTIAL_VARIABLES = {"HUB_USER", "HUB_TOKEN", "TARGET_KEY", "TARGET_USER", "KNOWN_HOSTS"}

FIRST, SECOND = "acme/posesmart:1111111", "acme/posesmart:2222222"
# Logs its arguments and the release. A release whose image is named in `unready` does not become ready.
DOCKER = """#!/bin/sh
echo "$(basename "$(pwd -P)"): $*" >> "$STAGE/calls"
case "$*" in
    *"migrate --check") [ ! -e "$STAGE/tables-change" ] ;;
    "compose run --rm prepare") [ ! -e "$STAGE/prepare-fails" ] ;;
    *"exec mysqldump"*) echo "all tables" ;;
    "compose exec -T app"*) ! grep --quiet --file "$STAGE/unready" compose.yaml ;;
esac
"""


def _stage(name: str) -> str:
    """A stage's text, up to the next one."""
    return JENKINSFILE.partition(f"stage('{name}')")[2].partition("stage('")[0]


def test_brackets_and_quotes_are_balanced() -> None:
    code = re.sub(r"'''.*?'''|'[^'\n]*'|\"[^\"\n]*\"|/\*.*?\*/|//[^\n]*", "", JENKINSFILE, flags=re.DOTALL)
    assert not re.search("['\"]", code)
    previous = ""
    while previous != code:
        previous, code = code, re.sub(r"\([^(){}\[\]]*\)|\[[^(){}\[\]]*\]|\{[^(){}\[\]]*\}", "", code)
    assert not re.search(r"[(){}\[\]]", code)


def test_stages_run_the_tests_of_make_test() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipe = re.search(
        r"^IN_PARALLEL = .*\\\n.*\n(?:.*\n)*?test: install\n\t\$\(IN_PARALLEL\)\n\t.*\n", makefile, re.MULTILINE
    )
    assert recipe
    expected = re.findall(r"-m pytest (.*?)(?: \|\| \{ \\|; \})?$", recipe[0], re.MULTILINE)
    assert len(expected) == 3  # side by side, once more what failed, and those that need the machine to themselves
    done = re.findall(r"\$pytest (.*) --junitxml=junit/\w+\.xml", _stage("Test on SQLite"))
    assert done == expected
    assert "make test-mysql" in _stage("Test on MySQL")
    reports = re.findall(r"--junitxml=(junit/\w+\.xml)", JENKINSFILE)
    assert len(reports) == len(set(reports)) == 4
    assert "junit testResults: 'junit/*.xml'" in JENKINSFILE


def test_credentials_stay_out_of_strings_and_logs() -> None:
    for text in re.findall(r'"[^"\n]*"', re.sub("'''.*?'''|'[^'\n]*'", "", JENKINSFILE, flags=re.DOTALL)):
        assert not CREDENTIAL_VARIABLES & set(re.findall(r"\w+", text)), text
    # Otherwise the shell would print each command with its values; and the login is deleted afterwards.
    login = _stage("Push").split("'''")[1]
    assert login.strip().startswith("set +x\n")
    assert "--password-stdin" in login
    assert "trap 'rm -rf \"$DOCKER_CONFIG\"' EXIT" in login


def test_guide_names_every_credential_and_variable() -> None:
    names = {*re.findall(r"credentialsId: '([\w-]+)'", JENKINSFILE), *re.findall(r"env\.(POSESMART_\w+)", JENKINSFILE)}
    assert len(names) == 5
    for name in (*names, "DEPLOY_TAG"):
        assert f"`{name}`" in GUIDE, name


def test_webhook_can_only_name_our_commits() -> None:
    # Docker Hub does not sign its requests.
    check = _stage("Which image")
    assert "if (!(params.DEPLOY_TAG ==~ /[0-9a-f]{7,40}/)) {" in check
    assert check.index("error ") < check.index("env.TAG = params.DEPLOY_TAG")
    assert 'env.IMAGE = "${env.REPOSITORY}:${env.TAG}"' in check


def test_failed_health_check_rolls_back() -> None:
    after = JENKINSFILE.partition("stage('Health check')")[2]
    assert re.search(r"unsuccessful \{\s+onTarget\(\"\$\{env\.RELEASE\}/deploy/release\.sh back\"\)", after)
    called = re.findall(r"release\.sh (\w+)", JENKINSFILE)
    assert called == ["start", "check", "tidy", "back"]
    script = (ROOT / "deploy" / "release.sh").read_text()
    for name in called:
        assert re.search(rf"^    {name}\) {name}\b", script, re.MULTILINE), name


class Machine:
    """A folder laid out as on the server, and a fake Docker that records its calls."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "posesmart"
        self._stage = folder / "stage"
        for new in (self.home, self._stage, folder / "bin"):
            new.mkdir()
        (self.home / ".env").write_text("".join(f"{name}=filled-in\n" for name in SECRETS))
        (self._stage / "unready").touch()
        docker = folder / "bin" / "docker"
        docker.write_text(DOCKER)
        docker.chmod(0o755)
        self._environment = {"PATH": f"{docker.parent}:{os.environ['PATH']}", "STAGE": str(self._stage)}

    def set(self, name: str, text: str = "") -> None:
        (self._stage / name).write_text(text)

    def release(self, image: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run the release's script; its files are copied as Jenkins copies them."""
        folder = self.home / "releases" / image.rpartition(":")[2]
        if not folder.exists():
            folder.mkdir(parents=True)
            shutil.copy(ROOT / "compose.yaml", folder)
            for name in ("nginx", "deploy"):
                shutil.copytree(ROOT / name, folder / name)
        script = str(folder / "deploy" / "release.sh")
        return subprocess.run(
            [script, *command], env=self._environment, capture_output=True, text=True, check=False, timeout=300
        )

    def start(self, image: str) -> subprocess.CompletedProcess[str]:
        return self.release(image, "start", image)

    @property
    def calls(self) -> list[str]:
        """Docker's calls since the last time."""
        log = self._stage / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def link(self, name: str) -> str | None:
        link = self.home / name
        return link.resolve().name if link.is_symlink() else None

    def images(self, release: str) -> dict[str, str]:
        """The images of a release's services, as Docker Compose reads them."""
        command = [_tool("docker-compose"), "config", "--format", "json"]
        folder = self.home / "releases" / release
        result = subprocess.run(command, cwd=folder, env=self._environment, capture_output=True, text=True, check=True)
        return {name: service["image"] for name, service in json.loads(result.stdout)["services"].items()}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if shutil.which("flock") is None:
        pytest.skip("no flock: the script is for Linux")
    return Machine(tmp_path)


def test_release_is_pulled_prepared_and_started(machine: Machine) -> None:
    assert machine.start(FIRST).returncode == 0
    assert machine.calls == [
        "1111111: compose pull --quiet app nginx",
        "1111111: compose run --rm prepare python manage.py migrate --check",
        "1111111: compose run --rm prepare",
        "1111111: compose up --detach --no-build --remove-orphans",
    ]
    assert (machine.link("current"), machine.link("previous")) == ("1111111", None)
    images = machine.images("1111111")
    assert images["app"] == images["prepare"] == FIRST
    assert machine.release(FIRST, "check", "0").returncode == 0


def test_starting_twice_keeps_the_previous_release(machine: Machine) -> None:
    for image in (FIRST, SECOND, SECOND):
        assert machine.start(image).returncode == 0
        assert (machine.link("current")) == image.rpartition(":")[2]
    assert machine.link("previous") == "1111111"


def test_tables_are_backed_up_before_migration(machine: Machine) -> None:
    machine.set("tables-change")
    assert machine.start(FIRST).returncode == 0
    calls = " | ".join(machine.calls)
    assert re.search(
        r"migrate --check \| .* exec -T mysql .*mysqldump.* \| 1111111: compose run --rm prepare \|", calls
    )
    (backup,) = (machine.home / "backups").iterdir()
    assert gzip.decompress(backup.read_bytes()) == b"all tables\n"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_failed_preparation_replaces_nothing(machine: Machine) -> None:
    machine.start(FIRST)
    assert machine.calls
    machine.set("prepare-fails")
    assert machine.start(SECOND).returncode != 0
    assert not any(" up " in line for line in machine.calls)
    assert machine.link("current") == "1111111"
    result = machine.release(SECOND, "back")
    assert result.returncode != 0
    assert "is not the running release" in result.stderr
    assert (machine.link("current"), machine.calls) == ("1111111", [])


def test_unready_release_is_logged_and_rolled_back(machine: Machine) -> None:
    machine.start(FIRST)
    machine.set("unready", SECOND)
    machine.start(SECOND)
    assert machine.calls
    result = machine.release(SECOND, "check", "0")
    assert result.returncode != 0
    assert "Not ready after 0 s" in result.stderr
    assert "2222222: compose logs --tail 50 app nginx prepare" in machine.calls
    assert machine.release(SECOND, "back").returncode == 0
    # The earlier release's definitions and image, and no migration.
    assert machine.calls[:2] == [
        "1111111: compose up --detach --no-build --no-deps --remove-orphans app nginx",
        "1111111: compose exec -T app python deploy/ask.py /readyz",
    ]
    assert (machine.link("current"), machine.link("previous")) == ("1111111", None)


def test_first_release_cannot_be_rolled_back(machine: Machine) -> None:
    machine.start(FIRST)
    result = machine.release(FIRST, "back")
    assert result.returncode != 0
    assert "There is no release before" in result.stderr
    assert machine.link("current") == "1111111"


@pytest.mark.parametrize("image", ["acme/posesmart:1; rm -rf /", "|", "--help", "$(id)"])
def test_invalid_image_is_refused(machine: Machine, image: str) -> None:
    result = machine.release(FIRST, "start", image)
    assert result.returncode != 0
    assert "This is not an image" in result.stderr
    assert machine.calls == []


def test_image_in_the_env_file_is_refused(machine: Machine) -> None:
    with (machine.home / ".env").open("a") as file:
        file.write(f"POSESMART_IMAGE={FIRST}\n")
    result = machine.start(SECOND)
    assert result.returncode != 0
    assert "Delete POSESMART_IMAGE" in result.stderr


def test_tidy_keeps_current_and_previous_release(machine: Machine) -> None:
    third = "acme/posesmart:3333333"
    for image in (FIRST, SECOND, third):
        machine.start(image)
    assert machine.release(third, "tidy").returncode == 0
    assert {path.name for path in (machine.home / "releases").iterdir()} == {"2222222", "3333333"}
