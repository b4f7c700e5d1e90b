"""Frame bodies of a session that are not pictures, too large, or of the wrong type."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.throttling import SimpleRateThrottle

from detections.models import Session
from mongos import archive
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.sessions.desk import SESSIONS, Desk, nobody, upright

PNG = pictures.png(pictures.small())
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "text": b"hello",
    "a data URL": pictures.data_url(PNG).encode(),
    "a GIF": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "cut off": upright()[:-2000],
    "a header only": pictures.png_announcing(640, 480),
    "too many pixels": pictures.png_announcing(5000, 10),
    "damaged": PNG[:60] + b"\0" * 20 + PNG[80:],
    "zeros": b"\0" * 10_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_invalid_picture_is_refused_and_changes_nothing(desk: Desk, name: str) -> None:
    desk.calibrate()
    before = Session.objects.values().get()
    response = desk.send(BROKEN[name])
    assert (response.status_code, set(response.json())) == (400, {"frame"})
    assert Session.objects.values().get() == before
    assert archive.count(user_id=desk.person.user.pk) == 8


@pytest.mark.parametrize("declared", ["image/jpeg", "image/png", "IMAGE/PNG", "image/webp", "image/jpeg; q=1"])
def test_type_comes_from_bytes_not_declaration(desk: Desk, declared: str) -> None:
    desk.start()
    for data in (upright(), pictures.png(pictures.framed(150, (320, 220)))):
        response = desk.send(data, content_type=declared)
        assert (response.status_code, response.json()["face"] is None) == (200, False)


@pytest.mark.parametrize(
    "declared", ["application/json", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded", "x"]
)
def test_other_content_type_is_400(desk: Desk, declared: str) -> None:
    desk.start()
    response = desk.send(upright(), content_type=declared)
    assert (response.status_code, set(response.json())) == (400, {"detail"})
    assert "image/jpeg" in response.json()["detail"]


@pytest.mark.parametrize(("content_type", "field"), [("image/jpeg", "frame"), ("multipart/form-data", "frames")])
def test_too_large_body_is_413_unread(desk: Desk, settings: Any, content_type: str, field: str) -> None:
    desk.start()
    settings.FRAME_MAX_BYTES = 2000
    response = desk.post(b"\0" * 2001, f"{content_type}; boundary=x")
    assert (response.status_code, set(response.json())) == (413, {field})
    assert desk.post(b"\0" * 2000, f"{content_type}; boundary=x").status_code == 400


def test_strangers_session_is_not_found(desk: Desk, stranger: ApiClient) -> None:
    desk.calibrate()
    before = Session.objects.values().get()
    thief = Desk(stranger, id=desk.id)
    responses = [thief.send(upright()), thief.send_burst([upright()] * 2, capture_times(2))]
    thief.id = str(uuid4())
    responses += [thief.send(upright())]
    assert [response.status_code for response in responses] == [404] * 3
    assert len({response.content for response in responses}) == 1
    assert Session.objects.values().get() == before
    assert archive.count(user_id=stranger.user.pk) == 0


def test_frame_after_stop_is_409(desk: Desk) -> None:
    desk.calibrate().call("stop")
    for response in (desk.send(upright()), desk.send_burst([upright()] * 2, capture_times(2))):
        assert (response.status_code, set(response.json())) == (409, {"detail"})


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer garbage"])
def test_request_without_login_is_401(desk: Desk, token: str) -> None:
    desk.start()
    response = desk.post(upright(), "image/jpeg", headers={"Authorization": token})
    assert response.status_code == 401


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_405(desk: Desk, method: str) -> None:
    desk.start()
    assert desk.person(method, f"{SESSIONS}{desk.id}/frames/").status_code == 405


# --- Rate limit ---


@pytest.fixture
def _ten_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "frames", "10/min")


@pytest.mark.usefixtures("_ten_a_minute")
def test_frames_over_the_rate_are_429(desk: Desk) -> None:
    desk.start()
    assert [desk.send(nobody()).status_code for _ in range(11)] == [200] * 10 + [429]


@pytest.mark.usefixtures("_ten_a_minute")
def test_burst_counts_as_all_its_frames(desk: Desk) -> None:
    desk.start()
    assert desk.send_burst([nobody()] * 6, capture_times(6)).status_code == 200
    refused = desk.send_burst([nobody()] * 5, capture_times(5))
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    # The refused burst counted as one request.
    assert [desk.send(nobody()).status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.usefixtures("_ten_a_minute")
def test_burst_larger_than_the_rate_is_429(desk: Desk) -> None:
    desk.start()
    assert desk.send_burst([nobody()] * 12, capture_times(12)).status_code == 429


@pytest.mark.usefixtures("_ten_a_minute")
def test_users_have_separate_rates(desk: Desk, stranger: ApiClient) -> None:
    desk.start()
    other = Desk(stranger)
    other.start()
    assert desk.send_burst([nobody()] * 10, capture_times(10)).status_code == 200
    assert desk.send(nobody()).status_code == 429
    assert other.send(nobody()).status_code == 200


def capture_times(count: int) -> list[datetime | str]:
    now = datetime.now(UTC)
    return [now.replace(microsecond=1000 * number) for number in range(count)]
