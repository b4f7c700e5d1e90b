"""Requests that a client repeats because the answer was lost."""

from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

HEADER = "Idempotency-Key"
MAX_LENGTH = 255


def key_of(request: Request, namespace: UUID) -> UUID | None:
    """The same for a user's requests with the same Idempotency-Key; None without one. Raises ValidationError."""
    key = request.headers.get(HEADER, "")
    if len(key) > MAX_LENGTH:
        raise ValidationError({HEADER: [_("At most %(limit)d characters.") % {"limit": MAX_LENGTH}]})
    return uuid5(namespace, f"{request.user.pk} {key}") if key else None
