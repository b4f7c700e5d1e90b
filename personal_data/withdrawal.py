"""Withdrawal: erasing a user and all of their data."""

from contextlib import suppress

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.audit import log as audit_log
from accounts.models import User
from accounts.services import AccountDeleted, password_check, user_lock
from common.http import throttling
from personal_data import erasures


def user_withdraw(*, user: User, password: str | None) -> None:
    """Erase a user at their own request; checks the password if given. Raises WrongPassword, TooManyAttempts."""
    if password is not None:
        password_check(user=user, password=password)
    user_erase(user_id=user.pk)
    audit_log.withdrawal_record(user_id=user.pk)


def user_erase(*, user_id: int, budget_s: float = erasures.REQUEST_BUDGET_S) -> None:
    """Erase a user and all of their data; frames left after `budget_s` seconds are deleted in the background."""
    with transaction.atomic():
        # Waits for running requests of this user. An administrator may have erased the user in the meantime.
        with suppress(AccountDeleted):
            user_lock(user_id=user_id)
        OutstandingToken.objects.filter(user_id=user_id).delete()  # otherwise the rows would stay, without a user
        _delete_failures(user_id)
        audit_log.person_forget(user_id=user_id)  # that somebody looked stays, not who it was and from where
        User.objects.filter(pk=user_id).delete()
        _delete_name_in_admin_log(user_id)
        erasure = erasures.withdrawal_record(user_id=user_id)
    # After the transaction: it must not wait for another database, nor be undone by it.
    erasures.erasure_run(erasure, budget_s=budget_s)


def _delete_failures(user_id: int) -> None:
    for username in User.objects.filter(pk=user_id).values_list("username", flat=True):
        throttling.password_failures(username).reset()


def _delete_name_in_admin_log(user_id: int) -> None:
    about_user = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user_id))
    about_user.update(object_repr=f"user {user_id}", change_message="")
