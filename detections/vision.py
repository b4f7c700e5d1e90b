"""The vision of ai_models under this service's settings, timed and counted."""

import gc
import logging
import time
from collections.abc import Iterator, Sequence
from typing import cast

from django.conf import settings
from msgspec.structs import replace

from ai_models.analysis import AnalysisPlan, Crop, FrameAnalysis
from ai_models.quality import PictureProblem
from ai_models.vision import descriptor, faces
from ai_models.vision.descriptor import PrecisionChoice
from ai_models.vision.engine import Engine, ExactEngine, FastEngine, open_backend
from ai_models.vision.engine import analyze_image as analyze_image_with
from ai_models.vision.frame import Frame, Image, decode
from ai_models.vision.weights import WeightsMissing
from common.telemetry import metrics

FACE_ONLY = AnalysisPlan()
WITH_IDENTITY = AnalysisPlan(identity=True)
TO_ENROL = AnalysisPlan(identity=True, exact_identity=True)
BUDGET_S = 1.5  # of a core, for a burst; its first frame is always looked at
SEARCH_EVERY = 5  # frames of a burst: in a third of a second a head moves in nearly a straight line
FULL_COLLECTION_AFTER = 1  # collections of the middle generation; Python's own is 10

_log = logging.getLogger(__name__)


def engine() -> Engine:
    """The engine that the settings choose."""
    backend = open_backend(settings.MODEL_CACHE_DIR, settings.NATIVE_VISION)
    return (ExactEngine if settings.EXACT_DETECTION else FastEngine)(settings.MODEL_CACHE_DIR, backend, _precision())


def analyze(frame: Frame, plan: AnalysisPlan = FACE_ONLY) -> FrameAnalysis:
    """The analysis of a frame as it was received. Raises InvalidFrame, WeightsMissing."""
    return _analyze_one(frame, plan, in_burst=False)


def analyze_frames(
    frames: Sequence[Frame], plan: AnalysisPlan, began_s: float | None = None
) -> Iterator[FrameAnalysis]:
    """The analysis of a frame, or of each frame of a burst.

    In a burst identity, face count and quality are computed once, for the first frame that has a face, and why there is
    none, for the first frame. While there is a face, only every SEARCH_EVERY-th frame is searched: between two, the
    others' boxes and poses are interpolated. It ends early, with fewer analyses than frames, when the work would exceed
    BUDGET_S. began_s: a value of time.thread_time() from which on work counts, if not from now on. Raises InvalidFrame,
    WeightsMissing.
    """
    known: FrameAnalysis | None = None
    waiting = list(frames)
    absence, budget = _Absence(), _Budget(time.thread_time() if began_s is None else began_s)
    while waiting:
        stretch = waiting[: SEARCH_EVERY if known else 1]
        if budget.is_spent(len(stretch)):
            return
        del waiting[: len(stretch)]
        if known is None:
            analysis = absence.skipped(stretch[0]) or _analyze_one(stretch[0], plan, in_burst=len(frames) > 1)
            absence.note(analysis)
            analyses = [analysis]
        else:
            analyses = _analyze_stretch(stretch, known, budget)
        if not analyses:
            return
        known = analyses[-1] if analyses[-1].face else None
        plan = _near(known) if known else replace(plan, near=None, explain=False)
        yield from analyses


def analyze_image(image: Image, plan: AnalysisPlan = FACE_ONLY, crop: Crop | None = None) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image, or of a picture's part. Raises WeightsMissing."""
    return analyze_image_with(image, plan, engine(), metrics.timed, crop)


class _Budget:
    """The work on a burst so far. A frame is taken to be as dear as the dearest of those before."""

    def __init__(self, began_s: float) -> None:
        self._began_s = self._before_s = began_s
        self._dearest_s = 0.0
        self._frames = 0

    def is_spent(self, frames: int) -> bool:
        """True if so many more frames would exceed BUDGET_S; otherwise they are about to be looked at."""
        now_s, is_first = time.thread_time(), not self._frames
        if not is_first:
            self._dearest_s = max(self._dearest_s, (now_s - self._before_s) / self._frames)
        self._before_s, self._frames = now_s, frames
        return not is_first and now_s - self._began_s + frames * self._dearest_s > BUDGET_S

    @property
    def is_over(self) -> bool:
        """True if BUDGET_S is spent: some frames are dearer than all before."""
        return time.thread_time() - self._began_s > BUDGET_S


class _Absence:
    """Which frames of a burst are not searched, because nobody is there.

    Finding nobody takes eight times as long as finding somebody: after the second frame in a row without a face one is
    skipped, after the third two, and so on.
    """

    def __init__(self) -> None:
        self.misses = self.skips = 0
        self.problem: PictureProblem | None = None

    def skipped(self, frame: Frame) -> FrameAnalysis | None:
        """The empty analysis of a frame that is not searched; None if it is to be searched."""
        size = frame.crop or frame
        return FrameAnalysis(size.width, size.height, problem=self.problem) if self.skips else None

    def note(self, analysis: FrameAnalysis) -> None:
        self.problem = analysis.problem
        if self.skips:
            self.skips -= 1
        elif analysis.face:
            self.misses = 0
        else:
            self.misses += 1
            self.skips = max(0, self.misses - 1)


def _analyze_stretch(frames: Sequence[Frame], before: FrameAnalysis, budget: _Budget) -> list[FrameAnalysis]:
    """The analyses of successive frames after one with a face: the last is searched, and the others if it has none.

    Of the first ones only, or none, if the budget is over before.
    """
    images: list[Image] = []
    for frame in frames:
        images.append(_decode(frame, in_burst=True))
        if budget.is_over:
            return []
    last = _analyze(images[-1], _near(before), frames[-1].crop)
    plans = _plans_between(before, last, len(frames)) if last.face else [_near(before)] * (len(frames) - 1)
    analyses: list[FrameAnalysis] = []
    for image, plan, frame in zip(images, plans, frames, strict=False):
        if budget.is_over:
            return analyses
        analyses.append(_analyze(image, plan, frame.crop))
    return [*analyses, last]


def _plans_between(before: FrameAnalysis, last: FrameAnalysis, steps: int) -> list[AnalysisPlan]:
    """The plans for the frames between two with faces, whose boxes and poses are interpolated."""
    if before.face is None or last.face is None or before.measures is None or last.measures is None:
        return []
    first_box, first_pose = before.face.box.scaled(last.width / before.width), before.measures.pose
    plans = []
    for share in (step / steps for step in range(1, steps)):
        box, pose = first_box.towards(last.face.box, share), first_pose.towards(last.measures.pose, share)
        plans.append(AnalysisPlan(at=box, near_width=last.width, measures=True, pose=pose))
    return plans


def _near(known: FrameAnalysis) -> AnalysisPlan:
    """The plan for a frame after one with a face."""
    return AnalysisPlan(near=known.face.box if known.face else None, near_width=known.width, measures=True)


def _decode(frame: Frame, *, in_burst: bool) -> Image:
    with metrics.timed("decode"):
        return decode(frame, in_burst=in_burst)


def _analyze_one(frame: Frame, plan: AnalysisPlan, *, in_burst: bool) -> FrameAnalysis:
    return _analyze(_decode(frame, in_burst=in_burst), plan, frame.crop)


def _analyze(image: Image, plan: AnalysisPlan, crop: Crop | None) -> FrameAnalysis:
    analysis = analyze_image(image, plan, crop)
    (metrics.frames_detected if analysis.face else metrics.frames_without_face).inc()
    return analysis


def precision_in_use() -> str | None:
    """The precision in which faces are compared: fp32 or int8; None until the first process has measured them."""
    return descriptor.precision_in_use(settings.MODEL_CACHE_DIR, _precision())


def preload() -> None:
    """Load everything a frame needs, for worker processes to share that are forked from this one."""
    try:
        faces.preload(open_backend(settings.MODEL_CACHE_DIR, settings.NATIVE_VISION))
        descriptor.open_network(settings.MODEL_CACHE_DIR)
        descriptor.open_quick_network(settings.MODEL_CACHE_DIR, _precision())
    except WeightsMissing as error:
        _log.error("No frame can be judged: %s", error)
    gc.collect()
    gc.freeze()  # what exists now stays: the collector's marks would copy the shared pages
    # A full collection waits until a quarter more objects exist than at the last one, which counted those frozen now:
    # so collect again. Few objects are left to look through, so collect ten times as often.
    gc.collect()
    gc.set_threshold(*gc.get_threshold()[:2], FULL_COLLECTION_AFTER)


def _precision() -> PrecisionChoice:
    return "fp32" if settings.EXACT_DETECTION else cast(PrecisionChoice, settings.DESCRIPTOR_PRECISION)
