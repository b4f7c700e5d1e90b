"""How far a frame goes: the files that it passes, and how often it changes from one to another."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings

from tests.conftest import ApiClient
from tests.detections.frames import NECK, neck_body, upright
from tests.detections.sessions.desk import Desk

ROOT = Path(settings.BASE_DIR)
OURS = ("accounts", "ai_models", "common", "detections", "mongos", "personal_data", "posesmart", "reports", "web")


class Way:
    """The project's own files in the order in which calls enter them."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        path = Path(frame.f_code.co_filename)
        if not path.is_relative_to(ROOT):
            return
        name = path.relative_to(ROOT)
        if name.parts[0] in OURS and (not self.files or self.files[-1] != str(name)):
            self.files.append(str(name))

    @property
    def changes(self) -> int:
        return len(self.files) - 1


def way_of(request: Callable[[], Any]) -> Way:
    request()  # what is loaded once, is
    way = Way()
    sys.setprofile(way)
    try:
        request()
    finally:
        sys.setprofile(None)
    return way


def test_print(owner: ApiClient, desk: Desk) -> None:
    ways = {"calibrating": way_of(lambda: owner("post", NECK, neck_body(upright())))}
    body = neck_body(upright(), cnt=4, face_x_mean=76, face_y_mean=107, nose_mean=19)
    ways["judged"] = way_of(lambda: owner("post", NECK, body))
    desk.calibrated()
    ways["session"] = way_of(lambda: desk.frame(upright()))
    for name, way in ways.items():
        print(name, len(set(way.files)), way.changes)
        print("   ", sorted(set(way.files)))
