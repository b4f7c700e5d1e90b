"""The vision of ai_models under this service's settings, timed and counted."""

import gc
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from django.conf import settings

from ai_models.analysis import AnalysisPlan, FrameAnalysis
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
BUDGET_S = (
    1.5  # of a core, for a burst: its frames are at most as dear as the dearest so far, and the first is let pass
)
FULL_COLLECTION_AFTER = 1  # collections of the middle generation; Python's own is 10

_log = logging.getLogger(__name__)


def engine() -> Engine:
    """The engine that the settings choose."""
    backend = open_backend(settings.MODEL_CACHE_DIR, settings.NATIVE_VISION)
    return (ExactEngine if settings.EXACT_DETECTION else FastEngine)(settings.MODEL_CACHE_DIR, backend, _precision())


def analyze(frame: Frame, plan: AnalysisPlan = FACE_ONLY) -> FrameAnalysis:
    """The analysis of a frame as it was received. Raises InvalidFrame, WeightsMissing."""
    with metrics.timed("decode"):
        image = decode(frame)
    analysis = analyze_image(image, plan)
    (metrics.frames_detected if analysis.face else metrics.frames_without_face).inc()
    return analysis


def analyze_frames(frames: Sequence[Frame], plan: AnalysisPlan) -> Iterator[FrameAnalysis]:
    """The analysis of a frame, or of each frame of a burst.

    In a burst identity, face count and quality are computed once, for the first frame that has a face. An absent
    person is not searched for in every frame, which would take eight times as long as finding somebody: after the
    second frame in a row without a face one is skipped, after the third two, and so on. It ends early, with fewer
    analyses than frames, when the work reaches BUDGET_S. Raises InvalidFrame, WeightsMissing.
    """
    misses = skips = 0
    began_s = time.thread_time()
    dearest_s = before_s = 0.0
    for number, frame in enumerate(frames):
        spent_s = time.thread_time() - began_s
        dearest_s, before_s = max(dearest_s, spent_s - before_s), spent_s
        if number and spent_s + dearest_s > BUDGET_S:
            return
        if skips:
            skips -= 1
            yield FrameAnalysis(frame.width, frame.height)
            continue
        analysis = analyze(frame, plan)
        if analysis.face:
            plan = AnalysisPlan(near=analysis.face.box, measures=True)
            misses = 0
        else:
            plan = replace(plan, near=None)
            misses += 1
        skips = max(0, misses - 1)
        yield analysis


def analyze_image(image: Image, plan: AnalysisPlan = FACE_ONLY) -> FrameAnalysis:
    """The analysis of an (H, W, 3) RGB image. Raises WeightsMissing."""
    return analyze_image_with(image, plan, engine(), metrics.timed)


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
