"""The same service with the plain pipeline inside: what gunicorn serves to be compared with."""

from ai_models.identity import FaceDescriptor
from ai_models.landmarks import Box, Face
from ai_models.vision import weights
from ai_models.vision.frame import Image
from benchmarks import plain
from detections import vision
from posesmart.wsgi import application

__all__ = ["application"]


class PlainEngine:
    def find(self, image: Image, near: Box | None, at: Box | None = None) -> Face | None:
        return plain.find_face(image)

    def beside(self, image: Image, user: Box) -> tuple[Box, ...]:
        raise NotImplementedError  # version 1 searches for no other faces

    def describe(self, image: Image, face: Face, *, is_exact: bool) -> FaceDescriptor:
        descriptor = plain.describe(image)  # which finds the face once more
        if descriptor is None:
            raise RuntimeError("The face that was found a moment ago is not found again.")
        return FaceDescriptor(lambda: descriptor)


vision.engine = PlainEngine
weights.shape_predictor(), weights.descriptor_network()  # loaded before gunicorn forks, like ours
