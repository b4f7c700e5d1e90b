"""Profiles: named baselines that a session can start with."""

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services import user_lock
from ai_models.monitoring import actions
from ai_models.monitoring.session_state import Transition
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


def use_camera(*, user: User, session: StoredSession, camera_id: str) -> Transition:
    """A locked session before a frame of a camera: with another one, its profile is used, or it calibrates."""
    state = session.state
    if not camera_id or camera_id == state.camera_id:
        return Transition(state)
    if state.camera_id is None:
        return Transition(replace(state, camera_id=camera_id))
    profile = _profile_of(user, camera_id)
    session.row.profile = profile
    return actions.change_camera(state, camera_id, codec.load_baseline(profile.baseline) if profile else None)


def _profile_of(user: User, camera_id: str) -> Profile | None:
    """The user's latest profile of a camera that can still be used."""
    profiles = Profile.objects.filter(user=user, camera=camera_id).order_by("-updated_at")
    return next((profile for profile in profiles if codec.load_baseline(profile.baseline)), None)
