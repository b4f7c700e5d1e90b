"""Which person of a company's login is which user."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone


class CompanyIdentity(models.Model):
    """A user is known by the provider's `sub`, never by name or address: both can go to somebody else.

    Its hash is stored: some databases would find ABC for abc, and nothing else needs to know it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="company_identities")
    subject_hash = models.CharField(max_length=64, unique=True)
    issuer = models.CharField(max_length=255)
    connected_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"company login of user {self.user_id}"

    @classmethod
    def of(cls, *, issuer: str, subject: str) -> "models.QuerySet[CompanyIdentity]":
        return CompanyIdentity.objects.filter(subject_hash=cls.hashed(issuer=issuer, subject=subject))

    @staticmethod
    def hashed(*, issuer: str, subject: str) -> str:
        return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
