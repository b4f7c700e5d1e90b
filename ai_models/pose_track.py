"""The poses of a head in pictures that follow each other: measured where it turns, and on the way in between.

A pose takes longer than all other measures of a face together. The tip of the nose, seen from the eyes, shows when a
head turns or nods, whatever its tilt and distance. So the track of that tip is simplified as a map's line is, by
Ramer's way (1972): where it leaves the straight line between two pictures, the head is measured there as well.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ai_models import measures
from ai_models.many_faces import ManyPoints, lengths
from ai_models.measures import LEFT_EYE_CORNER, NOSE_TIP, RIGHT_EYE_CORNER, HeadPose

# Spans of the eyes that the tip of the nose may leave its line by: the head has then turned by about 2 degrees. A
# client's model jitters by a quarter of it.
MAX_OFF_LINE = 0.01
MAX_GAP_S = 0.5  # between two pictures; over a longer gap nothing is known of the way


def poses_of(points: ManyPoints, times_s: Sequence[float], sizes: Sequence[tuple[int, int]]) -> list[HeadPose]:
    """The poses of a head from (n, 68, 2) landmarks in pictures of these times and sizes, width and height."""
    times = np.array(times_s)
    track = _nose_tips(points)
    poses: list[HeadPose] = []
    first = 0
    for last in [*np.flatnonzero(np.diff(times) > MAX_GAP_S).tolist(), len(times) - 1]:
        corners = _corners(track, times, first, last)
        measured = {index: measures.head_pose(points[index], *sizes[index]) for index in corners}
        poses += _filled(measured, times_s, first, last)
        first = last + 1
    return poses


def _nose_tips(points: ManyPoints) -> NDArray[np.float64]:
    """(n, 2): the nose's tip from the middle of the eyes, along their line and across it, in spans of the eyes."""
    right, left = points[:, RIGHT_EYE_CORNER], points[:, LEFT_EYE_CORNER]
    along = left - right
    nose = points[:, NOSE_TIP] - (left + right) / 2
    span = np.maximum(1.0, lengths(along)) ** 2
    turned = along[:, 0] * nose[:, 1] - along[:, 1] * nose[:, 0]
    return np.stack([(along * nose).sum(axis=1) / span, turned / span], axis=1)


def _corners(track: NDArray[np.float64], times: NDArray[np.float64], first: int, last: int) -> list[int]:
    """The pictures of a stretch at whose poses the head has to be measured, in order."""
    if lengths(track[first:last] - track[last]).max(initial=0.0) <= MAX_OFF_LINE:
        return [last]  # it rests
    return _turns(track, times, first, last)


def _turns(track: NDArray[np.float64], times: NDArray[np.float64], first: int, last: int) -> list[int]:
    """The ends of a stretch, and the pictures in between at which the track turns."""
    if last - first < 2:
        return [first, last]
    share = (times[first + 1 : last] - times[first]) / (times[last] - times[first])
    line = track[first] + share[:, None] * (track[last] - track[first])
    off = lengths(track[first + 1 : last] - line)
    farthest = int(off.argmax())
    if off[farthest] <= MAX_OFF_LINE:
        return [first, last]
    middle = first + 1 + farthest
    return [*_turns(track, times, first, middle), *_turns(track, times, middle, last)[1:]]


def _filled(measured: dict[int, HeadPose], times_s: Sequence[float], first: int, last: int) -> list[HeadPose]:
    """The poses of a stretch of which some are measured, the last among them; the first as well if the head moved."""
    poses = [measured[last]] * (last - first + 1)
    for before, after in pairwise(sorted(measured)):
        whole_s = times_s[after] - times_s[before]
        for index in range(before, after):
            share = (times_s[index] - times_s[before]) / whole_s
            poses[index - first] = measured[before].towards(measured[after], share)
    return poses
