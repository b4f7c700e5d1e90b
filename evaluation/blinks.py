"""How well blinks are found in labelled traces, and how often open eyes are taken for closed ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from ai_models.blink import Blink, find_blinks, is_closed
from ai_models.blink_finder import WEIGHTS, Weights
from ai_models.monitoring.calibration import FRAMES_NEEDED
from ai_models.monitoring.eyes import EyeTracker
from evaluation import estimates
from evaluation.estimates import Estimate
from evaluation.fitting import fit
from evaluation.traces import DataProblem, Sitting

PIECES_S = 30.0  # of a sitting, which are resampled for the interval of its rate error


@dataclass(frozen=True, slots=True)
class BlinkScore:
    """One sitting at one rate, counts averaged over the choices of the first frame. Rates in blinks a minute."""

    sitting: str
    frames_per_s: float
    annotated: int
    found: float
    hits: float
    minutes: float
    precision: Estimate
    recall: Estimate
    f1: Estimate
    rate_error: Estimate


@dataclass(frozen=True, slots=True)
class BlinkSummary:
    """All sittings at one rate: means over them, with intervals by resampling sittings."""

    frames_per_s: float
    precision: Estimate
    recall: Estimate
    f1: Estimate
    worst_f1: float
    rate_error: Estimate


@dataclass(frozen=True, slots=True)
class OpenEyes:
    """How many of a sitting's samples of open eyes, one a second, are taken for closed, by each of two rules."""

    sitting: str
    samples: int
    fixed: Estimate
    own: Estimate


def score(
    sittings: Sequence[Sitting],
    steps: Sequence[int],
    frame_rate: float,
    told: Callable[[], object],
    *,
    leave_one_out: bool,
) -> list[BlinkScore]:
    """Each sitting's scores at every nth of its frames, for each n in steps. told is called after each sitting.

    leave_one_out: by weights fitted to the sittings of all other people, not by the service's own. Raises DataProblem.
    """
    people = {sitting.person for sitting in sittings}
    if leave_one_out and ("" in people or len(people) < 2):
        raise DataProblem("Leaving one out takes the traces of two people or more, in a folder for each person.")
    scores: list[BlinkScore] = []
    for person in sorted(people):
        others = [each for each in sittings if each.person != person]
        weights = fit(others, steps) if leave_one_out else WEIGHTS
        for sitting in sittings:
            if sitting.person == person:
                scores += [_score(sitting, step, frame_rate, weights) for step in steps]
                told()
    return scores


def summarize(scores: Sequence[BlinkScore]) -> list[BlinkSummary]:
    """Each rate's summary, fastest first."""
    rates = sorted({each.frames_per_s for each in scores}, reverse=True)
    return [_summary(rate, [each for each in scores if each.frames_per_s == rate]) for rate in rates]


def open_eyes(sitting: Sitting) -> OpenEyes:
    """The sitting's open eyes, judged as version 1 and as a session judges single frames."""
    per_s = round(1 / float(np.median(np.diff(sitting.times_s))))
    is_open = np.isfinite(sitting.ratios) & ~sitting.is_blink
    ratios = sitting.ratios[::per_s][is_open[::per_s]].tolist()
    calibration, rest = ratios[:FRAMES_NEEDED], ratios[FRAMES_NEEDED:]
    if not rest:
        return OpenEyes(sitting.name, 0, estimates.NOTHING, estimates.NOTHING)
    calibrated, eyes, by_own = median(calibration), EyeTracker(), 0
    for ratio in rest:
        by_own += eyes.is_closed(ratio, calibrated)
        eyes = eyes.with_frame(ratio, calibrated)
    by_fixed = sum(map(is_closed, rest))
    return OpenEyes(sitting.name, len(rest), estimates.share(by_fixed, len(rest)), estimates.share(by_own, len(rest)))


def matched(found: Sequence[Blink], annotated: Sequence[tuple[float, float]]) -> int:
    """How many blinks found overlap an annotated one, each of which counts for one."""
    free = list(annotated)
    hits = 0
    for blink in found:
        overlapped = next((each for each in free if blink.start_s <= each[1] and blink.end_s >= each[0]), None)
        if overlapped:
            free.remove(overlapped)
            hits += 1
    return hits


def _score(sitting: Sitting, step: int, frame_rate: float, weights: Weights) -> BlinkScore:
    annotated = sitting.blinks
    runs = [find_blinks(times, ratios, weights=weights) for times, ratios in sitting.thinned(step)]
    found = fmean(len(run) for run in runs)
    hits = fmean(matched(run, annotated) for run in runs)
    return BlinkScore(
        sitting=sitting.name,
        frames_per_s=frame_rate / step,
        annotated=len(annotated),
        found=found,
        hits=hits,
        minutes=sitting.minutes,
        precision=estimates.share(hits, found),
        recall=estimates.share(hits, len(annotated)),
        f1=estimates.f1(hits, found, len(annotated)),
        rate_error=estimates.mean(_rate_errors(sitting, runs)),
    )


def _rate_errors(sitting: Sitting, runs: Sequence[Sequence[Blink]]) -> list[float]:
    """How many blinks a minute too many are found, in each piece of a sitting."""
    start, end = float(sitting.times_s[0]), float(sitting.times_s[-1])
    borders = np.linspace(start, end, max(1, round((end - start) / PIECES_S)) + 1)
    annotated = np.histogram([first for first, _ in sitting.blinks], borders)[0]
    found = np.mean([np.histogram([blink.start_s for blink in run], borders)[0] for run in runs], axis=0)
    errors: list[float] = ((found - annotated) / np.diff(borders) * 60).tolist()
    return errors


def _summary(rate: float, scores: Sequence[BlinkScore]) -> BlinkSummary:
    f1s = _values([each.f1 for each in scores])
    return BlinkSummary(
        frames_per_s=rate,
        precision=estimates.mean(_values([each.precision for each in scores])),
        recall=estimates.mean(_values([each.recall for each in scores])),
        f1=estimates.mean(f1s),
        worst_f1=min(f1s, default=0.0),
        rate_error=estimates.mean(_values([each.rate_error for each in scores])),
    )


def _values(measured: Sequence[Estimate]) -> list[float]:
    return [each.value for each in measured if each.value is not None]
