"""Our pipeline as detections/services.py runs it, with the end of each stage marked."""

from collections.abc import Callable

from ai_models import blink as eyes
from ai_models import posture
from ai_models.identity import Descriptor
from ai_models.landmarks import Box, Face
from ai_models.posture import ContractBaseline
from ai_models.vision import faces
from ai_models.vision.descriptor import Network, describe_face
from ai_models.vision.frame import Image, read_frame
from ai_models.vision.frame import decode as decode_frame
from benchmarks.plain import ALIGNMENT, DECODE, DESCRIPTOR, FIND, LANDMARKS, VERDICT, Mark, Neck, no_mark

Find = Callable[[Image, Mark], Face | None]


def neck(
    data: bytes, baseline: ContractBaseline, network: Network, mark: Mark = no_mark, find: Find | None = None
) -> Neck | None:
    """Posture and identity of a JPEG's or PNG's largest face, or None."""
    image = decode(data)
    mark(DECODE)
    face = (find or find_face)(image, mark)
    if face is None:
        return None
    descriptor = describe(image, face, network, mark)
    verdict = posture.judge(posture.measure(face.points), baseline)
    mark(VERDICT)
    return Neck(face, verdict, descriptor)


def blink(data: bytes, mark: Mark = no_mark, find: Find | None = None) -> bool | None:
    """Whether the eyes of a JPEG's or PNG's largest face are closed, or None."""
    image = decode(data)
    mark(DECODE)
    face = (find or find_face)(image, mark)
    if face is None:
        return None
    is_closed = eyes.is_closed(eyes.eye_aspect_ratio(face.points))
    mark(VERDICT)
    return is_closed


def decode(data: bytes) -> Image:
    return decode_frame(read_frame(data))


def find_face(image: Image, mark: Mark = no_mark, near: Box | None = None) -> Face | None:
    """faces.find_face in its two steps, for the mark between them; a test holds them equal."""
    box = faces._search(image, near)
    return _with_landmarks(image, box, mark)


def find_exactly(image: Image, mark: Mark = no_mark) -> Face | None:
    """faces.find_face with exact=True, in its two steps."""
    return _with_landmarks(image, faces._exact_search(image), mark)


def find_near(near: Box | None) -> Find:
    """faces.find_face for who knows where the face was a moment ago."""
    return lambda image, mark: find_face(image, mark, near)


def describe(image: Image, face: Face, network: Network, mark: Mark = no_mark) -> Descriptor:
    def marked(chip: Image) -> Descriptor:
        mark(ALIGNMENT)
        return network(chip)

    descriptor = describe_face(image, face, marked)
    mark(DESCRIPTOR)
    return descriptor


def _with_landmarks(image: Image, box: Box | None, mark: Mark) -> Face | None:
    mark(FIND)
    if box is None:
        return None
    face = Face(box, faces._landmarks(image, box))
    mark(LANDMARKS)
    return face
