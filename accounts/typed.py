"""What people type: which usernames and passwords are allowed, and the forms in which one may have been typed."""

import unicodedata

from django.contrib.auth import password_validation
from django.core.validators import RegexValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


@deconstructible
class UsernameValidator(RegexValidator):
    """Letters and digits of any script, and the signs of an e-mail address: atoms (RFC 5322), dots and @."""

    regex = r"^[\w.@!#$%&'*+/=?^`{|}~-]+\Z"
    message = _("Enter a username of letters, digits and the signs of an e-mail address, without spaces.")


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    """Django's, with the same words: here they are translated in the page's tone."""

    def get_error_message(self) -> str:
        return (
            ngettext(
                "This password is too short. It must contain at least %d character.",
                "This password is too short. It must contain at least %d characters.",
                self.min_length,
            )
            % self.min_length
        )

    def get_help_text(self) -> str:
        return ngettext(
            "Your password must contain at least %(min_length)d character.",
            "Your password must contain at least %(min_length)d characters.",
            self.min_length,
        ) % {"min_length": self.min_length}


def password_forms(password: str) -> list[str]:
    """The password as it is stored, composed, and then as older hashes may have been made from it.

    Some systems type é and Hangul as several code points, others as one (RFC 8265).
    """
    composed, decomposed = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    return list(dict.fromkeys((composed, password, decomposed)))
