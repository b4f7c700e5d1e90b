"""The way back for a forgotten password: a link by mail, which is valid once and for PASSWORD_RESET_TIMEOUT seconds."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import outbox
from accounts.models import User
from common.errors import Conflict, InvalidField
from common.http import throttling

WHAT = "a link for a new password"


class NoMail(Conflict):
    """The service has no EMAIL_URL."""

    message = gettext_lazy("This service sends no mail. Ask the people who run it for a new password.")


class LinkInvalid(InvalidField):
    """The link is used, too old or not one of ours."""

    field = "token"
    message = gettext_lazy("This link has been used or is too old. Ask for another one.")


def link_request(*, username: str, page: str) -> None:
    """Mail a link to the account's owner, if there is such an account and it has an address.

    page: the page's address, where the link leads. Raises NoMail.
    """
    if not settings.EMAIL_URL:
        raise NoMail
    requests = throttling.FailureThrottle("password_reset", f"name {username}")
    is_too_often = requests.wait_s() > 0
    requests.count()
    user = User.objects.filter(username=User.normalize_username(username), is_active=True).first()
    address = outbox.first_address(user.email, user.username) if user else ""
    if user and address and not is_too_often:
        link_mail(user=user, address=address, page=page)


def link_mail(*, user: User, address: str, page: str) -> bool:
    """Have a new link mailed; False if too many mails wait already."""
    return outbox.post([_mail(user, address, page)], what=WHAT)


def link_of(*, user: User, page: str) -> str:
    """A new link to choose another password. page: the page's address, where the link leads."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{page}#/reset/{uid}/{default_token_generator.make_token(user)}"


def link_user(*, uid: str, token: str) -> User:
    """The active user that a link was made for. Raises LinkInvalid."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise LinkInvalid
    return user


def password_reset(*, user: User, new_password: str) -> None:
    """Give the user from link_user a new password and end all logins. Raises LinkInvalid if the link was used since."""
    before = user.password
    user.set_password(new_password)
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, password=before).update(password=user.password):
            raise LinkInvalid
        OutstandingToken.objects.filter(user_id=user.pk).delete()
    throttling.password_failures(user.username).reset()


def _mail(user: User, address: str, page: str) -> EmailMessage:
    text = _(
        "Hello,\n\nsomebody, most likely you, has asked for a new password for the Pose Smart account %(username)s. "
        "Choose it here within an hour:\n\n%(link)s\n\nIf it was not you, you need not do anything: your password "
        "stays as it is."
    )
    return EmailMessage(
        _("A new password for Pose Smart"),
        text % {"username": user.username, "link": link_of(user=user, page=page)},
        to=[address],
    )
