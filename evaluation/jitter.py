"""How much the measures of a person who sits still move from frame to frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ai_models.dips import Trace
from ai_models.measures import FaceMeasures
from evaluation.people import Clip

MIN_FRAMES = 5  # of a clip, whose median is taken for the truth
COLUMNS = ("width", "x", "y", "roll_deg")
TO_DEVIATION = 1.4826  # from the median of how far values are off, which blinks hardly change


@dataclass(frozen=True, slots=True)
class Jitter:
    """By how much frames differ from their clip's median; standard deviations, but for width_percent_p95.

    place_percent: across and down together, of the face's width. width_percent_p95: 95 of 100 widths are less far off.
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
    """(n, 4): each frame's width over its clip's, how far right and down it is in widths, and how much it is tilted."""
    parts = [_deviations([sample.measures for sample in clip.samples]) for clip in _long_enough(clips)]
    return np.concatenate(parts) if parts else np.empty((0, len(COLUMNS)))


def jitters(clips: Sequence[Clip]) -> list[Jitter]:
    """Each person's jitter, of those of whom there is a clip long enough."""
    long = _long_enough(clips)
    return [_jitter(person, [clip for clip in long if clip.person == person]) for person in _people(long)]


def _people(clips: Sequence[Clip]) -> list[str]:
    return list(dict.fromkeys(clip.person for clip in clips))


def _long_enough(clips: Sequence[Clip]) -> list[Clip]:
    return [clip for clip in clips if len(clip.samples) >= MIN_FRAMES]


def _deviations(faces: Sequence[FaceMeasures]) -> Trace:
    measured = np.array([[getattr(measures, name) for name in COLUMNS] for measures in faces])
    middle = np.median(measured, axis=0)
    off: Trace = measured - middle
    off[:, :3] /= middle[0]  # lengths are told in face widths
    off[:, 0] += 1
    return off


def _jitter(person: str, clips: Sequence[Clip]) -> Jitter:
    off = deviations(clips)
    widths = 100 * (off[:, 0] - 1)
    ratios = np.concatenate([_ratio_changes(clip) for clip in clips])
    return Jitter(
        person=person,
        clips=len(clips),
        frames=len(off),
        width_percent=float(widths.std()),
        width_percent_p95=float(np.percentile(abs(widths), 95)),
        place_percent=float(100 * np.sqrt((off[:, 1:3] ** 2).sum(axis=1).mean())),
        roll_deg=float(off[:, 3].std()),
        eye_aspect_ratio=float(TO_DEVIATION * np.nanmedian(abs(ratios))),
    )


def _ratio_changes(clip: Clip) -> Trace:
    ratios = np.array([sample.measures.eye_aspect_ratio for sample in clip.samples])
    changes: Trace = ratios - np.nanmedian(ratios)
    return changes
