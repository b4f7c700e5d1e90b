"""dlib's face descriptor: 128 numbers for one aligned face.

dlib's own network takes most of a frame's time. The same network, exported once from dlib's weight file, gives the same
numbers in ONNX Runtime in a tenth of that time. dlib's own is the fallback. In 8-bit integers it is faster again on
most processors, but only nearly right: identity.py says where that is enough.
"""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from ai_models.identity import Descriptor, FaceDescriptor
from ai_models.landmarks import Face
from ai_models.vision import precision, weights
from ai_models.vision.export import ExportUnusable, Precision, exported_network
from ai_models.vision.frame import Image
from ai_models.vision.precision import Comparison
from ai_models.vision.precision import Network as Network
from ai_models.vision.resnet_layers import CHIP_PX, INPUT, OUTPUT

T = TypeVar("T")
PrecisionChoice = Literal["auto", "fp32", "int8"]

CHIP_PADDING = 0.25  # dlib's own for this network

_log = logging.getLogger(__name__)
_opening = threading.Lock()
_dlib_in_use = threading.Lock()  # a dlib network holds its layers' outputs: not thread-safe


def face_chip(image: Image, face: Face) -> Image:
    """The aligned face, (150, 150, 3), of a face found in an (H, W, 3) RGB image."""
    import dlib

    box = face.box
    rectangle = dlib.rectangle(box.left, box.top, box.right, box.bottom)
    shape = dlib.full_object_detection(rectangle, [dlib.point(x, y) for x, y in face.points.tolist()])
    chip: Image = dlib.get_face_chip(image, shape, size=CHIP_PX, padding=CHIP_PADDING)
    return chip


def describe_face(image: Image, face: Face, network: Network) -> Descriptor:
    """The descriptor, (128,) float32, of a face found in an (H, W, 3) RGB image."""
    return network(face_chip(image, face))


def describe(image: Image, face: Face, cache_folder: Path, choice: PrecisionChoice) -> FaceDescriptor:
    """The descriptor of a face found in an (H, W, 3) RGB image: in 8-bit integers if chosen. Raises WeightsMissing."""
    chip = face_chip(image, face)
    exact, quick = open_network(cache_folder), open_quick_network(cache_folder, choice)
    if quick is None:
        return FaceDescriptor(lambda: exact(chip), known=exact(chip))
    return FaceDescriptor(lambda: exact(chip), quick(chip))


def open_network(cache_folder: Path) -> Network:
    """The descriptor network, opened once per process; its export is cached in the folder. Raises WeightsMissing."""
    with _opening:
        return _open_network(cache_folder)


def open_quick_network(cache_folder: Path, choice: PrecisionChoice = "auto") -> Network | None:
    """The network in 8-bit integers, opened once per process; None where float32 is to be used. Raises WeightsMissing.

    auto: where it is faster. The first time on a machine, that is measured, in a fifth of a second.
    """
    with _opening:
        return None if choice == "fp32" else _open_quick_network(cache_folder, choice)


def precision_in_use(cache_folder: Path, choice: PrecisionChoice) -> Precision | None:
    """The precision in which faces are compared, told without opening a network; None until it was decided here."""
    if choice == "fp32":
        return choice
    comparison = precision.stored(cache_folder)
    return None if comparison is None else _decided(comparison, choice)


@cache
def _open_network(cache_folder: Path) -> Network:
    return _in_helper_thread(lambda: _load_network(cache_folder))


@cache
def _open_quick_network(cache_folder: Path, choice: PrecisionChoice) -> Network | None:
    comparison = precision.stored(cache_folder)
    if comparison and _decided(comparison, choice) == "fp32":
        return _chosen(None, comparison)
    exact = _open_network(cache_folder)
    try:
        quick = _in_helper_thread(lambda: _onnx_network(cache_folder, "int8"))
    except ExportUnusable as error:
        _log.info("Faces are compared in fp32: %s", error)  # after a warning about the export in fp32
        return None
    comparison = comparison or precision.compare(cache_folder, exact, quick)
    return _chosen(quick if _decided(comparison, choice) == "int8" else None, comparison)


def _decided(comparison: Comparison, choice: PrecisionChoice) -> Precision:
    is_chosen = comparison.is_int8_right if choice == "int8" else comparison.is_int8_faster
    return "int8" if is_chosen else "fp32"


def _chosen(quick: Network | None, comparison: Comparison) -> Network | None:
    if not comparison.is_int8_right:
        _log.warning("8-bit integers go wrong on this processor: faces are compared in fp32.")
    else:
        _log.info("Faces are compared in %s: on this machine %s.", "int8" if quick else "fp32", comparison)
    return quick


def _in_helper_thread(load: Callable[[], T]) -> T:
    # Its malloc arena stays fragmented, with tens of MB free. In this thread's arena, forked workers would reuse that
    # memory and copy it page by page.
    with ThreadPoolExecutor(1) as loader:
        return loader.submit(load).result()


def _load_network(cache_folder: Path) -> Network:
    try:
        return _onnx_network(cache_folder, "fp32")
    except ExportUnusable as error:
        _log.warning("%s Face ID uses dlib's own network, which takes about ten times as long.", error)
        return _dlib_network()


def _onnx_network(cache_folder: Path, precision: Precision) -> Network:
    # The bytes that were checked, not the path: the file may be changed in between.
    session = open_session(exported_network(cache_folder, precision))

    def describe(chip: Image) -> Descriptor:
        (descriptors,) = session.run([OUTPUT.name], {INPUT.name: chip[None]})
        descriptor: Descriptor = descriptors[0]
        return descriptor

    return describe


def open_session(model: bytes) -> Any:
    """An ONNX Runtime session for a model, in this thread alone. Raises ExportUnusable."""
    # Telemetry reports to Microsoft, writes to the home directory and starts threads, which do not survive fork().
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as error:
        raise ExportUnusable(f"ONNX Runtime is missing ({error}): pip install -r requirements.txt.") from error

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers run in parallel, and are forked
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its many exception classes have no common base but this
        raise ExportUnusable(f"ONNX Runtime cannot load the descriptor network ({error}).") from error


def _dlib_network() -> Network:
    network = weights.descriptor_network()

    def describe(chip: Image) -> Descriptor:
        with _dlib_in_use:
            return np.array(network.compute_face_descriptor(chip), np.float32)

    return describe
