"""Base classes of domain errors, one for each HTTP status; common/http/errors.py turns them into responses.

An app derives its own errors from these and raises them where it finds the problem. None of them needs a request.
"""

from typing import ClassVar

from django.utils.functional import Promise

Text = str | Promise  # lazy: translated into the language of the request that fails


class DomainError(Exception):
    """`message` is shown to the person whose request failed."""

    message: ClassVar[Text] = ""

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    """404: the user has no such object. The response does not reveal whether somebody else has it."""


class InvalidField(DomainError):
    """400: names the field of the request that has to change, and says why."""

    field: ClassVar[str]


class Conflict(DomainError):
    """409: the request does not fit the object's current state."""


class Unauthenticated(DomainError):
    """401: the request belongs to no account."""


class Forbidden(DomainError):
    """403: the service is not open for this, whoever asks."""


class TooManyRequests(DomainError):
    """429: try again after `wait_s` seconds. Without a message the response has DRF's usual text."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


class Unavailable(DomainError):
    """503: something that the service needs is missing; `retry_after_s` is set if it may be back by then."""

    retry_after_s: ClassVar[int | None] = None
