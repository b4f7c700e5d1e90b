"""A session after landmarks that its client found: no picture is sent, and none can be stored."""

import math
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from accounts.models import User
from ai_models.analysis import FrameAnalysis
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.session_state import Transition
from common.telemetry import metrics
from detections.sessions import store
from detections.sessions.services import FrameBatch, SessionResult, observations_take


class LandmarkBatch(Struct, frozen=True):
    """What was found in one picture or several. captured: when each was, by the client's clock.

    source: the landmarks' model, None if there was no face in any. key, camera_id: as in FrameBatch.
    """

    analyses: Sequence[FrameAnalysis]
    captured: Sequence[datetime]
    key: UUID
    source: str | None
    camera_id: str = ""


def landmarks_observe(*, user: User, session_id: UUID, batch: LandmarkBatch) -> SessionResult:
    """A session after landmarks, judged as those of frames are, but for whose face it is: nobody can tell from them.

    Raises SessionNotFound, SessionEnded, AccountDeleted.
    """
    loaded = store.load(user, session_id)
    loaded.require_running()
    if loaded.state.phase == "paused":
        return SessionResult(loaded.row, Transition(loaded.state, is_accepted=False))
    with metrics.timed("judge"):
        frames = FrameBatch((), batch.captured, batch.key, camera_id=batch.camera_id, source=batch.source)
        untimed = _observations(batch.analyses)
    taken = observations_take(user=user, loaded=loaded, batch=frames, untimed=untimed)
    return SessionResult(taken.row, taken.transition, batch.analyses[-1])


def _observations(analyses: Sequence[FrameAnalysis]) -> list[Observation]:
    """Other faces count once for a request, as in a burst: in the last picture with a face, which is judged anyway."""
    last = max((index for index, found in enumerate(analyses) if found.face), default=0)
    return [Observation.of(found, math.nan, (), counts_others=index == last) for index, found in enumerate(analyses)]
