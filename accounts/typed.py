"""What people type: which usernames are allowed, and the forms in which the same password may have been typed."""

import unicodedata

from django.core.validators import RegexValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _


@deconstructible
class UsernameValidator(RegexValidator):
    """Letters and digits of any script, and the signs of an e-mail address: atoms (RFC 5322), dots and @."""

    regex = r"^[\w.@!#$%&'*+/=?^`{|}~-]+\Z"
    message = _("Enter a username of letters, digits and the signs of an e-mail address, without spaces.")


def password_forms(password: str) -> list[str]:
    """The password as it is stored, composed, and then as older hashes may have been made from it.

    Some systems type é and Hangul as several code points, others as one (RFC 8265).
    """
    composed, decomposed = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    return list(dict.fromkeys((composed, password, decomposed)))
