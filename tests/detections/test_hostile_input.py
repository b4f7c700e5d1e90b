"""Hostile input is refused with the name of the field at fault, before anything is decoded or stored."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import FaceProfile, User
from mongos.models import Frame
from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, face_of, neck_body

PICTURE = pictures.png(pictures.small())
JPEG = pictures.jpeg(pictures.small())
MISSING = object()
CALLS = {NECK: neck_body, BLINK: blink_body}
Send = Callable[..., Any]

both_calls = pytest.mark.parametrize("call", CALLS)


@pytest.fixture
def send(db: None) -> Send:
    """Posts a raw body as a logged-in user, without hashing a password: that would slow these many tests."""
    token = AccessToken.for_user(User.objects.create(username="mina"))

    def post(call: str, body: str | bytes, content_type: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return Client().post(f"/api/{call}", body, content_type=content_type, headers=headers)

    return post


@pytest.fixture(autouse=True)
def _nothing_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise AssertionError("a frame was judged")

    monkeypatch.setattr("detections.vision.decode", fail)
    monkeypatch.setattr("ai_models.vision.engine.FastEngine.find", fail)


def body_with(call: str, **changed: Any) -> str:
    body = CALLS[call](PICTURE) | changed
    return json.dumps({name: value for name, value in body.items() if value is not MISSING})


def assert_refused(response: Any, key: str, status: int = 400) -> None:
    assert response.status_code == status, response.content
    body = response.json()
    assert list(body) == [key]
    assert body[key] if isinstance(body[key], str) else all(isinstance(text, str) and text for text in body[key])
    assert not Frame.objects.exists()
    assert not FaceProfile.objects.exists()


BAD_PICTURES = {
    "missing": MISSING,
    "null": None,
    "number": 5,
    "bool": True,
    "list": ["data:image/png;base64,"],
    "object": {"data": "x"},
    "empty": "",
    "blank": " ",
    "empty data URL": "data:image/png;base64,",
    "not base64": "this is no picture",
    "not ASCII": "사진",
    "half a surrogate": "\ud800",
    "nul": "\x00",
    "data URL that is not base64": "data:image/png,abc",
    "base64 of text": base64.b64encode(b"hello").decode(),
    "truncated JPEG": pictures.data_url(JPEG[: len(JPEG) // 2]),
    "truncated PNG": pictures.data_url(PICTURE[: len(PICTURE) // 2]),
    "60000 by 60000": pictures.data_url(pictures.png_announcing(60000, 60000)),
    "no pixels": pictures.data_url(pictures.png_announcing(0, 0) + PICTURE[-12:]),
    "GIF": pictures.data_url(b"GIF89a" + bytes(100)),
}


@pytest.mark.refused
@both_calls
@pytest.mark.parametrize("picture", BAD_PICTURES.values(), ids=BAD_PICTURES.keys())
def test_invalid_picture_is_refused_by_name(send: Send, call: str, picture: Any) -> None:
    assert_refused(send(call, body_with(call, blob_data=picture)), "blob_data")


@pytest.mark.refused
@both_calls
def test_30_megabyte_body_is_413(send: Send, call: str) -> None:
    body = body_with(call, blob_data="A" * 30 * 2**20)
    response = send(call, body)
    assert_refused(response, "blob_data", 413)
    assert response.json() == {
        "blob_data": [f"The request has {len(body)} bytes; at most {8 * 2**20} are accepted."],
    }


BAD_LISTS = {
    "words": "one,two",
    "one word": "1,2,x",
    "NaN": "NaN",
    "nan among numbers": "1,nan",
    "inf": "inf",
    "-Infinity": "1,-Infinity",
    "too large for a float": "1e999",
    "empty place": "1,,2",
    "comma at the end": "1,",
    "blank": " ",
    "a million numbers": ",".join(["1"] * 1_000_000),
    "101 numbers": ",".join(["1"] * 101),
    "a long number": "1" * 100_000,
    "list": [1, 2],
    "number": 1,
    "bool": False,
    "object": {},
    "half a surrogate": "\ud800",
    "nul": "1\x00",
}


@pytest.mark.refused
@pytest.mark.parametrize("numbers", BAD_LISTS.values(), ids=BAD_LISTS.keys())
@pytest.mark.parametrize("name", ["face_x", "face_y", "nose_to_center"])
def test_invalid_list_is_refused_by_name(send: Send, name: str, numbers: Any) -> None:
    assert_refused(send(NECK, body_with(NECK, **{name: numbers})), name)


BAD_MEANS = {
    "NaN literal": float("nan"),
    "Infinity literal": float("inf"),
    "-Infinity literal": float("-inf"),
    "NaN text": "NaN",
    "words": "many",
    "empty": "",
    "too large for a float": 10**400,
    "list": [1],
    "object": {},
}


@pytest.mark.refused
@pytest.mark.parametrize("mean", BAD_MEANS.values(), ids=BAD_MEANS.keys())
@pytest.mark.parametrize("name", ["face_x_mean", "face_y_mean", "nose_mean"])
def test_invalid_mean_is_refused_by_name(send: Send, name: str, mean: Any) -> None:
    assert_refused(send(NECK, body_with(NECK, **{name: mean})), name)


BAD_COUNTS = {
    "missing": MISSING,
    "null": None,
    "negative": -1,
    "text": "many",
    "empty": "",
    "huge": 10**30,
    "fraction": 1.5,
    "true": True,
    "false": False,
    "NaN literal": float("nan"),
    "Infinity literal": float("inf"),
    "list": [1],
    "object": {},
}


@pytest.mark.refused
@pytest.mark.parametrize("count", BAD_COUNTS.values(), ids=BAD_COUNTS.keys())
@pytest.mark.parametrize(("call", "name"), [(NECK, "cnt"), (BLINK, "count"), (BLINK, "total")])
def test_invalid_count_is_refused_by_name(send: Send, call: str, name: str, count: Any) -> None:
    assert_refused(send(call, body_with(call, **{name: count})), name)


BAD_BODIES = {
    "cut off": '{"blob_data": "',
    "no quotes": "{blob_data: 1}",
    "empty": "",
    "not UTF-8": b'{"cnt": "\xff\xfe"}',
    "deeply nested": "[" * 100_000 + "]" * 100_000,
    "deeply nested field": '{"blob_data": ' + '{"a":' * 50_000 + "1" + "}" * 50_001,
    "number of 5000 digits": '{"cnt": ' + "1" * 5000 + "}",
}


@pytest.mark.refused
@both_calls
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_broken_json_is_refused(send: Send, call: str, body: str | bytes) -> None:
    if body == "":
        assert send(call, body).status_code == 400
        assert not Frame.objects.exists()
        return
    assert_refused(send(call, body), "detail")


@pytest.mark.refused
@both_calls
@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "true", "NaN"])
def test_non_object_json_is_refused(send: Send, call: str, body: str) -> None:
    response = send(call, body)
    assert response.status_code == 400, response.content
    assert response.json()
    assert not Frame.objects.exists()


@pytest.mark.refused
@both_calls
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "nonsense"]
)
def test_other_content_types_are_refused(send: Send, call: str, content_type: str) -> None:
    response = send(call, body_with(call), content_type)
    assert_refused(response, "detail")
    assert response.json() == {"detail": "The body must be JSON, with the header Content-Type: application/json."}


@pytest.fixture
def _astronaut_in_every_frame(monkeypatch: pytest.MonkeyPatch, _nothing_is_decoded: None) -> None:
    face = face_of(pictures.astronaut())
    monkeypatch.setattr("detections.vision.decode", lambda frame: pictures.astronaut())
    monkeypatch.setattr("ai_models.vision.engine.FastEngine.find", lambda *args: face)


@pytest.mark.refused
@pytest.mark.usefixtures("_astronaut_in_every_frame")
@pytest.mark.parametrize("name", ["face_x", "face_y", "nose_to_center"])
def test_overflowing_sum_is_refused_by_name(send: Send, name: str) -> None:
    assert_refused(send(NECK, body_with(NECK, **{name: "1.7e308,1.7e308,1.7e308"}, cnt=3)), name)


@pytest.mark.refused
@pytest.mark.usefixtures("_astronaut_in_every_frame")
def test_overflowing_means_do_not_cause_500(send: Send) -> None:
    means = {"face_x_mean": 1, "face_y_mean": 10**308, "nose_mean": 10**308}
    assert send(NECK, body_with(NECK, **means, cnt=4)).status_code in {200, 400}
