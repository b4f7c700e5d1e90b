"""What an administrator has to set before faces are enrolled in earnest."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage


@checks.register
def face_keys_are_set(**kwargs: Any) -> list[CheckMessage]:
    if settings.FACE_KEYS or settings.DEBUG:
        return []
    return [
        checks.Warning(
            "FACE_KEYS is not set: enrolled faces are encrypted with a key made from SECRET_KEY, and lost when that "
            "changes.",
            hint="Set FACE_KEYS to what this prints, and keep it apart from the database's backups: python -c "
            '"import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"',
            id="accounts.W001",
        )
    ]
