"""What sessions know a user's face by: a few templates, such as with glasses and without, each the mean of sittings.

A template is learned from looks that agree: the descriptors of one calibration's good frames. Version 1's running mean,
in identity.py, is kept beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ai_models.identity import DESCRIPTOR_LENGTH, Descriptor, distance

LOOK_TYPE = np.dtype("<f2")  # off by at most 0.0001 a number, and half as long
MAX_TEMPLATES = 3
# Measured on webcam clips: single looks of one sitting are at most 0.42 from the mean of three others, in 98 of 100.
AGREEING_DISTANCE = 0.42
LOOKS_TO_LEARN = 5
# Measured on webcam clips: the mean of another sitting's looks is 0.16 to 0.32 away. Nearer than this, of 8 East Asian
# people's means of three looks none was another's, nor of 139 others'.
CERTAIN_DISTANCE = 0.32
MAX_SITTINGS = 10  # in a template's mean: faces change

Confirmation = Literal[
    "add", "replace"
]  # that the face is the owner's, though it does not fit: keep the others, or not


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A mean descriptor, (128,), and the number of sittings that it is the mean of."""

    mean: NDArray[np.floating] = field(repr=False)
    sittings: int = 1


Templates = tuple[Template, ...]


def nearest_distance(templates: Sequence[Template], descriptor: Descriptor) -> float:
    """The distance of a (128,) descriptor to the nearest of one or more templates."""
    return min(distance(descriptor, template.mean) for template in templates)


def pack(looks: NDArray[np.floating]) -> bytes:
    """(n, 128) looks as bytes."""
    return np.asarray(looks, LOOK_TYPE).tobytes()


def unpack(looks: bytes) -> NDArray[np.floating]:
    """The (n, 128) looks in bytes from pack()."""
    return np.frombuffer(looks, LOOK_TYPE).reshape(-1, DESCRIPTOR_LENGTH).astype(np.float32)


def agreeing(looks: NDArray[np.floating]) -> NDArray[np.floating]:
    """Those of (n, 128) looks that agree with the one that most of them agree with; empty if there are too few."""
    if not len(looks):
        return looks
    apart = np.linalg.norm(looks[:, None].astype(np.float64) - looks[None], axis=2)
    agrees = apart <= AGREEING_DISTANCE
    together = looks[agrees[np.argmax(agrees.sum(axis=1))]]
    return together if len(together) >= LOOKS_TO_LEARN else looks[:0]


def learn(templates: Templates, looks: NDArray[np.floating], confirmation: Confirmation | None = None) -> Templates:
    """The templates after a calibration's agreeing looks, (n, 128); unchanged unless the face is certainly the owner's.

    It is if there are no templates, if its mean is near one, or if the owner has confirmed it with their password.
    """
    if not len(looks):
        return templates
    learned = Template(looks.mean(axis=0, dtype=np.float64))
    if not templates or confirmation == "replace":
        return (learned,)
    near = min(range(len(templates)), key=lambda number: distance(learned.mean, templates[number].mean))
    if distance(learned.mean, templates[near].mean) <= CERTAIN_DISTANCE:
        return (*templates[:near], _merged(templates[near], learned), *templates[near + 1 :])
    return _with_room((*templates, learned)) if confirmation == "add" else templates


def _merged(known: Template, learned: Template) -> Template:
    sittings = min(known.sittings, MAX_SITTINGS - 1)
    mean = (known.mean * sittings + learned.mean) / (sittings + 1)
    return replace(known, mean=mean, sittings=sittings + 1)


def _with_room(templates: Templates) -> Templates:
    """The templates without the two that are nearest to each other, but with their mean, if there are too many."""
    if len(templates) <= MAX_TEMPLATES:
        return templates
    one, other = min(combinations(templates, 2), key=lambda pair: distance(pair[0].mean, pair[1].mean))
    sittings = one.sittings + other.sittings
    mean = (one.mean * one.sittings + other.mean * other.sittings) / sittings
    kept = tuple(template for template in templates if template is not one and template is not other)
    return (*kept, Template(mean, min(sittings, MAX_SITTINGS)))
