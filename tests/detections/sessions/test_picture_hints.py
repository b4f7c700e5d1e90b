"""Frames: the answer names what is wrong with the picture, while calibrating and while monitoring."""

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from tests import pictures
from tests.detections.sessions.desk import CENTRE, FACE_PX, Desk, nobody, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


@cache
def spoiled(problem: str) -> bytes:
    """The upright person, spoiled; no face can be found."""
    image = pictures.framed(FACE_PX, CENTRE)
    spoil: dict[str, Callable[[], Any]] = {
        "covered": lambda: np.full_like(image, 20),
        "too_dark": lambda: pictures.noisy(np.asarray(image * 0.03, np.uint8), 3),
        "too_blurred": lambda: cv2.GaussianBlur(image, (0, 0), 20),
        "sideways": lambda: np.rot90(image),
        "face_too_small": lambda: pictures.framed(44, CENTRE),
    }
    return pictures.jpeg(np.ascontiguousarray(spoil[problem](), np.uint8), 90)


PROBLEMS = ["covered", "too_dark", "too_blurred", "sideways", "face_too_small"]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_calibration_names_the_picture_s_problem(desk: Desk, problem: str) -> None:
    desk.start()
    response = desk.frame(spoiled(problem))
    assert (response["calibration"]["hints"], response["hint"]) == ([problem], problem)
    response = desk.frame(nobody(), after_s=6)
    assert (response["calibration"]["hints"], response["hint"]) == (["no_face"], "no_face")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_monitoring_names_the_picture_s_problem(desk: Desk, problem: str) -> None:
    desk.calibrate()
    response = desk.frame(spoiled(problem))
    assert (response["posture"]["reason"], response["hint"]) == (problem, problem)
    response = desk.frame(upright())
    assert (response["posture"]["state"], response["hint"]) == ("good", None)
    response = desk.frame(nobody(), after_s=6)
    assert (response["posture"]["reason"], response["hint"]) == ("no_face", None)


def test_burst_names_the_picture_s_problem(desk: Desk) -> None:
    desk.calibrate().frame(upright())
    assert desk.burst([spoiled("covered")] * 12)["hint"] == "covered"
