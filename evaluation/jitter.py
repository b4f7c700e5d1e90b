"""Jitter: the change from frame to frame in the measures of a person who sits still."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ai_models.dips import Trace
from ai_models.measures import FaceMeasures
from evaluation.clips import Clip

MIN_FRAMES = 5  # of a clip, whose median is taken for the truth
COLUMNS = ("width", "x", "y", "roll_deg")
TO_DEVIATION = 1.4826  # median absolute deviation to standard deviation; blinks hardly change the former


@dataclass(frozen=True, slots=True)
class Jitter:
    """Standard deviations of frames from their clip's median, except width_percent_p95.

    place_percent: across and down together, in percent of the face's width.
    width_percent_p95: 95 of 100 widths differ by less.
    eye_aspect_ratio: without blinks.
    """

    person: str
    clips: int
    frames: int
    width_percent: float
    width_percent_p95: float
    place_percent: float
    roll_deg: float
    eye_aspect_ratio: float


def deviations(clips: Sequence[Clip]) -> Trace:
    """(n, 4): each frame's difference from its clip's median.

    The columns: the width as a ratio, how far right and how far down in face widths, and the roll in degrees.
    """
    parts = [_deviations([sample.measures for sample in clip.samples]) for clip in _long_enough(clips)]
    return np.concatenate(parts) if parts else np.empty((0, len(COLUMNS)))


def measure_jitter(clips: Sequence[Clip]) -> list[Jitter]:
    """The jitter of each person who has a long enough clip."""
    long = _long_enough(clips)
    return [_measure_person(person, [clip for clip in long if clip.person == person]) for person in _people(long)]


def _people(clips: Sequence[Clip]) -> list[str]:
    return list(dict.fromkeys(clip.person for clip in clips))


def _long_enough(clips: Sequence[Clip]) -> list[Clip]:
    return [clip for clip in clips if len(clip.samples) >= MIN_FRAMES]


def _deviations(faces: Sequence[FaceMeasures]) -> Trace:
    measured = np.array([[getattr(measures, name) for name in COLUMNS] for measures in faces])
    middle = np.median(measured, axis=0)
    offsets: Trace = measured - middle
    offsets[:, :3] /= middle[0]  # lengths in face widths
    offsets[:, 0] += 1
    return offsets


def _measure_person(person: str, clips: Sequence[Clip]) -> Jitter:
    offsets = deviations(clips)
    widths = 100 * (offsets[:, 0] - 1)
    ratios = np.concatenate([_ratio_changes(clip) for clip in clips])
    return Jitter(
        person=person,
        clips=len(clips),
        frames=len(offsets),
        width_percent=float(widths.std()),
        width_percent_p95=float(np.percentile(abs(widths), 95)),
        place_percent=float(100 * np.sqrt((offsets[:, 1:3] ** 2).sum(axis=1).mean())),
        roll_deg=float(offsets[:, 3].std()),
        eye_aspect_ratio=float(TO_DEVIATION * np.nanmedian(abs(ratios))),
    )


def _ratio_changes(clip: Clip) -> Trace:
    ratios = np.array([sample.measures.eye_aspect_ratio for sample in clip.samples])
    changes: Trace = ratios - np.nanmedian(ratios)
    return changes
