"""A session's time: that of its client's clock, where the client tells it, else the service's.

Frames may wait on their way, so the moment of capture counts, not that of arrival. A client's clock may be wrong by any
amount: a shift brings it to the session's time, which begins by the service's clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

MAX_BACK_S = 300.0  # further back than this from the last frame, the client's clock was set back
MAX_AHEAD_S = 86_400.0  # further ahead than this of the service's clock, it was set forward
MIN_STEP_S = 0.001


def now_in_session(*, last_at_s: float, received_at_s: float, now_s: float) -> float:
    """The session's time at this moment: seconds since the epoch, as far on as the service's clock has gone."""
    return last_at_s + max(0.0, now_s - received_at_s)


def in_session(
    captured_s: Sequence[float], *, shift_s: float | None, here_s: float, last_at_s: float, now_s: float
) -> tuple[list[float], float | None]:
    """Captured moments in the session's time, and the shift that brings them there.

    here_s: now_in_session; now_s: the service's clock. Without a moment the frame is taken to be of now.
    """
    if not captured_s:
        return [here_s], shift_s
    if shift_s is None or not last_at_s - MAX_BACK_S <= captured_s[-1] + shift_s <= now_s + MAX_AHEAD_S:
        # The last was captured now; and the first is not before what the session knows already.
        shift_s = max(here_s - captured_s[-1], last_at_s + MIN_STEP_S - captured_s[0])
    return [moment + shift_s for moment in captured_s], shift_s


def moment_of(seconds: float) -> datetime:
    """Seconds since the epoch as the moment that databases and answers have."""
    return datetime.fromtimestamp(seconds, UTC)
