"""Logins: which tokens are accepted, and how logins end.

Every token carries its login's id, which stays in simplejwt's tables until the login's last token has expired. Used
refresh tokens and ended logins are on simplejwt's blacklist. Only ids are stored, never tokens.
"""

from datetime import timedelta
from functools import cache
from typing import Any, Self
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, BlacklistMixin, Token
from rest_framework_simplejwt.tokens import RefreshToken as PlainRefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts.models import User
from accounts.services import AccountDeleted, user_lock
from common.db.compiled import CompiledQuery
from common.errors import InvalidField

LOGIN_CLAIM = "login"
VERSION_CLAIM = "round"
# Two windows of one client may refresh at once; later reuse is treated as theft.
REUSE_GRACE = timedelta(seconds=60)
BATCH = 1000


class InvalidRefreshToken(InvalidField):
    """A refresh token that is invalid, expired or another user's."""

    field = "refresh"
    message = gettext_lazy("This refresh token is invalid, expired or another account's.")


class Authentication(JWTAuthentication):
    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        return user_of(validated_token)


class RefreshToken(PlainRefreshToken):
    """A refresh token that is valid for one use."""

    @classmethod
    def for_user(cls, user: User) -> Self:  # type: ignore[override]
        """The first refresh token of a new login. Raises AccountDeleted."""
        token: Self = super(BlacklistMixin, cls).for_user(user)  # BlacklistMixin would store the token itself
        token[LOGIN_CLAIM] = uuid4().hex
        token[VERSION_CLAIM] = user.token_version
        with transaction.atomic():
            user_lock(user_id=user.pk)
            OutstandingToken.objects.create(
                user=user, jti=token[LOGIN_CLAIM], created_at=token.current_time, expires_at=_expiry(token)
            )
            User.objects.filter(pk=user.pk).update(last_login=token.current_time)
        return token

    @property
    def access_token(self) -> AccessToken:
        access = super().access_token
        access.set_iat(at_time=self.current_time)  # its expiry, too, counts from here, not from when it was made
        return access

    def check_blacklist(self) -> None:
        """Raises TokenError if the token was used; if that is longer ago than REUSE_GRACE, also ends its login."""
        used = BlacklistedToken.objects.filter(token__jti=self["jti"]).first()
        if used and timezone.now() - used.blacklisted_at > REUSE_GRACE:
            login_end(self)
        if used:
            raise TokenError(_("Token is blacklisted"))

    def exchange(self) -> None:
        """Become the next refresh token of the same login. Raises TokenError if this one was used in the meantime."""
        with transaction.atomic():
            user_lock(user_id=_user_id(self))
            if not _blacklist(self, self["jti"]):
                raise TokenError(_("Token is blacklisted"))
            self.set_jti()
            self.set_exp()
            self.set_iat()
            OutstandingToken.objects.filter(jti=self.get(LOGIN_CLAIM)).update(expires_at=_expiry(self))


def tokens_for(user: User) -> dict[str, str]:
    """A new login's refresh and access token. Raises AccountDeleted."""
    refresh = RefreshToken.for_user(user)
    return {"refresh": str(refresh), "access": str(refresh.access_token)}


def tokens_refresh(refresh: str) -> dict[str, str]:
    """A new access token and, if they rotate, a new refresh token. Raises TokenError, AuthenticationFailed."""
    token = RefreshToken(refresh)  # type: ignore[arg-type]
    user_of(token)
    tokens = {"access": str(token.access_token)}
    if api_settings.ROTATE_REFRESH_TOKENS:
        token.exchange()
        tokens["refresh"] = str(token)
    return tokens


def user_of(token: Token) -> User:
    """The token's user. Raises AuthenticationFailed if the user is deleted or inactive, or the login has ended."""
    user = _user_query().first(1, _login_of(token), _user_id(token))
    if user is None:
        raise AuthenticationFailed(_("User not found"), code="user_not_found")
    if not user.is_active:
        raise AuthenticationFailed(_("User is inactive"), code="user_inactive")
    password = get_md5_hash_password(user.password)
    is_current = (token.get(api_settings.REVOKE_TOKEN_CLAIM), token.get(VERSION_CLAIM, 0)) == (
        password,
        user.token_version,
    )
    if user.has_ended_login or not is_current:  # type: ignore[attr-defined]
        raise AuthenticationFailed(_("This login has ended."), code="login_ended")
    return user


def log_out(*, user: User, access: Token, refresh: str | None, everywhere: bool) -> None:
    """End the access token's login and, if given, the refresh token's; or all logins of the user.

    Raises InvalidRefreshToken, AccountDeleted.
    """
    token = _own_refresh_token(user, refresh) if refresh is not None else None
    if everywhere:
        logins_end(user_id=user.pk)
        return
    login_end(access)
    if token:
        login_end(token)


def login_end(token: Token) -> None:
    """End a token's login: none of its tokens is accepted any longer. Raises AccountDeleted."""
    with transaction.atomic():
        user_lock(user_id=_user_id(token))
        _blacklist(token, _login_of(token))


def logins_end(*, user_id: int) -> None:
    """End all logins of a user: no token or admin session is accepted any longer. Raises AccountDeleted."""
    with transaction.atomic():
        if not User.objects.filter(pk=user_id).update(token_version=F("token_version") + 1):
            raise AccountDeleted
        logins_of(user_id=user_id).delete()


def logins_of(*, user_id: int) -> QuerySet[OutstandingToken]:
    """The stored rows of a user's logins: one for each, and one without created_at for each used refresh token."""
    return OutstandingToken.objects.filter(user_id=user_id)


def delete_expired() -> None:
    """Delete the rows of expired tokens, oldest first: those expire first."""
    now = timezone.now()
    while True:
        oldest = dict(OutstandingToken.objects.order_by("pk").values_list("pk", "expires_at")[:BATCH])
        expired = [pk for pk, expires_at in oldest.items() if expires_at < now]
        OutstandingToken.objects.filter(pk__in=expired).delete()
        if len(expired) < BATCH:
            return


@cache
def _user_query() -> CompiledQuery[User]:
    """Its values: the 1 that EXISTS selects, the login's id, and the user's."""
    ended = BlacklistedToken.objects.filter(token__jti="")
    return CompiledQuery(User.objects.annotate(has_ended_login=Exists(ended)).filter(pk=0))


def _login_of(token: Token) -> str:
    return str(token.get(LOGIN_CLAIM) or token["jti"])


def _user_id(token: Token) -> int:
    return int(token.get(api_settings.USER_ID_CLAIM, 0))


def _expiry(token: Token) -> Any:
    """When a login's last token expires: an access token may be issued in the refresh token's last second."""
    return token.current_time + api_settings.REFRESH_TOKEN_LIFETIME + api_settings.ACCESS_TOKEN_LIFETIME


def _blacklist(token: Token, jti: str) -> bool:
    """Put an id on the blacklist; False if it was there already. The caller has locked the user."""
    defaults = {"user_id": _user_id(token), "expires_at": _expiry(token)}
    row, _created = OutstandingToken.objects.get_or_create(jti=jti, defaults=defaults)
    return BlacklistedToken.objects.get_or_create(token=row)[1]


def _own_refresh_token(user: User, refresh: str) -> RefreshToken:
    try:
        token = RefreshToken(refresh)  # type: ignore[arg-type]
        owner = user_of(token)
    except (TokenError, AuthenticationFailed):
        raise InvalidRefreshToken from None
    if owner.pk != user.pk:
        raise InvalidRefreshToken
    return token
