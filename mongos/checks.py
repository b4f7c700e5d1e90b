"""System check: in production, frames should have a database of their own."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from mongos.guard import is_remote


@checks.register(deploy=True)
def frames_have_a_store_of_their_own(**kwargs: Any) -> list[CheckMessage]:
    if is_remote() or settings.DEBUG:
        return []
    return [
        checks.Warning(
            "MONGODB_URI is not set: frames fill the database that stores users and reports.",
            hint="For more than a few users, store frames in MongoDB: see docs/databases.md.",
            id="mongos.W001",
        )
    ]
