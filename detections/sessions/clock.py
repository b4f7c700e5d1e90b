"""A session's time: by its client's clock if the client sends it, otherwise by the service's.

Frames may be delayed on their way, so the time of capture counts, not of arrival. A client's clock may be wrong by any
amount: a shift converts it to the session's time, which starts by the service's clock. Either clock may be set while a
session runs. A step that only one of them took is no time that passed: the shift is then computed anew.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

# The way of the first frame, which sets the shift, may have been longer than that of later ones; and a client that
# replays a recording runs ahead of the service's clock, frame by frame. But frames that are further apart than this say
# nothing about the time between them.
MAX_LEAP_S = 15.0
# Nobody's clock gets so far ahead frame by frame, without a step: it is a recording that is replayed, which may have a
# gap of hours.
REPLAYED_FROM_S = 120.0
MAX_LATE_S = 4.0  # frames may overtake each other on their way, but not by more
MAX_AHEAD_S = 86_400.0  # nor by more than this altogether
MAX_BACK_S = 300.0  # a frame older than the last one by more: the client's clock was set back
MIN_STEP_S = 0.001


def now_in_session(*, last_at_s: float, received_at_s: float, now_s: float) -> float:
    """The session's time now: seconds since the epoch, advanced by the service's clock since the last frame.

    Always a little later than the last frame, so that a frame without a time counts at a node whose clock is behind.
    """
    return last_at_s + max(MIN_STEP_S, now_s - received_at_s)


def in_session(
    captured_s: Sequence[float], *, shift_s: float | None, here_s: float, last_at_s: float, now_s: float
) -> tuple[list[float], float | None]:
    """Times of capture in the session's time, and the shift that converts the next ones.

    here_s: now_in_session; now_s: the service's clock. A frame without a time was captured now.
    """
    if not captured_s:
        return [here_s], shift_s
    # By this shift the last was captured now, and the first is later than the session's last frame.
    new_shift_s = max(here_s - captured_s[-1], last_at_s + MIN_STEP_S - captured_s[0])
    if shift_s is None or _is_step(captured_s[-1] + shift_s, here_s=here_s, last_at_s=last_at_s, now_s=now_s):
        shift_s = new_shift_s
    times = [moment + shift_s for moment in captured_s]
    # A frame older than the last one is late, or the client's clock was set back: the next one tells.
    is_late = times[-1] <= last_at_s and here_s - times[-1] > MAX_LATE_S
    return times, new_shift_s if is_late else shift_s


def moment_of(seconds: float) -> datetime:
    """Seconds since the epoch as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def _is_step(at_s: float, *, here_s: float, last_at_s: float, now_s: float) -> bool:
    """Whether one of the clocks was set before a frame of this time."""
    ahead_s = max(0.0, here_s - now_s)  # of the service's clock, before this frame
    leap_s = MAX_AHEAD_S if ahead_s >= REPLAYED_FROM_S else MAX_LEAP_S
    return at_s < last_at_s - MAX_BACK_S or at_s > now_s + min(ahead_s + leap_s, MAX_AHEAD_S)
