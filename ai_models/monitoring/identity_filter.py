"""Who is there, by the mean of several looks. Looks belong to one unbroken presence; a look is a face's descriptor."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from msgspec import Struct

from ai_models.identity import Descriptor
from ai_models.templates import Templates, nearest_distance, pack, unpack

# The thresholds were chosen on one half of 294 people, and docs/ACCURACY.md reports the other half: the mean of three
# looks of the owner is at most 0.37 from their template in 98.8 of 100 cases. As tight as that allows, because people
# from East Asia are nearer to each other than others are for this descriptor.
OWNER_MAX_DISTANCE = 0.37
STRANGER_MIN_DISTANCES = (0.60, 0.50)  # of one look, and of the mean of two; of three, all that is not the owner's
LOOKS = 3  # that are averaged
LOOKS_TO_ENROL = 8  # kept while calibrating
LOOKS_OF_A_STRANGER = 2  # a single mismatch raises no alarm

IdentityState = Literal["unknown", "owner", "other", "uncertain", "not_asked"]

UNASKED: tuple[IdentityState, ...] = ("unknown", "not_asked")  # nobody is enrolled, or no picture is sent
NOBODY_ELSE: tuple[IdentityState, ...] = ("owner", *UNASKED)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A face's exact descriptor, (128,), and what it is compared with: no templates if nobody is enrolled."""

    descriptor: Descriptor = field(repr=False)
    templates: Templates

    @property
    def fits(self) -> bool:
        """True if this look alone is the owner's."""
        return bool(self.templates) and nearest_distance(self.templates, self.descriptor) <= OWNER_MAX_DISTANCE


class IdentityFilter(Struct, frozen=True):
    """Who is there. looks: the last ones of this presence, packed; biometric, so they are stored encrypted.

    is_sure: the last look alone says the same as all of them: the owner.
    """

    state: IdentityState = "unknown"
    looks: bytes = b""
    is_sure: bool = False

    def __repr__(self) -> str:
        return f"IdentityFilter({self.state!r}, is_sure={self.is_sure})"  # no looks: a repr may reach a log

    @property
    def look_count(self) -> int:
        return len(unpack(self.looks))

    def with_look(self, look: Look) -> "IdentityFilter":
        """The filter after one more look of this presence."""
        looks = np.vstack([unpack(self.looks), look.descriptor])[-LOOKS:]
        state = self._state(looks, look.templates)
        return IdentityFilter(state, pack(looks), is_sure=state == "owner" and look.fits)

    def with_look_to_enrol(self, look: Look) -> "IdentityFilter":
        """The same, but with as many looks kept as are needed to learn the face, whether they agree or not."""
        looks = np.vstack([unpack(self.looks), look.descriptor])[-LOOKS_TO_ENROL:]
        return IdentityFilter(self._state(looks[-LOOKS:], look.templates), pack(looks))

    def in_new_presence(self) -> "IdentityFilter":
        """The filter without its looks, which say nothing about whoever is there now."""
        return IdentityFilter("uncertain" if self.state == "owner" else self.state)

    def _state(self, looks: np.ndarray, templates: Templates) -> IdentityState:
        if not templates:
            return "unknown"
        apart = nearest_distance(templates, looks.mean(axis=0))
        if apart <= OWNER_MAX_DISTANCE:
            # Earlier looks must not shelter somebody else.
            is_contradicted = nearest_distance(templates, looks[-1]) >= STRANGER_MIN_DISTANCES[0]
            return "uncertain" if is_contradicted else "owner"
        if len(looks) >= LOOKS or apart >= STRANGER_MIN_DISTANCES[len(looks) - 1]:
            return "other"
        return "other" if self.state == "other" else "uncertain"
