"""What the staff can do to several people at once. Each returns whom it changed, and what an undo has to know."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from accounts import services, tokens
from accounts.models import User
from accounts.services import AccountDeleted
from detections.running import running_sessions
from detections.sessions import commands
from detections.sessions.errors import SessionNotFound
from personal_data.erasures import REQUEST_BUDGET_S, TooManyErasures
from personal_data.privacy import keep_days_lower

Before = dict[str, Any]  # by the user's key, as text: it is kept in the staff's session


def activity_set(user_ids: Collection[int], *, is_active: bool) -> list[int]:
    """Those whose accounts were switched on or off; who is switched off can neither log in nor send anything."""
    users = User.objects.filter(pk__in=user_ids).exclude(is_active=is_active)
    changed = list(users.values_list("pk", flat=True))
    User.objects.filter(pk__in=changed).update(is_active=is_active)
    return changed


def logins_end(user_ids: Collection[int]) -> list[int]:
    ended = []
    for user_id in user_ids:
        with suppress(AccountDeleted):
            tokens.logins_end(user_id=user_id)
            ended.append(user_id)
    return ended


def sessions_end(user_ids: Collection[int]) -> list[int]:
    """Those who had a running session; it has its report now."""
    ended = []
    for row in running_sessions().filter(user_id__in=user_ids).defer("state").select_related("user"):
        with suppress(AccountDeleted, SessionNotFound):
            commands.session_stop(user=row.user, session_id=row.pk)
            ended.append(row.user_id)
    return ended


def alarms_set(users: Collection[User], settings: dict[str, Any]) -> tuple[list[int], Before]:
    """Those whose alarm settings were others, and what they were."""
    before: Before = {}
    for user in users:
        former = {name: getattr(user, name) for name in settings}
        if former == settings:
            continue
        with suppress(AccountDeleted):
            services.alarms_update(user=user, **settings)
            before[str(user.pk)] = former
    return [int(key) for key in before], before


def alarms_restore(before: Before) -> list[int]:
    restored = []
    for user in User.objects.filter(pk__in=before):
        with suppress(AccountDeleted):
            services.alarms_update(user=user, **before[str(user.pk)])
            restored.append(user.pk)
    return restored


def retention_lower(users: Collection[User], days: int) -> tuple[list[int], Before]:
    """Those whose pictures are kept for fewer days from now on, and for how many they were."""
    before: Before = {}
    for user in users:
        with suppress(AccountDeleted, TooManyErasures):
            if keep_days_lower(user_id=user.pk, days=days, budget_s=REQUEST_BUDGET_S / len(users)):
                before[str(user.pk)] = {"keep_days": user.keep_days, "lowered_to": days}
    return [int(key) for key in before], before


def retention_restore(before: Before) -> list[int]:
    """Give back what people had chosen, unless they have chosen anew since."""
    restored = []
    for key, former in before.items():
        unchanged = User.objects.filter(pk=key, keep_days=former["lowered_to"], archive_frames=True)
        if unchanged.update(keep_days=former["keep_days"]):
            restored.append(int(key))
    return restored
