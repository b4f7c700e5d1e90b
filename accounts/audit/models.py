"""The audit log: who opened, changed, exported or erased what, when and from where."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from django.conf import settings
from django.db import models, router, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit import chain

MAX_DETAIL_LENGTH = 1000
REFUSED = "What was logged does not change."


class AppendOnly(models.QuerySet["DataAccess"]):
    """Entries are added, and seal themselves. accounts/audit/log.py alone takes some out, and says so in the log."""

    def bulk_create(self, objs: Iterable["DataAccess"], *args: Any, **options: Any) -> list["DataAccess"]:
        if options.get("update_conflicts"):
            raise TypeError(REFUSED)
        entries = list(objs)
        with transaction.atomic(using=self.db):
            _seal(entries, self.db)
            return super().bulk_create(entries, *args, **options)

    def update(self, **values: Any) -> NoReturn:
        raise TypeError(REFUSED)

    def delete(self) -> NoReturn:
        raise TypeError(REFUSED)


class DataAccess(models.Model):
    """An entry: somebody opened, changed, exported, deleted or erased something, of the person `user` if of anybody's.

    Entries about a person go with them, like all else about them; that an account was erased stays, under its number.
    They outlive whoever is in `staff`, without name and address. The person themselves, or the command line, is `staff`
    only if they had an account to do it with.
    """

    class Action(models.TextChoices):
        VIEWED = "viewed", _("viewed")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        EXPORTED = "exported", _("exported")
        ERASED = "erased", _("erased")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="data_accesses", verbose_name=_("person")
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who did it")
    )
    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    action = models.CharField(_("action"), max_length=8, choices=Action.choices)
    what = models.CharField(_("what"), max_length=32)
    detail = models.CharField(_("details"), max_length=MAX_DETAIL_LENGTH, blank=True, default="", db_default="")
    address = models.CharField(_("address"), max_length=64, blank=True)
    # So that who did it can be taken out later: see accounts/audit/chain.py.
    salt = models.CharField(max_length=32, editable=False, default="", db_default="")
    actor = models.CharField(max_length=64, editable=False, default="", db_default="")

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        indexes = (models.Index(fields=["user", "-at", "-id"], name="data_access_list"),)

    def __str__(self) -> str:
        return f"{self.what} of user {self.user_id} {self.action}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError(REFUSED)
        using = options.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            _seal([self], using)
            super().save(force_insert=True, using=using)  # with a number, it would be an UPDATE otherwise

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError(REFUSED)

    def content(self) -> str:
        """The digest of what the entry says."""
        return chain.content_digest(
            at=self.at,
            action=self.action,
            what=self.what,
            detail=self.detail,
            user_id=self.user_id,
            actor=self.actor,
        )

    def names_its_actor(self) -> bool:
        """True if `staff` and `address` are those that were sealed."""
        found = chain.actor_digest(salt=self.salt, staff_id=self.staff_id, address=self.address)
        return chain.is_same(found, self.actor)


class AuditSeal(models.Model):
    """The seal of the entry with the same number. It says nothing, and stays when that is erased with its person."""

    number = models.BigIntegerField(primary_key=True)
    content = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    key_id = models.CharField(max_length=8)

    def __str__(self) -> str:
        return f"seal {self.number}"


class AuditHead(models.Model):
    """The newest seal, in the table's only row: whoever adds an entry locks it, so that the seals are one chain."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"seal {self.number} is the newest"


def _seal(entries: Sequence[DataAccess], using: str) -> None:
    """Number the entries and seal each. To be called in the transaction that inserts them."""
    head, _is_new = AuditHead.objects.using(using).select_for_update().get_or_create(pk=1)
    last = DataAccess._base_manager.using(using).aggregate(last=models.Max("pk"))["last"] or 0
    head.number = max(head.number, last)  # an earlier release numbers its entries itself
    seals = []
    for entry in entries:
        entry.pk = head.number = head.number + 1
        entry.salt = secrets.token_hex(16)
        entry.actor = chain.actor_digest(salt=entry.salt, staff_id=entry.staff_id, address=entry.address)
        content = entry.content()
        head.digest = chain.seal_digest(before=head.digest, number=entry.pk, content=content)
        seals.append(AuditSeal(number=entry.pk, content=content, digest=head.digest, key_id=chain.key_id()))
    AuditSeal.objects.using(using).bulk_create(seals)
    head.save(update_fields=["number", "digest"])
