"""Closed eyes and blinks: version 1's rule for a single sample, and the blinks in a trace."""

from ai_models.blink_finder import Blink, find_blinks, frame_rate

__all__ = ["CLOSED_BELOW", "Blink", "find_blinks", "frame_rate", "is_closed"]

CLOSED_BELOW = 0.27  # the version-1 contract's fixed threshold, for both eyes averaged


def is_closed(ratio: float) -> bool:
    """True if an eye aspect ratio is below the version-1 threshold."""
    return ratio < CLOSED_BELOW
