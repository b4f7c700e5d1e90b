"""What a company's login says of a person."""

from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.company_login.models import CompanyIdentity
from accounts.invitations.models import MAX_NAME
from accounts.models import User
from accounts.typed import UsernameValidator


@dataclass(frozen=True, slots=True)
class Claims:
    """email: verified, in small letters, or empty. username: what a new account would be called."""

    issuer: str
    subject: str
    email: str
    username: str
    first_name: str
    last_name: str

    @classmethod
    def of(cls, said: dict[str, Any], *, issuer: str) -> Self:
        email = _verified_email(said)
        subject = str(said["sub"])
        return cls(
            issuer=issuer,
            subject=subject,
            email=email,
            username=_username(email, str(said.get("preferred_username", "")), issuer, subject),
            first_name=_name(said.get("given_name")),
            last_name=_name(said.get("family_name")),
        )

    @property
    def is_of_an_allowed_domain(self) -> bool:
        domains = [domain.lower().removeprefix("@") for domain in settings.OIDC_EMAIL_DOMAINS]
        return not domains or self.email.rpartition("@")[2] in domains


def _verified_email(said: dict[str, Any]) -> str:
    """Without a word of the provider that it has checked the address, anybody could have entered it."""
    if said.get("email_verified", settings.OIDC_TRUST_EMAIL) is not True:
        return ""
    email = str(said.get("email", "")).strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email


def _username(email: str, preferred: str, issuer: str, subject: str) -> str:
    for name in (email, preferred):
        name = User.normalize_username(name)
        try:
            UsernameValidator()(name)
        except ValidationError:
            continue
        if len(name) <= MAX_NAME:
            return name
    return f"company-{CompanyIdentity.hashed(issuer=issuer, subject=subject)[:12]}"


def _name(said: Any) -> str:
    return "".join(sign for sign in str(said or "") if sign.isprintable())[:MAX_NAME]
