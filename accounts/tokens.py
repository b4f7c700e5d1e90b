"""Logins: which tokens are taken, and how they end.

All tokens of one login carry its number, under which it stands in simplejwt's tables until its last token has expired.
A refresh token that was used is put on simplejwt's blacklist, a login that was ended too. No token is kept.
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
from rest_framework_simplejwt.tokens import BlacklistMixin, Token
from rest_framework_simplejwt.tokens import RefreshToken as PlainRefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts.models import User
from accounts.services import AccountDeleted, user_lock
from common.errors import InvalidField

LOGIN_CLAIM = "login"
VERSION_CLAIM = "round"
# Two windows of one client may refresh at the same moment. Later it is a copy that somebody else has.
REUSE_GRACE = timedelta(seconds=60)
BATCH = 1000


class InvalidRefreshToken(InvalidField):
    """A refresh token that is not one of this user's, or not in force."""

    field = "refresh"
    message = gettext_lazy("This is not a refresh token of this account that is in force.")


class Authentication(JWTAuthentication):
    def get_user(self, validated_token: Token) -> User:  # type: ignore[override]
        return user_of(validated_token)


class RefreshToken(PlainRefreshToken):
    """Good for one use."""

    @classmethod
    def for_user(cls, user: User) -> Self:  # type: ignore[override]
        """The first of a new login. Raises AccountDeleted."""
        token: Self = super(BlacklistMixin, cls).for_user(user)  # the mixin would keep its text
        token[LOGIN_CLAIM] = uuid4().hex
        token[VERSION_CLAIM] = user.token_version
        with transaction.atomic():
            user_lock(user_id=user.pk)
            OutstandingToken.objects.create(
                user=user, jti=token[LOGIN_CLAIM], created_at=token.current_time, expires_at=_expiry(token)
            )
        return token

    def check_blacklist(self) -> None:
        """Raises TokenError for a token that was used; long afterwards it ends the login besides."""
        used = BlacklistedToken.objects.filter(token__jti=self["jti"]).first()
        if used and timezone.now() - used.blacklisted_at > REUSE_GRACE:
            login_end(self)
        if used:
            raise TokenError(_("Token is blacklisted"))

    def exchange(self) -> None:
        """Become the next refresh token of the same login. Raises TokenError where this one was used meanwhile."""
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
    """A new access token, and where they rotate a new refresh token. Raises TokenError, AuthenticationFailed."""
    token = RefreshToken(refresh)  # type: ignore[arg-type]
    user_of(token)
    tokens = {"access": str(token.access_token)}
    if api_settings.ROTATE_REFRESH_TOKENS:
        token.exchange()
        tokens["refresh"] = str(token)
    return tokens


def user_of(token: Token) -> User:
    """The user whose token this is. Raises AuthenticationFailed where the user or the login is no more."""
    sql, (one, *_names) = _user_sql()
    user: User | None = next(iter(User.objects.raw(sql, [one, _login_of(token), _user_id(token)])), None)
    if user is None:
        raise AuthenticationFailed(_("User not found"), code="user_not_found")
    if not user.is_active:
        raise AuthenticationFailed(_("User is inactive"), code="user_inactive")
    password = get_md5_hash_password(user.password)
    is_of_now = (token.get(api_settings.REVOKE_TOKEN_CLAIM), token.get(VERSION_CLAIM, 0)) == (
        password,
        user.token_version,
    )
    if user.has_ended_login or not is_of_now:  # type: ignore[attr-defined]
        raise AuthenticationFailed(_("This login has ended."), code="login_ended")
    return user


def log_out(*, user: User, access: Token, refresh: str | None, everywhere: bool) -> None:
    """End the login of an access token, and of a refresh token; or all of the user's. Raises InvalidRefreshToken."""
    token = _own_refresh_token(user, refresh) if refresh is not None else None
    if everywhere:
        logins_end(user_id=user.pk)
        return
    login_end(access)
    if token:
        login_end(token)


def login_end(token: Token) -> None:
    """Let none of its login's tokens be taken any more. Raises AccountDeleted."""
    with transaction.atomic():
        user_lock(user_id=_user_id(token))
        _blacklist(token, _login_of(token))


def logins_end(*, user_id: int) -> None:
    """Let none of a user's tokens and sessions be taken any more. Raises AccountDeleted."""
    with transaction.atomic():
        if not User.objects.filter(pk=user_id).update(token_version=F("token_version") + 1):
            raise AccountDeleted
        logins_of(user_id=user_id).delete()


def logins_of(*, user_id: int) -> QuerySet[OutstandingToken]:
    """What is kept of a user's logins: a row each, and one for each refresh token that was used, without created_at."""
    return OutstandingToken.objects.filter(user_id=user_id)


def forget_expired() -> None:
    """Delete what is kept of tokens that nobody would take any more. The oldest come first, and expire first."""
    now = timezone.now()
    while True:
        oldest = dict(OutstandingToken.objects.order_by("pk").values_list("pk", "expires_at")[:BATCH])
        expired = [pk for pk, expires_at in oldest.items() if expires_at < now]
        OutstandingToken.objects.filter(pk__in=expired).delete()
        if len(expired) < BATCH:
            return


@cache
def _user_sql() -> tuple[str, tuple[Any, ...]]:
    # Each request runs this. Written by the ORM once and not each time, it takes less than the user alone took.
    ended = BlacklistedToken.objects.filter(token__jti="")
    return User.objects.filter(pk=0).annotate(has_ended_login=Exists(ended)).query.sql_with_params()


def _login_of(token: Token) -> str:
    return str(token.get(LOGIN_CLAIM) or token["jti"])


def _user_id(token: Token) -> int:
    return int(token.get(api_settings.USER_ID_CLAIM, 0))


def _expiry(token: Token) -> Any:
    """When the last token of a login has expired: an access token may be given in a refresh token's last second."""
    return token.current_time + api_settings.REFRESH_TOKEN_LIFETIME + api_settings.ACCESS_TOKEN_LIFETIME


def _blacklist(token: Token, number: str) -> bool:
    """Whether it was not on the blacklist before; its user is held."""
    defaults = {"user_id": _user_id(token), "expires_at": _expiry(token)}
    row, _created = OutstandingToken.objects.get_or_create(jti=number, defaults=defaults)
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
