"""office.rates: what happened between samples."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from office.models import Sample
from office.rates import SLOT, quantile, spans

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TIMES = {"0.01": 0, "0.1": 90, "1": 100, "+Inf": 100}


def sample(slot: int, frames: int, *, machine: str = "one", requests: int | None = None, **counts: int) -> Sample:
    histograms = json.dumps({"calls": {"0.1": frames, "+Inf": frames}})
    base = dict.fromkeys(("unusable", "shed", "dropped", "errors"), 0)
    requests = frames if requests is None else requests
    at = NOON + slot * SLOT
    return Sample(machine=machine, at=at, frames=frames, requests=requests, histograms=histograms, **(base | counts))


def test_span_has_the_difference_of_its_samples() -> None:
    [span] = spans([sample(0, 100, shed=1), sample(1, 400, shed=4)])
    assert (span.frames, span.shed, span.frames_per_s) == (300, 3, 1.0)
    assert span.histograms["calls"] == {"0.1": 300, "+Inf": 300}


def test_restart_begins_at_zero() -> None:
    [span] = spans([sample(0, 1000), sample(1, 60)])
    assert span.frames == 60
    assert span.histograms["calls"]["+Inf"] == 60


def test_machines_are_added_up() -> None:
    rows = [sample(0, 0), sample(0, 0, machine="two"), sample(1, 30), sample(1, 50, machine="two")]
    [span] = spans(rows)
    assert span.frames == 80
    assert span.histograms["calls"]["+Inf"] == 80


def test_machine_that_was_away_spans_its_gap() -> None:
    [span] = spans([sample(0, 0), sample(12, 3600)])
    assert (span.until - span.since, span.frames_per_s) == (timedelta(hours=1), 1.0)


def test_one_sample_spans_nothing() -> None:
    assert spans([sample(0, 5)]) == []


@pytest.mark.parametrize(("share", "seconds"), [(0.45, 0.055), (0.9, 0.1), (0.95, 0.55), (1.0, 1.0)])
def test_quantile_is_interpolated_in_its_bucket(share: float, seconds: float) -> None:
    assert quantile(TIMES, share) == pytest.approx(seconds)


def test_quantile_beyond_the_last_bound_is_that_bound() -> None:
    assert quantile({"1": 0, "+Inf": 5}, 0.5) == 1.0


def test_quantile_of_nothing_is_unknown() -> None:
    assert quantile({}, 0.5) is None
    assert quantile({"1": 0, "+Inf": 0}, 0.5) is None
