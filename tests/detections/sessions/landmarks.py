"""Landmarks as a client sends them: dlib's own, of the pictures in desk.py, or those of a made mesh."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from ai_models.face_mesh import MESH_COUNT, TO_68
from ai_models.landmarks import FinePoints
from ai_models.vision.frame import decode, read_frame
from tests.detections.frames import face_of
from tests.detections.sessions.desk import Desk

MODEL = "test@1"
WIDTH, HEIGHT = 640, 480


@cache
def points_of(data: bytes) -> FinePoints:
    """The (68, 2) landmarks of a picture's face."""
    return face_of(decode(read_frame(data))).points.astype(float)


def as_mesh(points: FinePoints) -> FinePoints:
    """A mesh of 478 points that has these 68 where they belong, and its other points in the middle of the face."""
    mesh = np.tile(points.mean(axis=0), (MESH_COUNT, 1))
    mesh[TO_68] = points
    return mesh


def observation(points: FinePoints | None, at: datetime, **more: Any) -> dict[str, Any]:
    sent = None if points is None else points.tolist()
    return {"captured_at": at.isoformat(), "width": WIDTH, "height": HEIGHT, "points": sent} | more


def send(desk: Desk, observations: list[dict[str, Any]], *, model: str = MODEL, camera: str = "") -> Any:
    query = f"?camera={camera}" if camera else ""
    return desk.person("post", f"{desk.path}landmarks/{query}", {"observations": observations, "model": model})


def look(desk: Desk, points: FinePoints | None, *, after_s: float = 1.0, **more: Any) -> Any:
    """The response to landmarks of one picture."""
    model, camera = more.pop("model", MODEL), more.pop("camera", "")
    desk.now += timedelta(seconds=after_s)
    response = send(desk, [observation(points, desk.now, **more)], model=model, camera=camera)
    assert response.status_code == 200, response.content
    return response.json()


def second(desk: Desk, points: FinePoints, count: int = 15, **more: Any) -> Any:
    """The response to landmarks of a second of pictures."""
    times = [desk.now + timedelta(seconds=number / count) for number in range(1, count + 1)]
    desk.now = times[-1]
    response = send(desk, [observation(points, at, **more) for at in times])
    assert response.status_code == 200, response.content
    return response.json()


def calibrate(desk: Desk, points: FinePoints, **more: Any) -> Any:
    """A session that has just started, calibrated."""
    response = [look(desk, points, after_s=0.5, **more) for _ in range(8)][-1]
    assert response["state"] == "monitoring", response["calibration"]
    return response
