"""Changing what a person shares."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import user_lock
from accounts.sharing.models import KINDS, Sharing

NOTHING = dict.fromkeys(KINDS, False) | {"until": None}


def sharing_of(*, user: User) -> Sharing:
    """A person's choice; of one who never made any, an unsaved one."""
    return Sharing.objects.filter(user=user).first() or Sharing(user=user)


def sharing_set(
    *, user: User, what: Collection[str], until: datetime | None, in_team_sums: bool | None = None
) -> Sharing:
    """Share these kinds of rows with the staff until then, and nothing else. Raises AccountDeleted."""
    values = {kind: kind in what for kind in KINDS} | {"until": until if what else None}
    if in_team_sums is not None:
        values["in_team_sums"] = in_team_sums
    with transaction.atomic():
        user_lock(user_id=user.pk)
        sharing, _is_new = Sharing.objects.update_or_create(user=user, defaults=values)
    return sharing


def delete_expired() -> int:
    """Forget what was shared until a day that has passed; returns of how many people. Nobody saw it any more."""
    return Sharing.objects.filter(until__lte=timezone.now()).update(**NOTHING)
