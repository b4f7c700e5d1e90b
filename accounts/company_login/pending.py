"""A company login between the provider's answer and the tokens: in the browser's session, under a code for one use.

Code and session belong together: the code is in the page's address after #, which reaches no server and no log; the
session's cookie is in no address.
"""

import hashlib
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.company_login.claims import Claims
from common.errors import InvalidField

KEY = "company_login"
LIFETIME = timedelta(minutes=10)  # somebody new chooses what happens to their pictures


class CodeInvalid(InvalidField):
    """The code is used, too old, or another browser's."""

    field = "code"
    message = _("This login took too long or was used already. Please try again.")


def keep(session: Any, claims: Claims) -> str:
    """The code under which the claims can be read and used."""
    code = secrets.token_urlsafe(32)
    session.cycle_key()  # whoever may have planted the session's cookie does not know the new one
    session[KEY] = {"code": _hashed(code), "at": timezone.now().isoformat(), "claims": asdict(claims)}
    return code


def read(session: Any, code: str) -> Claims:
    """Raises CodeInvalid."""
    kept = session.get(KEY)
    if not kept or not constant_time_compare(kept["code"], _hashed(code)):
        raise CodeInvalid
    if timezone.now() - datetime.fromisoformat(kept["at"]) > LIFETIME:
        raise CodeInvalid
    return Claims(**kept["claims"])


def use(session: Any, code: str) -> None:
    """Make the code invalid, in the caller's transaction. Raises CodeInvalid if another request was faster."""
    Session.objects.select_for_update().filter(pk=session.session_key).first()
    current = type(session)(session.session_key)  # as it is stored now
    read(current, code)
    del current[KEY]
    current.save()
    session.pop(KEY, None)


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
