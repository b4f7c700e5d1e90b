"""dlib's face descriptor: 128 numbers for one aligned face.

dlib's own network takes most of a frame's time. The same network, exported once from dlib's weight file, gives the same
numbers in ONNX Runtime in a tenth of that time. dlib's own is the fallback.
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

Network = Callable[[Image], Descriptor]  # takes a face chip, (150, 150, 3) RGB

CHIP_PADDING = 0.25  # dlib's own for this network

_log = logging.getLogger(__name__)
_opening = threading.Lock()
_dlib_in_use = threading.Lock()  # a dlib network holds its layers' outputs: not thread-safe


def describe_face(image: Image, face: Face, network: Network) -> Descriptor:
    """The descriptor, (128,) float32, of a face found in an (H, W, 3) RGB image."""
    import dlib

    box = face.box
    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    shape = dlib.full_object_detection(rectangle, [dlib.point(x, y) for x, y in face.points.tolist()])
    return network(dlib.get_face_chip(image, shape, size=resnet.CHIP_PX, padding=CHIP_PADDING))


def open_network(cache_folder: Path) -> Network:
    """The descriptor network, opened once per process; its export is cached in the folder. Raises WeightsMissing."""
    with _opening:
        return _open_network(cache_folder)


@cache
def _open_network(cache_folder: Path) -> Network:
    # Load in a helper thread: its malloc arena stays fragmented, with tens of MB free. In this thread's arena, forked
    # workers would reuse that memory and copy it page by page.
    with ThreadPoolExecutor(1) as loader:
        return loader.submit(_load_network, cache_folder).result()


def _load_network(cache_folder: Path) -> Network:
    try:
        return _onnx_network(cache_folder)
    except ExportUnusable as error:
        _log.warning("%s Face ID uses dlib's own network, which takes about ten times as long.", error)
        return _dlib_network()


def _onnx_network(cache_folder: Path) -> Network:
    session = _open_session(cache_folder)

    def describe(chip: Image) -> Descriptor:
        (descriptors,) = session.run([resnet.OUTPUT], {resnet.INPUT: chip[None]})
        descriptor: Descriptor = descriptors[0]
        return descriptor

    return describe


def _open_session(cache_folder: Path) -> Any:
    # Telemetry reports to Microsoft, writes to the home directory and starts threads, which do not survive fork().
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ExportUnusable(f"ONNX Runtime is missing ({error}): pip install -r requirements.txt.") from error

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers run in parallel, and are forked
    options.log_severity_level = 3
    for rebuild in (False, True):
        path = exported_network(cache_folder, rebuild=rebuild)
        try:
            return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its many exception classes have no common base but this
            _log.warning("ONNX Runtime cannot load %s: %s", path, error)
    raise ExportUnusable(f"The descriptor network cannot be loaded from {cache_folder}.")


def _dlib_network() -> Network:
    network = weights.descriptor_network()

    def describe(chip: Image) -> Descriptor:
        with _dlib_in_use:
            return np.array(network.compute_face_descriptor(chip), np.float32)

    return describe
