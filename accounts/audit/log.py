"""Adding to the audit log, and the two ways in which something is taken out of it: its age, and an erased account.

Both leave an entry of their own, which names the numbers of those that are gone: `manage.py check_audit` accepts a gap
only where such an entry, sealed like any other, explains it.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import chain
from accounts.audit.models import MAX_DETAIL_LENGTH, AuditSeal, DataAccess
from accounts.models import User
from common.http.throttling import address_of

Action = DataAccess.Action
AUDIT = "audit"  # what: the log itself
ACCOUNT = "user"  # what: an account and its settings
REMOVED, UNNAMED, EXPIRED = "removed ", "unnamed ", "expired to "  # how such an entry's details begin
RANGES_LENGTH = 900  # of an entry's details

_log = logging.getLogger(__name__)


def append(entries: Iterable[DataAccess]) -> None:
    """Add entries; those about a person who is gone by now are left out.

    The people are locked first, as whoever changes or erases one does before adding to the log: nobody waits for each
    other in a circle.
    """
    added = list(entries)
    ids = {id_ for entry in added for id_ in (entry.user_id, entry.staff_id) if id_}
    with transaction.atomic():
        there = set(User.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
        for entry in added:
            if entry.staff_id not in there:
                entry.staff_id = None
        DataAccess.objects.bulk_create([entry for entry in added if entry.user_id is None or entry.user_id in there])


def staff_record(
    *, request: HttpRequest, person_ids: Iterable[int], action: Action, what: str, detail: str = ""
) -> None:
    """Log what somebody of the staff does to rows of these people; their own are no secret to them.

    An account's erasure is logged under its number, and stays when the account is gone.
    """
    is_end = what == ACCOUNT and action in {Action.DELETED, Action.ERASED}
    entries = [
        DataAccess(
            user_id=None if is_end else person_id,
            staff_id=request.user.pk,
            action=Action.ERASED if is_end else action,
            what=what,
            detail=(f"user {person_id}" if is_end else detail)[:MAX_DETAIL_LENGTH],
            address=address_of(request),
        )
        for person_id in sorted(set(person_ids))
        if person_id != request.user.pk
    ]
    if entries:
        append(entries)


def general_record(*, request: HttpRequest, action: Action, what: str, detail: str = "") -> None:
    """Log what somebody did that is about nobody in particular, such as downloading this log."""
    address = address_of(request)
    append([DataAccess(staff_id=request.user.pk, action=action, what=what, detail=detail, address=address)])


def own_record(*, request: HttpRequest, action: Action, what: str) -> None:
    """Log what a person did to their own data: who finds an export that was not theirs has to know."""
    person_id, address = request.user.pk, address_of(request)
    append([DataAccess(user_id=person_id, staff_id=person_id, action=action, what=what, address=address)])


def command_record(*, user: User, action: Action, what: str, detail: str) -> None:
    """Log what was done to a user on the server's command line, where nobody is logged in."""
    append([DataAccess(user=user, action=action, what=what, detail=detail)])


def withdrawal_record(*, user_id: int) -> None:
    """Log that a person erased their own account; to be called when it is gone."""
    append([DataAccess(action=Action.ERASED, what=ACCOUNT, detail=f"user {user_id}")])


def person_forget(*, user_id: int) -> None:
    """Take out what is about a user, and who they are where they looked at others.

    To be called in the transaction that has locked the user and then deletes them.
    """
    entries = DataAccess._base_manager
    about = list(entries.filter(user_id=user_id).order_by("pk").values_list("pk", flat=True))
    of_theirs = entries.filter(staff_id=user_id).exclude(user_id=user_id)
    unnamed = list(of_theirs.order_by("pk").values_list("pk", flat=True))
    explained = [*_explained(Action.ERASED, REMOVED, about), *_explained(Action.CHANGED, UNNAMED, unnamed)]
    if explained:
        DataAccess.objects.bulk_create(explained)
    entries.filter(pk__in=unnamed).update(staff=None, address="", salt="")
    entries.filter(pk__in=about).delete()


def expire() -> int:
    """Delete entries older than AUDIT_DAYS; returns how many. Of their seals the last one stays, as the new start."""
    if not settings.AUDIT_DAYS:
        return 0
    since = timezone.now() - timedelta(days=settings.AUDIT_DAYS)
    entries = DataAccess._base_manager
    first = entries.filter(at__gte=since).order_by("pk").values_list("pk", flat=True).first()
    old = entries.filter(at__lt=since) if first is None else entries.filter(at__lt=since, pk__lt=first)
    last = old.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        return 0
    with transaction.atomic():
        append([DataAccess(action=Action.ERASED, what=AUDIT, detail=f"{EXPIRED}{last}")])
        deleted, _per_model = entries.filter(pk__lte=last).delete()
        AuditSeal.objects.filter(number__lt=last).delete()
    _log.info("Of the audit log %d entries were older than AUDIT_DAYS, and are deleted.", deleted)
    return deleted


def _explained(action: Action, beginning: str, numbers: list[int]) -> Iterator[DataAccess]:
    """Entries that say what was done to those numbers: several if one's details cannot hold them."""
    spans = chain.ranges_of(numbers).split(",") if numbers else []
    while spans:
        part: list[str] = []
        while spans and len(",".join([*part, spans[0]])) <= RANGES_LENGTH:
            part.append(spans.pop(0))
        yield DataAccess(action=action, what=AUDIT, detail=beginning + ",".join(part))
