"""Which precision compares faces: decided by a comparison on each machine, or by a setting."""

import json
import logging
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from ai_models.identity import Descriptor
from ai_models.vision import descriptor, precision
from ai_models.vision.descriptor import open_quick_network, precision_in_use
from ai_models.vision.export import Precision, export_path, exported_network
from ai_models.vision.frame import Image
from ai_models.vision.precision import Comparison, Network, compare, machine, made_chips, stored

FASTER = Comparison(machine(), fp32_ms=6.0, int8_ms=3.0, mean_error=0.06)
SLOWER = Comparison(machine(), fp32_ms=6.0, int8_ms=5.9, mean_error=0.06)
WRONG = Comparison(machine(), fp32_ms=6.0, int8_ms=3.0, mean_error=0.5)


@pytest.fixture(autouse=True)
def _fresh_networks(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("_open_network", "_open_quick_network"):
        monkeypatch.setattr(descriptor, name, cache(getattr(descriptor, name).__wrapped__))
    caplog.set_level(logging.INFO)


def network(answer: float = 0.0) -> Network:
    def describe(chip: Image) -> Descriptor:
        return np.full(128, answer, np.float32)

    return describe


def measured_as(comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> list[Comparison]:
    """From now on every measurement gives this, and no network is exported anew; the list grows with each."""
    made: list[Comparison] = []

    def measure(fp32: Network, int8: Network) -> Comparison:
        made.append(comparison)
        return comparison

    def exported(folder: Path, precision: Precision) -> bytes:
        return exported_network(settings.MODEL_CACHE_DIR, precision)

    monkeypatch.setattr(precision, "_measure", measure)
    monkeypatch.setattr(descriptor, "exported_network", exported)
    return made


# --- The decision ---


@pytest.mark.parametrize(("comparison", "expected"), [(FASTER, "int8"), (SLOWER, "fp32"), (WRONG, "fp32")])
def test_auto_takes_int8_only_if_it_is_faster_and_right(
    comparison: Comparison, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured_as(comparison, monkeypatch)
    assert precision_in_use(tmp_path, "auto") is None
    assert (open_quick_network(tmp_path, "auto") is not None) == (expected == "int8")
    assert precision_in_use(tmp_path, "auto") == expected


@pytest.mark.parametrize(("comparison", "expected"), [(SLOWER, "int8"), (WRONG, "fp32")])
def test_setting_takes_int8_if_it_is_right(
    comparison: Comparison, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured_as(comparison, monkeypatch)
    assert (open_quick_network(tmp_path, "int8") is not None) == (expected == "int8")
    assert precision_in_use(tmp_path, "int8") == expected


def test_setting_fp32_measures_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = measured_as(FASTER, monkeypatch)
    assert open_quick_network(tmp_path, "fp32") is None
    assert (precision_in_use(tmp_path, "fp32"), made, list(tmp_path.iterdir())) == ("fp32", [], [])


def test_decision_is_logged_with_both_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, comparison in (("faster", FASTER), ("slower", SLOWER), ("wrong", WRONG)):
        measured_as(comparison, monkeypatch)
        (tmp_path / name).mkdir()
        open_quick_network(tmp_path / name)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "Faces are compared in int8: on this machine int8 takes 3.0 ms, fp32 6.0 ms."),
        ("INFO", "Faces are compared in fp32: on this machine int8 takes 5.9 ms, fp32 6.0 ms."),
        ("WARNING", "8-bit integers go wrong on this processor: faces are compared in fp32."),
    ]


# --- The comparison ---


def test_comparison_is_made_once_for_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = measured_as(FASTER, monkeypatch)
    for _ in range(2):
        open_quick_network(tmp_path)
        descriptor._open_quick_network.cache_clear()  # as in a process that starts later
    assert (made, stored(tmp_path)) == ([FASTER], FASTER)


def test_another_machine_makes_its_own_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(tmp_path, network(), network())
    assert stored(tmp_path) is not None
    monkeypatch.setattr(precision, "machine", lambda: "of another processor")
    assert stored(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", json.dumps({"machine": machine(), "fp32_ms": 1})])
def test_unreadable_comparison_is_made_again(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured_as(SLOWER, monkeypatch)
    compare(tmp_path, network(), network())
    (path,) = tmp_path.iterdir()
    path.write_text(content)
    assert stored(tmp_path) is None
    open_quick_network(tmp_path)
    assert stored(tmp_path) == SLOWER


def test_folder_that_cannot_be_written_only_costs_the_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    measured_as(FASTER, monkeypatch)
    assert compare(tmp_path / "missing", network(), network()) == FASTER
    (record,) = caplog.records
    assert record.getMessage().endswith("(No such file or directory): each start repeats it.")


def test_error_of_networks_that_agree_is_zero(tmp_path: Path) -> None:
    assert compare(tmp_path, network(), network()).is_int8_right
    wrong = compare(tmp_path, network(), network(0.05))
    assert (wrong.is_int8_right, wrong.is_int8_faster) == (False, False)
    assert wrong.mean_error == pytest.approx(0.05 * 128**0.5, abs=1e-3)


def test_this_machines_int8_is_right(tmp_path: Path) -> None:
    assert open_quick_network(settings.MODEL_CACHE_DIR, "int8") is not None
    comparison = stored(settings.MODEL_CACHE_DIR)
    assert comparison is not None
    assert 0 < comparison.mean_error < precision.MAX_MEAN_ERROR


def test_made_chips_are_chips_and_always_the_same() -> None:
    first, second = made_chips(), made_chips()
    assert [(chip.shape, chip.dtype.name) for chip in first] == [((150, 150, 3), "uint8")] * precision.MADE_CHIPS
    assert all((one == other).all() for one, other in zip(first, second, strict=True))
    assert np.ptp(first[0]) > 100


def test_unusable_export_leaves_fp32(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert open_quick_network(tmp_path / "file", "int8") is None
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert not export_path(tmp_path / "file", "int8").exists()
