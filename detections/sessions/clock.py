"""A session's time: by its client's clock if the client sends it, otherwise by the service's.

Frames may be delayed on their way, so the time of capture counts, not of arrival. A client's clock may be wrong by any
amount: a shift converts it to the session's time, which starts by the service's clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

MAX_BACK_S = 300.0  # a frame older than the last one by more: the client's clock was set back
MAX_AHEAD_S = 86_400.0  # a frame ahead of the service's clock by more: it was set forward
MIN_STEP_S = 0.001


def now_in_session(*, last_at_s: float, received_at_s: float, now_s: float) -> float:
    """The session's time now: seconds since the epoch, advanced by the service's clock since the last frame."""
    return last_at_s + max(0.0, now_s - received_at_s)


def in_session(
    captured_s: Sequence[float], *, shift_s: float | None, here_s: float, last_at_s: float, now_s: float
) -> tuple[list[float], float | None]:
    """Times of capture in the session's time, and the shift that converts them.

    here_s: now_in_session; now_s: the service's clock. A frame without a time was captured now.
    """
    if not captured_s:
        return [here_s], shift_s
    if shift_s is None or not last_at_s - MAX_BACK_S <= captured_s[-1] + shift_s <= now_s + MAX_AHEAD_S:
        # The last was captured now, and the first is later than the session's last frame.
        shift_s = max(here_s - captured_s[-1], last_at_s + MIN_STEP_S - captured_s[0])
    return [moment + shift_s for moment in captured_s], shift_s


def moment_of(seconds: float) -> datetime:
    """Seconds since the epoch as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC)
