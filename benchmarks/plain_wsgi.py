"""The same service with the plain pipeline inside: the application that gunicorn serves to be compared with."""

from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.vision import weights
from ai_models.vision.frame import Image
from benchmarks import plain
from detections import vision
from posesmart.wsgi import application

__all__ = ["application"]


def _find(image: Image, near: Box | None = None) -> Face | None:
    return plain.find_face(image)


def _describe(image: Image, face: Face) -> Descriptor:
    descriptor = plain.describe(image)  # which searches for the face again
    if descriptor is None:
        raise RuntimeError("The second search does not find the face.")
    return descriptor


vision.find = _find
vision.describe = _describe
weights.shape_predictor(), weights.descriptor_network()  # loaded before gunicorn forks, like ours
