"""Scores of the blink finder on labelled traces, and how often open eyes are taken for closed ones."""

from collections.abc import Sequence
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
from evaluation.traces import DatasetError, Recording

PIECE_S = 30.0  # the interval of a recording's rate error comes from resampling pieces of about this length


@dataclass(frozen=True, slots=True)
class BlinkScore:
    """One recording at one rate, counts averaged over the choices of the first frame. Rates in blinks a minute."""

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
    """All recordings at one rate: the means over them, with intervals by resampling recordings."""

    frames_per_s: float
    precision: Estimate
    recall: Estimate
    f1: Estimate
    worst_f1: float
    rate_error: Estimate


@dataclass(frozen=True, slots=True)
class OpenEyes:
    """The shares of a recording's open-eye samples, one a second, that are taken for closed, by each of two rules.

    fixed: version 1's fixed limit. own: a session's, relative to the person's own open-eye median.
    """

    sitting: str
    samples: int
    fixed: Estimate
    own: Estimate


def weights_by_person(
    recordings: Sequence[Recording], steps: Sequence[int], *, leave_one_out: bool
) -> dict[str, Weights]:
    """The finder's weights for each person's recordings. Raises DatasetError.

    leave_one_out: fitted to the recordings of all other people, in every nth of their frames for each n in steps;
    otherwise the service's own.
    """
    people = {recording.person for recording in recordings}
    if not leave_one_out:
        return dict.fromkeys(people, WEIGHTS)
    if "" in people or len(people) < 2:
        raise DatasetError("--leave-one-out needs traces of at least two people, in a folder for each person.")
    return {
        person: fit([recording for recording in recordings if recording.person != person], steps)
        for person in sorted(people)
    }


def score(recording: Recording, steps: Sequence[int], frame_rate: float, weights: Weights) -> list[BlinkScore]:
    """A recording's scores at every nth of its frames, for each n in steps."""
    return [_score(recording, step, frame_rate, weights) for step in steps]


def summarize(scores: Sequence[BlinkScore]) -> list[BlinkSummary]:
    """Each rate's summary, fastest first."""
    rates = sorted({score.frames_per_s for score in scores}, reverse=True)
    return [_summarize_rate(rate, [score for score in scores if score.frames_per_s == rate]) for rate in rates]


def check_open_eyes(recording: Recording) -> OpenEyes:
    """The recording's open eyes as version 1 and as a session judge single frames."""
    per_s = round(1 / float(np.median(np.diff(recording.times_s))))
    is_open = np.isfinite(recording.ratios) & ~recording.is_blink
    ratios = recording.ratios[::per_s][is_open[::per_s]].tolist()
    calibration, rest = ratios[:FRAMES_NEEDED], ratios[FRAMES_NEEDED:]
    if not rest:
        return OpenEyes(recording.name, 0, estimates.NOTHING, estimates.NOTHING)
    calibrated, eyes, closed_by_own = median(calibration), EyeTracker(), 0
    for ratio in rest:
        closed_by_own += eyes.is_closed(ratio, calibrated)
        eyes = eyes.with_frame(ratio, calibrated)
    closed_by_fixed = sum(map(is_closed, rest))
    return OpenEyes(
        sitting=recording.name,
        samples=len(rest),
        fixed=estimates.share(closed_by_fixed, len(rest)),
        own=estimates.share(closed_by_own, len(rest)),
    )


def count_hits(found: Sequence[Blink], annotated: Sequence[tuple[float, float]]) -> int:
    """The number of found blinks that overlap an annotated one (first and last moment). Each of those counts once."""
    unmatched = list(annotated)
    hits = 0
    for blink in found:
        overlap = next((span for span in unmatched if blink.start_s <= span[1] and blink.end_s >= span[0]), None)
        if overlap:
            unmatched.remove(overlap)
            hits += 1
    return hits


def _score(recording: Recording, step: int, frame_rate: float, weights: Weights) -> BlinkScore:
    annotated = recording.blinks
    runs = [find_blinks(times, ratios, weights=weights) for times, ratios in recording.every_nth(step)]
    found = fmean(len(blinks) for blinks in runs)
    hits = fmean(count_hits(blinks, annotated) for blinks in runs)
    return BlinkScore(
        sitting=recording.name,
        frames_per_s=frame_rate / step,
        annotated=len(annotated),
        found=found,
        hits=hits,
        minutes=recording.minutes,
        precision=estimates.share(hits, found),
        recall=estimates.share(hits, len(annotated)),
        f1=estimates.f1(hits, found, len(annotated)),
        rate_error=estimates.mean(_rate_errors(recording, runs)),
    )


def _rate_errors(recording: Recording, runs: Sequence[Sequence[Blink]]) -> list[float]:
    """Found minus annotated blinks a minute, in each piece of the recording."""
    start, end = float(recording.times_s[0]), float(recording.times_s[-1])
    borders = np.linspace(start, end, max(1, round((end - start) / PIECE_S)) + 1)
    annotated = np.histogram([first for first, _ in recording.blinks], borders)[0]
    found = np.mean([np.histogram([blink.start_s for blink in blinks], borders)[0] for blinks in runs], axis=0)
    errors: list[float] = ((found - annotated) / np.diff(borders) * 60).tolist()
    return errors


def _summarize_rate(rate: float, scores: Sequence[BlinkScore]) -> BlinkSummary:
    f1s = _values([score.f1 for score in scores])
    return BlinkSummary(
        frames_per_s=rate,
        precision=estimates.mean(_values([score.precision for score in scores])),
        recall=estimates.mean(_values([score.recall for score in scores])),
        f1=estimates.mean(f1s),
        worst_f1=min(f1s, default=0.0),
        rate_error=estimates.mean(_values([score.rate_error for score in scores])),
    )


def _values(measured: Sequence[Estimate]) -> list[float]:
    return [estimate.value for estimate in measured if estimate.value is not None]
