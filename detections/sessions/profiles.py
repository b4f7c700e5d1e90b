"""Profiles: named baselines that a session can start with."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from msgspec.structs import replace

from accounts.models import User
from accounts.services import user_lock
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.landmark_source import change_source, with_identity_of
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.picture_shape import reshaped, shows_its_user
from ai_models.monitoring.posture_filter import is_same_shape
from ai_models.monitoring.session_state import State, Transition
from detections.models import Profile, Session
from detections.sessions import codec, store
from detections.sessions.errors import NoBaseline, ProfileNotFound, TooManyProfiles
from detections.sessions.store import StoredSession

MAX_PROFILES = 50


def profile_get(*, user: User, profile_id: int) -> Profile:
    """One of the user's profiles. Raises ProfileNotFound."""
    profile = Profile.objects.filter(user=user, pk=profile_id).first()
    if profile is None:
        raise ProfileNotFound
    return profile


def profile_save(*, user: User, session_id: UUID, name: str) -> tuple[Profile, bool]:
    """The session's baseline under a name, and whether the name is new.

    Raises SessionNotFound, SessionEnded, NoBaseline, TooManyProfiles, AccountDeleted.
    """
    with store.locked(user, session_id) as session:
        session.require_running()
        baseline = session.state.baseline
        if baseline is None:
            raise NoBaseline
        profiles = Profile.objects.filter(user=user)
        if profiles.count() >= MAX_PROFILES and not profiles.filter(name=name).exists():
            raise TooManyProfiles
        kept = {
            "baseline": codec.dump_baseline(baseline),
            "quality": baseline.quality,
            "camera": session.state.camera_id or "",
        }
        profile, is_new = Profile.objects.update_or_create(user=user, name=name, defaults=kept)
        Session.objects.filter(pk=session.row.pk).update(profile=profile)
        return profile, is_new


def profile_delete(*, user: User, profile_id: int) -> None:
    """Delete a profile; sessions that started with it go on. Raises ProfileNotFound, AccountDeleted."""
    with transaction.atomic():
        user_lock(user_id=user.pk)
        profile_get(user=user, profile_id=profile_id).delete()


def use_camera(
    user: User,
    session: StoredSession,
    camera_id: str,
    source: str | None,
    *,
    frames: Sequence[Observation],
    at_s: float,
) -> Transition:
    """A locked session before frames of a camera, or before landmarks of a model, the last of which is of a time.

    With another camera or model, the profile of both is used, or it calibrates. So it is where the picture's shape has
    changed, unless the baseline can be carried over. source: see FrameBatch.
    """
    state = session.state
    camera = camera_id or state.camera_id
    is_same_camera = state.camera_id in {None, camera}
    if is_same_camera and (source is None or state.source in {None, source}):
        return _use_shape(user, session, with_identity_of(replace(state, camera_id=camera), source), frames, at_s)
    return _calibrated_for(user, session, camera, state.source if source is None else source)


def _use_shape(
    user: User, session: StoredSession, state: State, frames: Sequence[Observation], at_s: float
) -> Transition:
    measures, baseline = frames[-1].measures, state.baseline
    if measures is None or baseline is None or baseline.shape == measures.shape:
        return Transition(state)
    if is_same_shape(baseline.shape, measures.shape) or not shows_its_user(state, measures):
        return Transition(state)
    if carried_over := reshaped(state, measures, at_s):
        return Transition(carried_over)
    known = replace(session, state=state)
    return _calibrated_for(user, known, state.camera_id, baseline.source, measures.shape)


def _calibrated_for(
    user: User, session: StoredSession, camera_id: str | None, source: str | None, shape: float | None = None
) -> Transition:
    """The session with the user's profile of a camera and a model, in this shape if it is given, or calibrating."""
    profile, baseline = _profile_of(user, camera_id, source, shape)
    session.row.profile = profile
    return change_source(session.state, source, camera_id, baseline)


def _profile_of(
    user: User, camera_id: str | None, source: str | None, shape: float | None = None
) -> tuple[Profile | None, Baseline | None]:
    """The user's latest profile of a camera and a model, and of the picture's shape if it is given; its baseline."""
    profiles = Profile.objects.filter(user=user, camera=camera_id).order_by("-updated_at") if camera_id else ()
    known = ((profile, codec.load_baseline(profile.baseline)) for profile in profiles)
    fitting = (
        (profile, baseline)
        for profile, baseline in known
        if baseline and baseline.source == source and is_same_shape(baseline.shape, shape)
    )
    return next(fitting, (None, None))
