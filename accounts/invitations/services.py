"""Who may create an account, and the invitations that let people do so."""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.invitations.models import Invitation, State
from accounts.models import User
from accounts.services import user_create
from common.errors import Forbidden, InvalidField

TOKEN_BYTES = 32
KEPT_AFTERWARDS = timedelta(days=90)  # an invitation that came to nothing names somebody who never came

_log = logging.getLogger(__name__)


class SignUpClosed(Forbidden):
    """SIGN_UP is closed."""

    message = _("Nobody can sign up here. Ask the people who run this service for an account.")


class InvitationRequired(Forbidden):
    """SIGN_UP is invited, and there is no invitation."""

    message = _("You need an invitation to sign up here. Ask the people who run this service for one.")


class InvitationInvalid(InvalidField):
    """The invitation is used, withdrawn, too old, or none of ours: which of them is told to nobody."""

    field = "invitation"
    message = _("This invitation has been used or withdrawn, or it is too old. Ask for another one.")


class InvitedAsSomebodyElse(InvalidField):
    """The invitation names its account."""

    field = "username"
    message = _("This invitation is for another name.")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to invite; without a username, whoever has the link chooses one."""

    username: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """An invitation and its token, which is known only now."""

    invitation: Invitation
    token: str

    def url(self, page: str) -> str:
        """page: the page's address, where the link leads."""
        return f"{page}#/sign-up/{self.token}"


def sign_up_require(*, is_invited: bool) -> None:
    """Raises SignUpClosed, InvitationRequired."""
    if settings.SIGN_UP == "closed":
        raise SignUpClosed
    if settings.SIGN_UP == "invited" and not is_invited:
        raise InvitationRequired


def sign_up(*, invitation: str = "", username: str, **account: Any) -> User:
    """A new user, who signs up on their own. invitation: its token; account: as user_create takes it.

    Raises SignUpClosed, InvitationRequired, InvitationInvalid, InvitedAsSomebodyElse, UsernameTaken, NoRoom.
    """
    sign_up_require(is_invited=bool(invitation))
    if not invitation:
        return user_create(username=username, **account)
    with transaction.atomic():
        used = _use(_usable(invitation))
        if used.username and used.username != User.normalize_username(username):
            raise InvitedAsSomebodyElse
        return _welcome(user_create(username=username, **account), used)


def sign_up_allowed(*, email: str) -> str:
    """The name that an invitation to a proven mail address gives its account, or an empty string.

    Raises SignUpClosed, InvitationRequired.
    """
    invitation = _invitation_of(email)
    sign_up_require(is_invited=invitation is not None)
    return invitation.username if invitation else ""


def sign_up_proven(*, username: str, email: str, **account: Any) -> User:
    """A new user without a password, whose mail address a company's login has proven: an invitation needs no link.

    Raises SignUpClosed, InvitationRequired, InvitationInvalid, UsernameTaken, NoRoom.
    """
    name = sign_up_allowed(email=email) or username
    invitation = _invitation_of(email)
    with transaction.atomic():
        user = user_create(username=name, password=None, **account)
        return _welcome(user, _use(invitation)) if invitation else user


def _invitation_of(email: str) -> Invitation | None:
    """The newest open invitation for a proven mail address."""
    invited = Invitation.objects.in_state(State.OPEN).filter(Q(email__iexact=email) | Q(username__iexact=email))
    return invited.order_by("-pk").first() if email else None


def invitation_read(*, token: str) -> Invitation:
    """The open invitation of a link. Raises SignUpClosed, InvitationInvalid."""
    sign_up_require(is_invited=True)
    return _usable(token)


def invite(*, people: Iterable[Person], invited_by: User | None) -> list[NewLink]:
    """Invite people, each with a link of their own, which nobody can read again."""
    tokens = [(person, secrets.token_urlsafe(TOKEN_BYTES)) for person in people]
    invitations = [
        Invitation(
            token_hash=_hashed(token),
            username=User.normalize_username(person.username),
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            language=person.language,
            invited_by=invited_by,
            expires_at=_expiry(),
        )
        for person, token in tokens
    ]
    with transaction.atomic():
        for invitation in invitations:
            invitation.save(force_insert=True)
    _log.info("%d people were invited by user %s.", len(invitations), invited_by.pk if invited_by else None)
    return [NewLink(invitation, token) for invitation, (_person, token) in zip(invitations, tokens, strict=True)]


def renew(*, invitation: Invitation) -> NewLink | None:
    """A new link, in place of the one before, valid for as long as a new one; None if it is used or withdrawn."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    unused = Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None)
    if not unused.update(token_hash=_hashed(token), expires_at=_expiry()):
        return None
    invitation.refresh_from_db()
    return NewLink(invitation, token)


def withdraw(*, invitation_ids: Iterable[int]) -> int:
    """Make open invitations invalid; the number of them."""
    invitations = Invitation.objects.in_state(State.OPEN).filter(pk__in=list(invitation_ids))
    return invitations.update(withdrawn_at=timezone.now())


def delete_old() -> None:
    """Delete invitations that came to nothing, KEPT_AFTERWARDS after they have expired."""
    Invitation.objects.filter(used_at=None, expires_at__lt=timezone.now() - KEPT_AFTERWARDS).delete()


def _usable(token: str) -> Invitation:
    invitation = Invitation.objects.in_state(State.OPEN).filter(token_hash=_hashed(token)).first()
    if invitation is None:
        raise InvitationInvalid
    return invitation


def _use(invitation: Invitation) -> Invitation:
    """Mark it as used, in the caller's transaction. Raises InvitationInvalid if somebody else was faster."""
    if not Invitation.objects.in_state(State.OPEN).filter(pk=invitation.pk).update(used_at=timezone.now()):
        raise InvitationInvalid
    return invitation


def _welcome(user: User, invitation: Invitation) -> User:
    """The new user with what their invitation knew of them."""
    Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
    user.email, user.first_name, user.last_name = invitation.email, invitation.first_name, invitation.last_name
    user.save(update_fields=["email", "first_name", "last_name"])
    return user


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _expiry() -> Any:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)
