"""Seats: baselines under a name, to begin a session with."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services import user_hold
from detections.models import SeatProfile, Session
from detections.sessions import rows, states
from detections.sessions.errors import NoBaseline, SeatUnknown, TooManySeats

MAX_SEATS = 50


def seat_of(*, user: User, profile_id: int) -> SeatProfile:
    """One of the user's seats. Raises SeatUnknown."""
    seat = SeatProfile.objects.filter(user=user, pk=profile_id).first()
    if seat is None:
        raise SeatUnknown
    return seat


def seat_keep(*, user: User, session_id: UUID, name: str) -> tuple[SeatProfile, bool]:
    """The session's baseline under a name, and whether the name is new.

    Raises SessionUnknown, SessionEnded, NoBaseline, TooManySeats, AccountGone.
    """
    with transaction.atomic():
        user_hold(user_id=user.pk)
        session = rows.own(user, session_id, held=True)
        baseline = rows.running(session).baseline
        if baseline is None:
            raise NoBaseline
        seats = SeatProfile.objects.filter(user=user)
        if seats.count() >= MAX_SEATS and not seats.filter(name=name).exists():
            raise TooManySeats
        kept = {"baseline": states.dump(baseline), "quality": baseline.quality}
        seat, is_new = SeatProfile.objects.update_or_create(user=user, name=name, defaults=kept)
        Session.objects.filter(pk=session.pk).update(profile=seat)
        return seat, is_new


def seat_forget(*, user: User, profile_id: int) -> None:
    """Forget a seat; a session that began with it goes on. Raises SeatUnknown, AccountGone."""
    with transaction.atomic():
        user_hold(user_id=user.pk)
        seat_of(user=user, profile_id=profile_id).delete()
