"""System check: FACE_KEYS has to be set in production."""

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
            "FACE_KEYS is not set: enrolled faces are encrypted with a key derived from SECRET_KEY, and are lost "
            "if it changes.",
            hint="Set FACE_KEYS to the output of this command, and keep it apart from the database's backups: "
            'python -c "import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"',
            id="accounts.W001",
        )
    ]
