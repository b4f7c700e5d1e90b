"""dlib's weight files: the only module that finds and opens them.

They come with the package face_recognition_models, which is located but not imported: importing it needs pkg_resources,
which current Python no longer includes.
"""

import importlib.util
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

PACKAGE = "face_recognition_models"
LANDMARKS_FILE = "shape_predictor_68_face_landmarks.dat"
DESCRIPTOR_FILE = "dlib_face_recognition_resnet_model_v1.dat"
WEIGHT_FILES = (LANDMARKS_FILE, DESCRIPTOR_FILE)

_loading = Lock()  # 100 MB are read only once, however many threads need them first


class WeightsMissing(RuntimeError):
    """A weight file is not installed; the message says what to install."""


def weight_path(name: str) -> Path:
    """The path of a weight file. Raises WeightsMissing."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise WeightsMissing(f"The weight file {name} is missing. Install it with: pip install -r requirements.txt")


@cache
def shape_predictor() -> Any:
    """dlib's predictor of the 68 landmarks, loaded once per process. Raises WeightsMissing."""
    with _loading:
        return _shape_predictor()


@cache
def descriptor_network() -> Any:
    """dlib's network for the 128-number face descriptor, loaded once per process. Raises WeightsMissing."""
    with _loading:
        return _descriptor_network()


@cache
def _shape_predictor() -> Any:
    import dlib

    return dlib.shape_predictor(str(weight_path(LANDMARKS_FILE)))


@cache
def _descriptor_network() -> Any:
    import dlib

    return dlib.face_recognition_model_v1(str(weight_path(DESCRIPTOR_FILE)))
