"""Where a session's landmarks come from: this service's own model, or another one that its client runs. Pure.

Two models draw the same face a little differently: eyes that one calls open measure a tenth narrower by another. So a
baseline belongs to the model that it was calibrated with, which it names. A client that sends landmarks shows no
picture, so nobody asks whose face it is.
"""

from msgspec.structs import replace

from ai_models.monitoring.actions import recalibrate
from ai_models.monitoring.calibration import Baseline, Calibration
from ai_models.monitoring.identity_filter import IdentityFilter
from ai_models.monitoring.session_state import Phase, State, Transition

OWN = ""  # this service's own model


def change_source(state: State, source: str | None, camera_id: str | None, baseline: Baseline | None) -> Transition:
    """The session with landmarks of another model, or with another camera, from the next frame on.

    baseline: one of that model and that camera; None calibrates.
    """
    changed = recalibrate(state, state.last_at_s)
    phase: Phase = "monitoring" if baseline else "calibrating"
    after = replace(changed.state, phase=phase, baseline=baseline, former_baseline=None, camera_id=camera_id)
    return changed.to(with_identity_of(after, source))


def with_identity_of(state: State, source: str | None) -> State:
    """The state in which identity is asked for if the landmarks are this service's own, from its pictures.

    source: None if the client found no face, and so does not tell.
    """
    is_own = (state.source if source is None else source) == OWN
    if (state.identity.state != "not_asked") == is_own:
        return state
    identity = IdentityFilter("unknown" if is_own else "not_asked")
    return replace(state, identity=identity, identity_checked_at_s=None, confirmation=None)


def forget_face(state: State) -> Transition:
    """The session without anything learned from pictures of the face; it calibrates anew."""
    changed = recalibrate(state, state.last_at_s)
    if state.phase == "paused":  # and stays so: resumed, it calibrates
        changed = Transition(replace(state, baseline=None, calibration=Calibration()))
    return changed.to(replace(changed.state, former_baseline=None, identity=IdentityFilter(), confirmation=None))
