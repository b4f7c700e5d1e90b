"""The seals of the audit log: each has a digest of its entry and of the seal before it, under a key of the service's.

Whoever changes an entry, or takes one out, without SECRET_KEY would have to forge every later seal. Who did something
is sealed apart and with a random salt, so that it can be taken out of an entry while the rest stays verifiable, and so
that nobody can guess what an erased entry said from the seal that is left of it.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime

from django.utils.crypto import salted_hmac

ALGORITHM = "sha256"
_PURPOSE = "accounts.audit"


def actor_digest(*, salt: str, staff_id: int | None, address: str) -> str:
    """A commitment to who did something, and from where."""
    return _digest([salt, staff_id, address])


def content_digest(*, at: datetime, action: str, what: str, detail: str, user_id: int | None, actor: str) -> str:
    """The digest of an entry. actor: from actor_digest()."""
    return _digest([at.astimezone(UTC).isoformat(timespec="microseconds"), action, what, detail, user_id, actor])


def seal_digest(*, before: str, number: int, content: str) -> str:
    """The digest of a seal; before: that of the seal before it, empty for the first."""
    return salted_hmac(_PURPOSE, f"{before}:{number}:{content}", algorithm=ALGORITHM).hexdigest()


def key_id() -> str:
    """Tells the keys of two SECRET_KEYs apart, and says nothing about either."""
    return salted_hmac(_PURPOSE, "key id", algorithm=ALGORITHM).hexdigest()[:8]


def is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def ranges_of(numbers: list[int]) -> str:
    """Such as "3-5,9", of numbers in ascending order."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def numbers_in(ranges: str) -> set[int]:
    """The inverse of ranges_of."""
    pairs = (span.partition("-") for span in ranges.split(",") if span)
    return {number for first, _, last in pairs for number in range(int(first), int(last or first) + 1)}


def _digest(values: list[str | int | None]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
