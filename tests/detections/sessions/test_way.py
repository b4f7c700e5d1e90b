"""How far a frame goes: the files that it enters, and how often it changes from one to another."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings

from tests.conftest import ApiClient
from tests.detections.frames import NECK, neck_body, upright
from tests.detections.sessions import desk as at_desk
from tests.detections.sessions.desk import Desk

ROOT = Path(settings.BASE_DIR)
PACKAGES = (
    "accounts",
    "ai_models",
    "common",
    "detections",
    "mongos",
    "office",
    "personal_data",
    "posesmart",
    "reports",
    "web",
)


class Way:
    """The project's own files, in the order in which calls enter them."""

    def __init__(self) -> None:
        self.entered: list[str] = []

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event != "call" or not path.is_relative_to(ROOT):
            return
        name = path.relative_to(ROOT)
        if name.parts[0] in PACKAGES and self.entered[-1:] != [str(name)]:
            self.entered.append(str(name))

    @property
    def files(self) -> set[str]:
        return set(self.entered)

    @property
    def changes(self) -> int:
        return len(self.entered) - 1


def way_of(request: Callable[[], Any]) -> Way:
    request()  # loads what is loaded once
    way = Way()
    before = sys.getprofile()
    sys.setprofile(way)
    try:
        request()
    finally:
        sys.setprofile(before)
    return way


def test_neck_frame_enters_25_files(owner: ApiClient) -> None:
    calibrating = way_of(lambda: owner("post", NECK, neck_body(upright())))
    judged = way_of(
        lambda: owner("post", NECK, neck_body(upright(), cnt=4, face_x_mean=76, face_y_mean=107, nose_mean=19))
    )
    for way in (calibrating, judged):
        assert len(way.files) <= 25, "\n".join(sorted(way.files))
        assert way.changes <= 65, way.entered


def test_session_frame_enters_50_files(desk: Desk) -> None:
    desk.calibrate()
    way = way_of(lambda: desk.frame(at_desk.upright()))
    assert len(way.files) <= 50, "\n".join(sorted(way.files))
    assert way.changes <= 171, way.entered
