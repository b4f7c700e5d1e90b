"""Base classes of domain errors. Each says how it becomes HTTP; common/http/errors.py does that, once.

An app derives its own errors from these and raises them where they are found. None of them needs a request.
"""

from typing import ClassVar

from django.utils.functional import Promise

Text = str | Promise  # lazy, so that it is in the language of the request that reads it


class DomainError(Exception):
    """message: for the person whose request failed."""

    message: ClassVar[Text] = ""

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    """404: the user has no such thing. Whether somebody else has one is not said."""


class InvalidField(DomainError):
    """400: the field of the request that has to change, and why."""

    field: ClassVar[str]


class Conflict(DomainError):
    """409: the request does not fit the state that the thing is in by now."""


class Unauthenticated(DomainError):
    """401: there is no account to answer for."""


class TooManyRequests(DomainError):
    """429: try again after wait_s seconds. Without a message the response says so in the usual words."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


class Unavailable(DomainError):
    """503: something that the service needs is missing; retry_after_s where it may be back by then."""

    retry_after_s: ClassVar[int | None] = None
