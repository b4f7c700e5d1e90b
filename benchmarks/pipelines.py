"""Neck and blink frames by the plain pipeline and by ours, as detections/services.py runs it, marking each stage."""

from collections.abc import Callable
from dataclasses import dataclass

from ai_models import blink, posture
from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline
from ai_models.vision import faces
from ai_models.vision.backend import DLIB, Backend
from ai_models.vision.descriptor import Network, describe_face
from ai_models.vision.frame import Image, read_frame
from ai_models.vision.frame import decode as decode_frame
from benchmarks import plain
from benchmarks.plain import ALIGNMENT, DECODE, DESCRIPTOR, FIND, LANDMARKS, VERDICT, Mark, no_mark

BASELINE = ContractBaseline(face_x=150, face_y=240, nose_to_center=20)  # the verdict's time does not depend on it


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps of one way. find: also gets the box of the face a moment ago; describe: also gets the found face."""

    decode: Callable[[bytes], Image]
    find: Callable[[Image, Box | None, Mark], Face | None]
    describe: Callable[[Image, Face, Mark], Descriptor | None]

    def neck(self, data: bytes, near: Box | None = None, mark: Mark = no_mark) -> Descriptor | None:
        """Posture and identity of a JPEG's or PNG's largest face; None without one."""
        image = self.decode(data)
        mark(DECODE)
        face = self.find(image, near, mark)
        if face is None:
            return None
        posture.judge(posture.measure(face.points), BASELINE)
        mark(VERDICT)
        return self.describe(image, face, mark)

    def blink(self, data: bytes, near: Box | None = None, mark: Mark = no_mark) -> bool | None:
        """True if the eyes of a JPEG's or PNG's largest face are closed; None without one."""
        image = self.decode(data)
        mark(DECODE)
        face = self.find(image, near, mark)
        if face is None:
            return None
        is_closed = blink.is_closed(eye_aspect_ratio(face.points))
        mark(VERDICT)
        return is_closed


PLAIN = Pipeline(
    plain.decode,
    lambda image, near, mark: plain.find_face(image, mark),
    lambda image, face, mark: plain.describe(image, mark),
)


def ours(network: Network, backend: Backend = DLIB, *, use_near: bool = False, exact: bool = False) -> Pipeline:
    def find(image: Image, near: Box | None, mark: Mark) -> Face | None:
        return find_face(image, near if use_near else None, mark, exact=exact, backend=backend)

    def describe(image: Image, face: Face, mark: Mark) -> Descriptor:
        def marked(chip: Image) -> Descriptor:
            mark(ALIGNMENT)
            return network(chip)

        descriptor = describe_face(image, face, marked)
        mark(DESCRIPTOR)
        return descriptor

    return Pipeline(decode, find, describe)


def decode(data: bytes) -> Image:
    return decode_frame(read_frame(data))


def find_face(
    image: Image, near: Box | None = None, mark: Mark = no_mark, *, exact: bool = False, backend: Backend = DLIB
) -> Face | None:
    """faces.find_face in its two steps, to mark the end of each; a test compares the two."""
    box = faces.find_box(image, near=near, exact=exact, backend=backend)
    mark(FIND)
    if box is None:
        return None
    face = Face(box, backend.landmarks(image, box))
    mark(LANDMARKS)
    return face
