"""Words for the person who sent something, in their language."""

from django.utils.translation import gettext as _

from ai_models.vision.frame import InvalidFrame


def frame_error_message(error: InvalidFrame) -> str:
    """What an InvalidFrame says: ai_models knows no languages."""
    return _(error.message).format(**error.params)
