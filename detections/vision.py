"""The vision of ai_models, under this service's settings."""

import gc
import logging

from django.conf import settings

from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.vision import faces
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.frame import Image
from ai_models.vision.weights import WeightsMissing
from common.telemetry import metrics

FULL_COLLECTION_AFTER = 1  # collections of the middle generation; Python's own is 10

_log = logging.getLogger(__name__)


def find(image: Image, near: Box | None = None) -> Face | None:
    """The user's face in an (H, W, 3) RGB image, or None. near: where it was a moment ago. Raises WeightsMissing."""
    with metrics.timed("find"):
        return faces.find_face(image, near=near, exact=settings.EXACT_DETECTION)


def count(image: Image) -> int:
    """How many faces an (H, W, 3) RGB image shows."""
    with metrics.timed("count"):
        return faces.count_faces(image)


def describe(image: Image, face: Face) -> Descriptor:
    """The descriptor, (128,) float32, of a face found in the image. Raises WeightsMissing."""
    with metrics.timed("describe"):
        return describe_face(image, face, open_network(settings.MODEL_CACHE_DIR))


def preload() -> None:
    """Load everything a frame needs, for worker processes to share that are forked from this one."""
    try:
        faces.preload()
        open_network(settings.MODEL_CACHE_DIR)
    except WeightsMissing as error:
        _log.error("No frame can be judged: %s", error)
    gc.collect()
    gc.freeze()  # what is here now stays: the collector's marks would copy the shared pages
    # The collector looks through the rest once it has grown by a quarter: of all there was at its last look, which was
    # not frozen yet. So look again. And as little is left to look through, look ten times as often.
    gc.collect()
    gc.set_threshold(*gc.get_threshold()[:2], FULL_COLLECTION_AFTER)
