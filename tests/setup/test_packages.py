"""make's messages when pip cannot install, and what it installs again."""

import re

import pytest

from tests.setup.project import NO_INDEX, VERSION, Project


@pytest.mark.parametrize("target", ["run", "install"])
def test_missing_network_gives_one_clear_message(ready: Project, target: str) -> None:
    (ready.folder / "requirements.txt").write_text("not-a-package-of-anybody==1\n")
    message = ready.refusal(target, PORT="0", PIP_INDEX_URL=NO_INDEX)
    assert re.fullmatch(
        r"The packages cannot be downloaded\. Check the network, .* and run make again; .*\n", message
    ), message


@pytest.mark.parametrize(
    ("pip_says", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full. Free 2 GB here and in "),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "The package index's certificate is not trusted. "),
        ("ReadTimeoutError: HTTPSConnectionPool(host='x')", "The packages cannot be downloaded. "),
        (
            "error: CMake is missing",
            "error: CMake is missing\npip could not install requirements.txt; its message is above. ",
        ),
    ],
)
def test_pip_error_becomes_advice(ready: Project, pip_says: str, sentence: str) -> None:
    python = ready.venv / "bin" / "python"
    python.unlink()
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo {VERSION} && exit\necho "{pip_says}" >&2\nexit 1\n')
    python.chmod(0o755)
    message = ready.refusal("install")
    assert message.startswith(sentence)
    assert message.endswith("run make again; what is installed already stays.\n")


def test_packages_are_installed_when_requirements_change(ready: Project) -> None:
    (ready.folder / "requirements.txt").write_text("django\n")
    (ready.folder / "requirements-dev.txt").write_text("-r requirements.txt\npytest\n")
    ready.add("manage.py")  # for compile_texts, which fails here
    assert "pytest" in ready.make("install", PIP_INDEX_URL=NO_INDEX).stdout
    assert ready.make("install", PIP_INDEX_URL=NO_INDEX).stdout == ""
    (ready.folder / "requirements.txt").write_text("django\nasgiref\n")
    again = ready.make("install", PIP_INDEX_URL=NO_INDEX).stdout
    assert "asgiref" in again
    assert "pytest" in again


def test_half_installed_package_is_installed_again(ready: Project) -> None:
    half = ready.packages / "colour_of_nothing-1.dist-info"
    half.mkdir()
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: colour-of-nothing\nVersion: 1\n")
    (ready.folder / "requirements.txt").write_text("colour-of-nothing==1\n")
    assert "cannot be downloaded" in ready.refusal("install", PIP_INDEX_URL=NO_INDEX)  # it does not count as installed
    (half).mkdir()
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: colour-of-nothing\nVersion: 1\n")
    (half / "RECORD").touch()
    assert "already satisfied" in ready.make("install", PIP_INDEX_URL=NO_INDEX).stdout


def test_what_nobody_needs_of_packages_is_not_kept(ready: Project) -> None:
    needless = (
        "numpy/_core/tests/test_umath.py",
        "scipy/stats/tests/data/a.json",
        "onnxruntime/capi/libonnxruntime.so.1.32.0",
    )
    needed = ("numpy/testing/__init__.py", "onnxruntime/capi/libonnxruntime_providers_shared.so", "django/tests/a.py")
    for name in (*needless, *needed):
        (ready.packages / name).parent.mkdir(parents=True, exist_ok=True)
        (ready.packages / name).touch()
    (ready.folder / "requirements.txt").write_text("asgiref\n")
    ready.make("install", PIP_INDEX_URL=NO_INDEX)
    kept = {name for name in (*needless, *needed) if (ready.packages / name).exists()}
    assert kept == set(needed)
