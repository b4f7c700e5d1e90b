"""Who may do what: owners (superusers) everything, operators run the service, auditors read the audit log.

Operators and auditors are groups with fixed permissions. No role sees what a person measured: the lists of that have
only what people share. So that nobody gets there by being that person, operators neither set passwords nor change the
names and addresses that links for new ones are sent to.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q

from accounts.audit.log import Action, command_record
from accounts.models import User

OPERATOR, AUDITOR = "operator", "auditor"
NOBODY = "nobody"
PERMISSIONS = {
    OPERATOR: (
        *("accounts.view_user", "accounts.change_user", "accounts.delete_user"),
        *("accounts.view_invitation", "accounts.add_invitation", "accounts.change_invitation"),
        *("reports.view_report", "detections.view_session", "reports.view_teamweek"),
    ),
    AUDITOR: ("accounts.view_dataaccess",),
}


def roles_restore(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Make the groups with exactly their permissions. After each migration: some are of tables that are new."""
    if using != DEFAULT_DB_ALIAS:
        return
    for role, names in PERMISSIONS.items():
        group, _is_new = Group.objects.get_or_create(name=role)
        wanted = Q(pk__in=[])
        for name in names:
            app, _, codename = name.partition(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def appoint(*, user: User, role: str) -> None:
    """Give a user one of the roles, or NOBODY's: none. Owners stay owners."""
    if role not in {*PERMISSIONS, NOBODY}:
        raise ValueError(f"{role!r} is no role")
    with transaction.atomic():
        user.groups.remove(*Group.objects.filter(name__in=PERMISSIONS))
        if role != NOBODY:
            user.groups.add(Group.objects.get(name=role))
        user.is_staff = user.is_superuser or role != NOBODY
        user.save(update_fields=["is_staff"])
        command_record(user=user, action=Action.CHANGED, what="role", detail=role)
