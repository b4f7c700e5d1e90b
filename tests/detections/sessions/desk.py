"""A person at a desk for tests: pictures of their postures, and a session that gets them at the test's own pace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import cv2
import numpy as np
from django.db import transaction
from django.test import Client
from django.test.client import encode_multipart

from accounts.services import face_enrol, user_lock_with_face
from ai_models.identity import Descriptor
from ai_models.vision.frame import Image
from detections.models import Session
from detections.sessions import codec
from tests import pictures
from tests.conftest import ApiClient

SESSIONS = "detections/sessions/"
PROFILES = "detections/profiles/"
CENTRE = (320.0, 220.0)
FACE_PX = 150.0
CALIBRATING_FRAMES = 8
BOUNDARY = "a-test-of-pose-smart"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


@cache
def upright() -> bytes:
    return _jpeg(pictures.framed(FACE_PX, CENTRE))


@cache
def leaning_in() -> bytes:
    return _jpeg(pictures.framed(1.2 * FACE_PX, CENTRE))


@cache
def tilted() -> bytes:
    return _jpeg(pictures.framed(FACE_PX, CENTRE, turn_deg=16))


@cache
def eyes_closed() -> bytes:
    scale = FACE_PX / pictures.FACE_PX
    matrix = np.array([[scale, 0, CENTRE[0]], [0, scale, CENTRE[1]]])
    matrix[:, 2] -= scale * np.array(pictures.FACE_CENTRE)
    head = pictures.eyes_closed()[:300]
    return _jpeg(np.asarray(cv2.warpAffine(head, matrix, (640, 480), borderMode=pictures.BOUNDARY), np.uint8))


@cache
def nobody() -> bytes:
    return _jpeg(np.asarray(cv2.resize(pictures.coffee(), (640, 480)), np.uint8))


@cache
def two_people() -> bytes:
    """A second person, whose face is smaller, beside the first."""
    picture = pictures.framed(FACE_PX, (200.0, 220.0))
    picture[:, 400:] = pictures.framed(0.9 * FACE_PX, (520.0, 200.0))[:, 400:]
    return _jpeg(picture)


def _jpeg(image: Image) -> bytes:
    return pictures.jpeg(image, 85)


@dataclass
class Desk:
    """One session of a person. Frames are captured by a clock that only the test moves."""

    person: ApiClient
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = ""
    client: Client = field(default_factory=Client)

    @property
    def path(self) -> str:
        return f"{SESSIONS}{self.id}/"

    def start(self, profile: int | None = None) -> Any:
        response = self.person("post", SESSIONS, {"profile": profile})
        assert response.status_code == 201, response.content
        self.id = response.json()["id"]
        return response.json()

    def calibrate(self) -> "Desk":
        """Start the session and calibrate it on an upright person."""
        self.start()
        response: Any = {}
        for _ in range(CALIBRATING_FRAMES):
            response = self.frame(upright(), after_s=0.5)
        assert response["state"] == "monitoring", response["calibration"]
        return self

    def frame(self, data: bytes, *, after_s: float = 1.0, key: str | None = None) -> Any:
        self.now += timedelta(seconds=after_s)
        response = self.send(data, captured_at=self.now, key=key)
        assert response.status_code == 200, response.content
        return response.json()

    def frames(self, data: bytes, count: int, *, every_s: float = 1.0) -> Any:
        """The response to the last of `count` equal frames."""
        return [self.frame(data, after_s=every_s) for _ in range(count)][-1]

    def burst(self, frames: Sequence[bytes], *, every_s: float = 1 / 15, key: str | None = None) -> Any:
        times = [self.now + timedelta(seconds=every_s * number) for number in range(1, len(frames) + 1)]
        self.now = times[-1]
        response = self.send_burst(frames, times, key=key)
        assert response.status_code == 200, response.content
        return response.json()

    def send(
        self,
        data: bytes,
        *,
        captured_at: datetime | str | None = None,
        header: datetime | None = None,
        key: str | None = None,
        content_type: str = "image/jpeg",
    ) -> Any:
        query = {} if captured_at is None else {"captured_at": text_of(captured_at)}
        headers = {} if header is None else {"X-Captured-At": text_of(header)}
        return self.post(data, content_type, key=key, query=query, headers=headers)

    def send_burst(
        self, frames: Sequence[bytes], captured_at: Sequence[datetime | str], *, key: str | None = None
    ) -> Any:
        return self.post(form(frames, captured_at), FORM, key=key)

    def call(self, command: str, body: Any = None) -> Any:
        """The response to a command, such as pause."""
        response = self.person("post", f"{self.path}{command}/", body)
        assert response.status_code in {200, 201}, response.content
        return response.json()

    def read(self) -> Any:
        response = self.person("get", self.path)
        assert response.status_code == 200, response.content
        return response.json()

    def state(self) -> Any:
        """The session's stored state."""
        return codec.state_fields(Session.objects.get(pk=self.id).state)

    def enrol(self, descriptor: Descriptor) -> None:
        """Enrol a descriptor for the person."""
        user_id = self.person.user.pk
        with transaction.atomic():
            face_enrol(
                user_id=user_id, face=user_lock_with_face(user_id=user_id), frame_id=uuid4(), descriptor=descriptor
            )

    def post(
        self,
        body: bytes,
        content_type: str,
        *,
        key: str | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        keys = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(
            f"/api/{self.path}frames/",
            body,
            content_type=content_type,
            headers={"Authorization": f"Bearer {self.person.access}"} | keys | (headers or {}),
            query_params=query,
        )


class Time:
    """The service's clock, which follows the test's."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def time(self) -> float:
        return self.desk.now.timestamp()


def at(desk: Desk, zone: str, hour: int, minute: int = 0) -> None:
    """Set the clock, forwards, to a time of day in the user's zone."""
    assert desk.person("put", "accounts/time-zone/", {"time_zone": zone}).status_code == 200
    local = desk.now.astimezone(ZoneInfo(zone))
    later = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    desk.now = (later if later > local else later + timedelta(days=1)).astimezone(UTC)


def form(frames: Sequence[bytes], captured_at: Sequence[datetime | str]) -> bytes:
    """The body of a burst, as a browser's FormData builds it."""
    pieces: list[bytes] = []
    for number, data in enumerate(frames):
        head = f'form-data; name="frames"; filename="{number}.jpg"\r\nContent-Type: image/jpeg'
        pieces.append(f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n".encode() + data + b"\r\n")
    texts = encode_multipart(BOUNDARY, {"captured_at": [text_of(time) for time in captured_at]})
    return b"".join(pieces) + texts


def text_of(time: datetime | str) -> str:
    return time if isinstance(time, str) else time.isoformat()
