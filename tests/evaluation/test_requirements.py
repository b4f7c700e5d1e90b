"""Only `manage.py evaluate` needs scipy and matplotlib; matplotlib is a development requirement, and it says so."""

import sys
from pathlib import Path

import pytest
import scipy
from django.core.management import CommandError, call_command

from evaluation import estimates


def test_evaluate_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CommandError) as error:
        call_command("evaluate", traces=str(tmp_path), chart="chart.svg")
    assert str(error.value) == "evaluate needs matplotlib. Install it with: pip install -r requirements-dev.txt"


@pytest.mark.parametrize(("hits", "total"), [(0, 5), (1, 5), (9, 10), (200, 200)])
def test_wilson_interval_agrees_with_scipy(hits: int, total: int) -> None:
    expected = scipy.stats.binomtest(hits, total).proportion_ci(method="wilson")
    estimate = estimates.share(hits, total)
    assert [estimate.low, estimate.high] == pytest.approx([expected.low, expected.high], abs=1e-6)


def test_interval_of_a_single_value_is_that_value() -> None:
    assert estimates.mean([0.3]) == estimates.Estimate(0.3, 0.3, 0.3)
