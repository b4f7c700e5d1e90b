"""What becomes of a user's pictures, once they chose otherwise."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import FaceProfile, Privacy, User
from accounts.privacy import PrivacyChoice, days_kept
from accounts.services import privacy_set, user_lock
from ai_models.monitoring.landmark_source import forget_face
from detections.models import Session
from detections.sessions import store
from mongos import archive
from personal_data.erasures import REQUEST_BUDGET_S, erasure_run, span_record

# A picture that is stored while the choice is being made was captured before it or, by a hair, after it.
UNDER_WAY_S = 5.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many pictures were deleted because of a choice, and whether all were that have to be."""

    deleted: int
    is_complete: bool


def privacy_choose(*, user: User, choice: PrivacyChoice) -> Chosen:
    """Store the user's choice, and delete what it would not have kept: pictures, and in the browser's case the face
    that was learned from them. What cannot be deleted now is deleted later. Raises AccountDeleted, TooManyErasures."""
    with transaction.atomic():
        user_lock(user_id=user.pk)
        privacy_set(user=user, choice=choice)
        if user.privacy == Privacy.BROWSER:
            _forget_face(user)
        days, now = days_kept(user), timezone.now()
        if days == 0:
            return Chosen(0, is_complete=True)
        until = now + timedelta(seconds=UNDER_WAY_S) if days is None else now - timedelta(days=days)
        erasure = span_record(user_id=user.pk, since=user.date_joined, until=until)
    # After the transaction, which must not wait for another database.
    return Chosen(*erasure_run(erasure, budget_s=REQUEST_BUDGET_S))


def keep_days_lower(*, user_id: int, days: int, budget_s: float = REQUEST_BUDGET_S) -> bool:
    """Keep a user's pictures for fewer days than they chose; False if they keep none, or for no longer already.

    For the staff, who may shorten but never lengthen: the choice and its time stay the user's. Older pictures are
    deleted, now or later. Raises AccountDeleted, TooManyErasures.
    """
    with transaction.atomic():
        user_lock(user_id=user_id)
        user = User.objects.get(pk=user_id)
        kept = days_kept(user)
        if kept is None or 0 < kept <= days:
            return False
        User.objects.filter(pk=user_id).update(keep_days=days)
        until = timezone.now() - timedelta(days=days)
        erasure = span_record(user_id=user_id, since=user.date_joined, until=until)
    erasure_run(erasure, budget_s=budget_s)
    return True


def expire_kept() -> int:
    """Delete the pictures of users who have fewer days than the service keeps them; returns how many.

    Raises ArchiveUnavailable.
    """
    deleted = 0
    shorter = User.objects.filter(keep_days__gt=0, archive_frames=True)
    for user in list(shorter.only("pk", "keep_days", "archive_frames")):
        until = timezone.now() - timedelta(days=days_kept(user) or 0)
        deleted += archive.delete_all(user_id=user.pk, until=until)[0]
    return deleted


def _forget_face(user: User) -> None:
    """Delete the user's enrolled face, and the looks of a running session."""
    FaceProfile.objects.filter(user=user).delete()
    for session_id in Session.objects.filter(user=user, running=True).values_list("pk", flat=True):
        with store.locked(user, session_id) as session:
            store.save(session, forget_face(session.state))
