"""Words for the person who sent something, in their language."""

from django.utils.translation import gettext as _

from ai_models.frame import FrameError


def why_no_frame(error: FrameError) -> str:
    """What a FrameError says: ai_models knows no languages."""
    return _(error.text).format(**error.numbers)
