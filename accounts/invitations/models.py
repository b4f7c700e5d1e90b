"""Invitations to create an account."""

from collections.abc import Callable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.typed import UsernameValidator

MAX_NAME = 150


class State(models.TextChoices):
    OPEN = "open", _("open")
    USED = "used", _("used")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def in_state(self, state: str) -> Self:
        """Invitations that are in a state now, in the order of precedence of Invitation.state."""
        conditions: dict[str, Callable[[], Q]] = {
            State.USED: lambda: Q(used_at__isnull=False),
            State.WITHDRAWN: lambda: Q(used_at=None, withdrawn_at__isnull=False),
            State.EXPIRED: lambda: Q(used_at=None, withdrawn_at=None, expires_at__lte=timezone.now()),
            State.OPEN: lambda: Q(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now()),
        }
        return self.filter(conditions[state]())


class Invitation(models.Model):
    """Lets one person sign up, with the token in its link; only a hash of the token is stored.

    It goes with the person who used it, like all else about them.
    """

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    username = models.CharField(
        _("username"),
        max_length=MAX_NAME,
        blank=True,
        db_index=True,
        validators=[UsernameValidator()],
        help_text=_("the account's; empty: whoever has the link chooses one"),
    )
    email = models.EmailField(_("e-mail address"), blank=True, db_index=True)
    first_name = models.CharField(_("first name"), max_length=MAX_NAME, blank=True)
    last_name = models.CharField(_("last name"), max_length=MAX_NAME, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("invited at"), default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(_("valid until"), db_index=True)
    used_at = models.DateTimeField(_("used at"), null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="invitations", verbose_name=_("used by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"invitation {self.pk}"  # no name: the admin's own log would keep it for ever

    @property
    def state(self) -> State:
        if self.used_at:
            return State.USED
        if self.withdrawn_at:
            return State.WITHDRAWN
        return State.OPEN if self.expires_at > timezone.now() else State.EXPIRED
