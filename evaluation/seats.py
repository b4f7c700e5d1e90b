"""Face ID as sessions judge it, by groups of people: whole sessions replayed with the descriptors of real faces.

People are in groups if all their folders are named like `a001` and `b017`, the group's letters before a number. Each
picture is taken for a sitting of its own: that is harder than a desk, where those of one sitting are alike.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from ai_models.identity import Enrolment, distance
from ai_models.landmarks import Box
from ai_models.measures import FaceMeasures
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.calibration import FRAMES_NEEDED, Baseline
from ai_models.monitoring.identity_filter import LOOKS, OWNER_MAX_DISTANCE, IdentityFilter, Look
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import pace, plan_next_frame
from ai_models.monitoring.session_state import State
from ai_models.quality import Quality
from ai_models.templates import Template, Templates
from evaluation import estimates
from evaluation.clips import Clip
from evaluation.estimates import Estimate

GROUPED = re.compile(r"([A-Za-z]+)[0-9]+")
EVERYBODY = "all"
ENROLLED_SITTINGS = 3  # so many pictures make the template, as many others are looks
TOLD_WITHIN_S = 10.0
LATENCY_S = 0.3
STRANGERS = 20  # at most, who take the seat of one owner
SETTINGS = AlarmSettings(alarms_on=frozenset({"stranger"}))
FACE = FaceMeasures(
    Box(240, 140, 399, 299),
    width=0.25,
    x=0.0,
    y=-0.03,
    width_px=160.0,
    roll_deg=0.0,
    yaw_deg=0.0,
    pitch_deg=0.0,
    eye_aspect_ratio=0.3,
    quality=Quality(light=120.0, sharpness=300.0),
    light=120.0,
)
BASELINE = Baseline(FACE.width, FACE.x, FACE.y, 0.0, 0.0, 0.0, FACE.eye_aspect_ratio, 1.0)

Descriptors = NDArray[np.float64]  # (n, 128)


@dataclass(frozen=True, slots=True)
class GroupIdentity:
    """One group's people, each as the owner among the others of the group.

    refused: owners after three looks. accepted: strangers, by any of their first three looks. too_near: strangers whose
    mean over all pictures is within the threshold, whom the descriptor cannot part from the owner. told: strangers, of
    those that it can, who take the seat unnoticed and raise the alarm in time. locked_out: owners who were enrolled
    with somebody else's face, and whose calibration neither completes nor says what to do.
    """

    group: str
    owners: int
    people: int
    refused: Estimate
    accepted: Estimate
    too_near: Estimate
    told: Estimate
    mean_told_after_s: float | None
    locked_out: Estimate


def measure_groups(clips: Sequence[Clip]) -> tuple[GroupIdentity, ...]:
    """The figures of each group with an owner, and of everybody where there are no groups."""
    groups = _groups(clips)
    measured = (_measure_group(group, people) for group, people in sorted(groups.items()))
    return tuple(group for group in measured if group.owners)


def _groups(clips: Sequence[Clip]) -> Mapping[str, Mapping[str, Descriptors]]:
    """The descriptors of each group's people, one for each file."""
    names = {clip.person for clip in clips}
    matches = {name: GROUPED.fullmatch(name) for name in names}
    found: dict[str, dict[str, Descriptors]] = defaultdict(dict)
    for name in sorted(names):
        files = {sample.file: sample.descriptor for clip in clips if clip.person == name for sample in clip.samples}
        match = matches[name] if all(matches.values()) else None
        if files:
            found[match[1] if match else EVERYBODY][name] = np.array(list(files.values()), np.float64)
    return found


def _measure_group(group: str, people: Mapping[str, Descriptors]) -> GroupIdentity:
    owners = [name for name, faces in people.items() if len(faces) >= ENROLLED_SITTINGS + LOOKS]
    others = [name for name, faces in people.items() if len(faces) >= LOOKS]
    pairs = [(owner, other) for owner in owners for other in others if other != owner]
    apart = {pair: distance(people[pair[0]].mean(axis=0), people[pair[1]].mean(axis=0)) for pair in pairs}
    parted = [pair for pair in pairs if apart[pair] > OWNER_MAX_DISTANCE]
    delays = [_told_after_s(people[owner], people[other]) for owner, other in _thinned(parted)]
    told = [delay for delay in delays if delay is not None and delay <= TOLD_WITHIN_S]
    wrong = [_is_locked_out(people[owner], people[others[others.index(owner) - 1]]) for owner in owners]
    return GroupIdentity(
        group=group,
        owners=len(owners),
        people=len(people),
        refused=_mean_share([_refused(people[owner]) for owner in owners]),
        accepted=_mean_share([_accepted(people[owner], people[other]) for owner, other in pairs]),
        too_near=estimates.share(len(pairs) - len(parted), len(pairs)),
        told=estimates.share(len(told), len(delays)),
        mean_told_after_s=fmean(told) if told else None,
        locked_out=estimates.share(sum(wrong), len(wrong)) if len(others) > 1 else estimates.NOTHING,
    )


def _mean_share(shares: Sequence[float]) -> Estimate:
    """The mean of shares, with Wilson's interval as if each were a single yes or no."""
    return estimates.share(sum(shares), len(shares))


def _turns(faces: Descriptors) -> Iterator[tuple[Templates, Descriptors]]:
    """Each choice of successive pictures for the template, in a circle, and the three that follow it."""
    for start in range(len(faces)):
        turned = np.roll(faces, -start, axis=0)
        yield (Template(turned[:ENROLLED_SITTINGS].mean(axis=0)),), turned[ENROLLED_SITTINGS:][:LOOKS]


def _refused(faces: Descriptors) -> float:
    """The share of turns in which an owner is not known after three looks."""
    return fmean(_states(looks, templates)[-1] != "owner" for templates, looks in _turns(faces))


def _accepted(owner: Descriptors, other: Descriptors) -> float:
    """The share of turns in which somebody else is taken for the owner after any of their first three looks."""
    return fmean("owner" in _states(other[:LOOKS], templates) for templates, _ in _turns(owner))


def _states(looks: Descriptors, templates: Templates) -> list[str]:
    identity = IdentityFilter()
    states: list[str] = []
    for look in looks:
        identity = identity.with_look(Look(look, templates))
        states.append(identity.state)
    return states


def _thinned(pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """At most so many strangers for each owner, evenly spread."""
    of_owner: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs:
        of_owner[pair[0]].append(pair)
    return [pair for found in of_owner.values() for pair in found[:: max(1, len(found) // STRANGERS)][:STRANGERS]]


def _told_after_s(owner: Descriptors, other: Descriptors) -> float | None:
    """Seconds until the alarm for somebody who takes an owner's seat, at the same place, between two frames."""
    templates, own_looks = next(_turns(owner))
    state, at_s = monitor.start(0.0, baseline=BASELINE), 0.0
    for look in own_looks:
        state, at_s = _next_frame(state, at_s, Look(look, templates), at_least_s=4.0)
    taken_at_s = at_s
    for look in islice(cycle(other), 30):
        state, at_s = _next_frame(state, at_s, Look(look, templates))
        if state.events.has("stranger"):
            return at_s - taken_at_s
    return None


def _next_frame(state: State, at_s: float, look: Look, *, at_least_s: float = 0.0) -> tuple[State, float]:
    """The state after the frame that it asks for next, and that frame's time."""
    at_s += max(at_least_s, pace(state, SETTINGS).next_after_ms / 1000 + LATENCY_S)
    is_looked_at = plan_next_frame(state, at_s).identity
    frame = Observation(at_s, FACE, look=look if is_looked_at else None)
    return monitor.observe(state, [frame], SETTINGS).state, at_s


def _is_locked_out(owner: Descriptors, other: Descriptors) -> bool:
    """Whether an owner whose first frame showed somebody else cannot calibrate, and is not told the way out."""
    templates = (Template(Enrolment(other[0], 1).mean),)
    state, at_s = monitor.start(0.0), 0.0
    for look in islice(cycle(owner), 3 * FRAMES_NEEDED):
        state, at_s = _next_frame(state, at_s, Look(look, templates))
        if state.phase == "monitoring" or "learn_your_face" in state.calibration.hints:
            return False
    return True
