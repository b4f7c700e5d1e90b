"""Which user a person of the company's login is: known by the provider's `sub`, connected by a password, or new."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.company_login.claims import Claims
from accounts.company_login.models import CompanyIdentity
from accounts.invitations.services import sign_up_allowed, sign_up_proven
from accounts.models import User
from accounts.privacy import PrivacyChoice
from accounts.services import password_check
from common.errors import Forbidden, InvalidField


class AccountInactive(Forbidden):
    """Whoever runs the service has deactivated the user."""

    message = _("Your account here is not active. Ask the people who run this service.")


class PasswordNeeded(InvalidField):
    """An account with that name exists; only its password proves that it is the same person's."""

    field = "password"
    message = _("An account with this name exists. Enter its password to connect it.")


class ChoiceNeeded(InvalidField):
    """Nobody's pictures are kept without their having been asked."""

    field = "privacy"
    message = _("Choose what happens to your pictures.")


def person_state(*, claims: Claims) -> tuple[str, str]:
    """known, taken or new, and the name of the account. Raises AccountInactive, SignUpClosed, InvitationRequired."""
    if known := _known(claims):
        return "known", known.username
    if taken := _namesake(claims):
        return "taken", taken.username
    return "new", sign_up_allowed(email=claims.email) or claims.username


def proof_require(*, claims: Claims, password: str | None, choice: PrivacyChoice | None) -> None:
    """What log_in needs beside the claims. Outside of a transaction: a wrong password stays counted.

    Raises PasswordNeeded, WrongPassword, TooManyAttempts, ChoiceNeeded, AccountInactive.
    """
    if _known(claims):
        return
    if namesake := _namesake(claims):
        if not password:
            raise PasswordNeeded
        password_check(user=namesake, password=password)
    elif choice is None:
        raise ChoiceNeeded


def log_in(*, claims: Claims, choice: PrivacyChoice | None, time_zone: str) -> User:
    """The person's user, connected or created if necessary, after proof_require.

    Raises SignUpClosed, InvitationRequired, UsernameTaken, NoRoom, AccountInactive.
    """
    if known := _known(claims):
        return known
    with transaction.atomic():
        user = _namesake(claims) or _created(claims, choice, time_zone)
        key = CompanyIdentity.hashed(issuer=claims.issuer, subject=claims.subject)
        CompanyIdentity.objects.create(user=user, subject_hash=key, issuer=claims.issuer)
    return user


def _known(claims: Claims) -> User | None:
    identity = CompanyIdentity.of(issuer=claims.issuer, subject=claims.subject).select_related("user").first()
    return _active(identity.user) if identity else None


def _namesake(claims: Claims) -> User | None:
    """The local user of that name or address: perhaps the same person, perhaps not."""
    by_name = Q(username__iexact=claims.username)
    by_address = Q(email__iexact=claims.email) if claims.email else by_name
    users = User.objects.filter(by_name).first() or User.objects.filter(by_address).order_by("pk").first()
    return _active(users) if users else None


def _active(user: User) -> User:
    if not user.is_active:
        raise AccountInactive
    return user


def _created(claims: Claims, choice: PrivacyChoice | None, time_zone: str) -> User:
    account: dict[str, Any] = {"choice": choice, "time_zone": time_zone}
    user = sign_up_proven(username=claims.username, email=claims.email, **account)
    user.email = claims.email
    user.first_name, user.last_name = claims.first_name or user.first_name, claims.last_name or user.last_name
    user.save(update_fields=["email", "first_name", "last_name"])
    return user
