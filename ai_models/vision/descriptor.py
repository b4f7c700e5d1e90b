"""dlib's face descriptor: 128 numbers for the one aligned face.

dlib's own network takes most of a frame's time. The same network, exported once from dlib's weight file, gives the same
numbers in ONNX Runtime in a tenth of it; dlib's own is what remains where that cannot be had.
"""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ai_models.identity import Descriptor
from ai_models.landmarks import Face
from ai_models.vision import resnet, weights
from ai_models.vision.export import ExportUnusable, exported_network
from ai_models.vision.frame import Image

Network = Callable[[Image], Descriptor]  # of a face's chip, (150, 150, 3) RGB

CHIP_PADDING = 0.25  # dlib's own for this network

_log = logging.getLogger(__name__)
_opening = threading.Lock()
_dlib_in_use = threading.Lock()  # a dlib network keeps its layers' outputs inside


def describe_face(image: Image, face: Face, network: Network) -> Descriptor:
    """The descriptor, (128,) float32, of a face found in an (H, W, 3) RGB image."""
    import dlib

    box = face.box
    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    shape = dlib.full_object_detection(rectangle, [dlib.point(x, y) for x, y in face.points.tolist()])
    return network(dlib.get_face_chip(image, shape, size=resnet.CHIP_PX, padding=CHIP_PADDING))


def open_network(cache_folder: Path) -> Network:
    """The descriptor network, opened once for the process; its export is kept in the folder. Raises WeightsMissing."""
    with _opening:
        return _open_network(cache_folder)


@cache
def _open_network(cache_folder: Path) -> Network:
    # A thread has a memory pool of its own, in which loading leaves tens of MB free, in pieces. In this thread's pool a
    # process forked from this one would go on using them, and copy piece after piece.
    with ThreadPoolExecutor(1) as loader:
        return loader.submit(_load_network, cache_folder).result()


def _load_network(cache_folder: Path) -> Network:
    try:
        return _onnx_network(cache_folder)
    except ExportUnusable as problem:
        _log.warning("%s Face ID uses dlib's own network, which takes about ten times as long.", problem)
        return _dlib_network()


def _onnx_network(cache_folder: Path) -> Network:
    session = _session(cache_folder)

    def describe(chip: Image) -> Descriptor:
        (descriptors,) = session.run([resnet.OUTPUT], {resnet.INPUT: chip[None]})
        descriptor: Descriptor = descriptors[0]
        return descriptor

    return describe


def _session(cache_folder: Path) -> Any:
    # Else it tells Microsoft that it runs, keeps notes in the home folder, and starts threads that break with a fork.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ExportUnusable(f"ONNX Runtime is missing ({error}): pip install -r requirements.txt.") from error

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers run side by side, and fork from a parent
    options.log_severity_level = 3
    for anew in (False, True):
        path = exported_network(cache_folder, anew=anew)
        try:
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its many exception classes have no other base
            _log.warning("ONNX Runtime refuses %s: %s", path, error)
    raise ExportUnusable(f"The descriptor network cannot be run from {cache_folder}.")


def _dlib_network() -> Network:
    network = weights.descriptor_network()

    def describe(chip: Image) -> Descriptor:
        with _dlib_in_use:
            return np.array(network.compute_face_descriptor(chip), np.float32)

    return describe
