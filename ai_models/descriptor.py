"""dlib's face descriptor."""

import threading

import numpy as np
from numpy.typing import NDArray

from ai_models import weights
from ai_models.frame import Image
from ai_models.landmarks import Face

_network_in_use = threading.Lock()  # a dlib network keeps its layers' outputs inside


def describe_face(image: Image, face: Face) -> NDArray[np.float32]:
    """The descriptor, (128,) float32, of a face found in an (H, W, 3) RGB image. Raises WeightsMissing."""
    import dlib

    box = face.box
    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    shape = dlib.full_object_detection(rectangle, [dlib.point(x, y) for x, y in face.points.tolist()])
    network = weights.descriptor_network()
    with _network_in_use:
        return np.array(network.compute_face_descriptor(image, shape), np.float32)
