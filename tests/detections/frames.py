"""Shared by the tests of the detection calls: frames, measured once, and request bodies with a frame as data URL."""

from functools import cache
from typing import Any

from ai_models.landmarks import Face
from ai_models.posture import ContractMeasures, measure
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from tests import pictures

NECK = "detections/neck/"
BLINK = "detections/blink/"
ZERO_MEANS = {"face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0}


@cache
def upright() -> bytes:
    return pictures.png(pictures.astronaut())


@cache
def nobody() -> bytes:
    return pictures.png(pictures.coffee())


@cache
def upright_measures() -> ContractMeasures:
    return measures_of(pictures.astronaut())


def face_of(image: Image) -> Face:
    face = find_face(image)
    assert face is not None
    return face


def measures_of(image: Image) -> ContractMeasures:
    return measure(face_of(image).points)


def baseline() -> dict[str, float]:
    """The means of a calibration on four upright frames."""
    measures = upright_measures()
    return {
        "face_x_mean": measures.face_x,
        "face_y_mean": measures.face_y,
        "nose_mean": measures.nose_to_center,
    }


def neck_body(data: bytes, **changed: Any) -> dict[str, Any]:
    body = {"blob_data": pictures.data_url(data), "face_x": "", "face_y": "", "nose_to_center": "", "cnt": 0}
    return body | ZERO_MEANS | {"detection_flag": ""} | changed


def monitoring_body(data: bytes, **changed: Any) -> dict[str, Any]:
    return neck_body(data, cnt=4) | baseline() | changed


def blink_body(data: bytes, **changed: Any) -> dict[str, Any]:
    return {"blob_data": pictures.data_url(data), "count": 0, "total": 0, "time": 0, "detection_flag": ""} | changed
