"""ai_models.monitoring.identity_filter: whose face it is, by the mean of several looks."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from ai_models.identity import DESCRIPTOR_LENGTH
from ai_models.monitoring import monitor
from ai_models.monitoring.identity_filter import LOOKS_TO_ENROL, IdentityFilter, Look
from ai_models.templates import Template, unpack
from tests.ai_models.replay import ENROLLED, look_at


def unit(axis: int) -> NDArray[np.float64]:
    return np.asarray(np.eye(DESCRIPTOR_LENGTH)[axis], np.float64)


def filtered(*distances: float, before: IdentityFilter | None = None) -> IdentityFilter:
    identity = before or IdentityFilter()
    for distance in distances:
        identity = identity.with_look(look_at(distance))
    return identity


def test_looks_are_not_part_of_what_a_log_may_show() -> None:
    identity = filtered(0.2)
    state = msgspec.structs.replace(monitor.start(0.0), identity=identity)
    assert identity.looks
    assert repr(identity) == "IdentityFilter('owner', is_sure=True)"
    assert "IdentityFilter('owner', is_sure=True)" in repr(state)
    assert "looks" not in repr(state)


@pytest.mark.parametrize(
    ("distances", "state"),
    [
        ([0.37], "owner"),
        ([0.38], "uncertain"),
        ([0.59], "uncertain"),
        ([0.60], "other"),
        ([0.49, 0.50], "uncertain"),
        ([0.50, 0.51], "other"),
        ([0.38, 0.38, 0.38], "other"),
        ([0.35, 0.36, 0.38], "owner"),
        ([0.1] * 10 + [0.5] * 3, "other"),
        ([0.2, 0.9], "other"),
        ([0.9, 0.9, 0.9, 0.1], "other"),
        ([0.9, 0.9, 0.9, 0.1, 0.1], "owner"),
        ([0.9, 0.45], "other"),  # who was somebody else stays so until a look fits
    ],
)
def test_mean_of_up_to_three_looks_decides(distances: list[float], state: str) -> None:
    assert filtered(*distances).state == state


def test_identity_starts_unknown() -> None:
    assert IdentityFilter().state == "unknown"


def test_mean_is_taken_before_comparing() -> None:
    """Looks that miss the template in different directions are the owner's together, though none is alone."""
    identity = IdentityFilter()
    for axis in (1, 2, 3):
        look = Look(0.25 * unit(0) + 0.3 * unit(axis), ENROLLED)
        assert not look.fits
        identity = identity.with_look(look)
    assert identity.state == "owner"


def test_nearest_template_counts() -> None:
    templates = (Template(np.zeros(DESCRIPTOR_LENGTH)), Template(0.8 * unit(0)))
    assert IdentityFilter().with_look(Look(0.75 * unit(0), templates)).state == "owner"
    assert IdentityFilter().with_look(Look(0.75 * unit(0), templates[:1])).state == "other"


def test_single_bad_look_changes_nothing() -> None:
    after = filtered(0.1, 0.1, 0.59)
    assert (after.state, after.is_sure) == ("owner", False)
    assert filtered(0.1, before=after).state == "owner"


def test_owners_looks_do_not_shelter_somebody_else() -> None:
    after = filtered(0.1, 0.1, 0.7)
    assert after.state == "uncertain"
    assert filtered(0.7, before=after).state == "other"


def test_last_look_that_fits_alone_makes_sure() -> None:
    assert filtered(0.2, 0.2).is_sure
    sheltered = filtered(0.2, 0.2, 0.45)
    assert (sheltered.state, sheltered.is_sure) == ("owner", False)


def test_new_presence_keeps_no_looks() -> None:
    assert filtered(0.1, 0.1).in_new_presence() == IdentityFilter("uncertain")
    assert filtered(0.9, 0.9).in_new_presence() == IdentityFilter("other")
    assert IdentityFilter().in_new_presence() == IdentityFilter()


def test_looks_to_enrol_are_kept_whether_they_agree_or_not() -> None:
    identity = IdentityFilter()
    for number in range(LOOKS_TO_ENROL + 2):
        identity = identity.with_look_to_enrol(Look(unit(number % 3), ()))
    assert (identity.state, identity.look_count) == ("unknown", LOOKS_TO_ENROL)
    assert unpack(identity.looks)[-1].tolist() == unit((LOOKS_TO_ENROL + 1) % 3).tolist()


def test_looks_to_enrol_are_judged_by_the_last_three() -> None:
    identity = IdentityFilter()
    for distance in [0.7] * 5 + [0.1] * 3:
        identity = identity.with_look_to_enrol(look_at(distance))
    assert (identity.state, identity.look_count) == ("owner", 8)
