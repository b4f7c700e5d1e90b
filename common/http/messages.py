"""Messages of pure modules, translated into the language of the request."""

from django.utils.translation import gettext as _

from ai_models.vision.frame import InvalidFrame


def frame_error_message(error: InvalidFrame) -> str:
    """The translated message of an InvalidFrame; ai_models itself knows no languages."""
    return _(error.message).format(**error.params)
