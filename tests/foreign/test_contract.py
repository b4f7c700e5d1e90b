"""The wire contract as a foreign client tests it, without importing the project. See tests/test_foreign_suite.py."""

import base64
import json
from typing import Any

import cv2
import pytest
import skimage.data

photos: Any = skimage.data
pytestmark = pytest.mark.django_db

CREDENTIALS = {"username": "testuser", "password": "12341234"}
LISTS = ("face_x", "face_y", "nose_to_center")
CALIBRATION_KEYS = {*LISTS, "cnt", "face_x_mean", "face_y_mean", "nose_mean", "detection_flag"}
REPORT = {
    "blink_cnt": 10,
    "neck_cnt": 2,
    "stretching_cnt": 1,
    "start_time": "2203300738",
    "end_time": "2203301308",
    "study_time": "0530",
}


def data_url(image: Any, extension: str = ".png", declared: str = "image/png") -> str:
    encoded = cv2.imencode(extension, image[:, :, ::-1])[1].tobytes()
    return f"data:{declared};base64,{base64.b64encode(encoded).decode()}"


FACE = data_url(photos.astronaut())
NO_FACE = data_url(cv2.resize(photos.coffee(), (160, 120), interpolation=cv2.INTER_AREA), ".jpg", "image/jpeg")


def neck(blob_data: str = FACE, cnt: int = 0, numbers: str = "", means: float = 0) -> dict[str, Any]:
    calibration = dict.fromkeys(LISTS, numbers) | dict.fromkeys(("face_x_mean", "face_y_mean", "nose_mean"), means)
    return {"blob_data": blob_data, "cnt": cnt, "detection_flag": "", "flag": "stray", **calibration}


class Caller:
    """A user who has just signed up and logged in."""

    def __init__(self, client: Any) -> None:
        self.client = client
        assert self.send("post", "accounts/", CREDENTIALS).status_code == 201
        tokens = self.send("post", "accounts/login/", CREDENTIALS)
        assert tokens.status_code == 200
        self.access = tokens.json()["access"]
        self.refresh = tokens.json()["refresh"]

    def send(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        options: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/{path}", **options)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return self.send(method, path, body, self.access)


@pytest.fixture
def caller(client: Any) -> Caller:
    return Caller(client)


def test_sign_up_holds_the_username_and_no_password(client: Any) -> None:
    answer = client.post("/api/accounts/", json.dumps(CREDENTIALS), content_type="application/json")
    assert answer.status_code == 201
    assert answer.json() == {"username": "testuser"}


def test_taken_username(caller: Caller) -> None:
    answer = caller.send("post", "accounts/", CREDENTIALS)
    assert answer.status_code == 400
    assert set(answer.json()) == {"username"}


def test_login_and_wrong_login(caller: Caller) -> None:
    answer = caller.send("post", "accounts/login/", CREDENTIALS)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh"}
    assert caller.send("post", "accounts/login/", CREDENTIALS | {"password": "wrong"}).status_code == 401


def test_refresh(caller: Caller) -> None:
    answer = caller.send("post", "token/refresh/", {"refresh": caller.refresh})
    assert answer.status_code == 200
    assert caller.send("get", "accounts/time/", token=answer.json()["access"]).status_code == 200


def test_times(caller: Caller) -> None:
    answer = caller.call("get", "accounts/time/")
    assert answer.status_code == 200
    assert answer.json() == {"blink_time": 20, "neck_time": 20, "stretching_time": 18000, "alarm_sound": 1}
    new = {"blink_time": 40, "neck_time": 40, "stretching_time": 36000, "alarm_sound": 2}
    answer = caller.call("put", "accounts/time/", new)
    assert answer.status_code == 200
    assert answer.json() == new
    assert caller.call("get", "accounts/time/").json() == new


@pytest.mark.parametrize("token", [None, "garbage"])
def test_no_token_or_a_bad_one(caller: Caller, token: str | None) -> None:
    calls = [("get", "accounts/time/"), ("put", "accounts/time/"), ("delete", "accounts/"), ("get", "reports/")]
    calls += [("post", "reports/"), ("post", "detections/neck/"), ("post", "detections/blink/")]
    assert [caller.send(*call, body={}, token=token).status_code for call in calls if call[0] != "get"] == [401] * 5
    assert [caller.send(*call, token=token).status_code for call in calls if call[0] == "get"] == [401] * 2


def test_admin(client: Any) -> None:
    assert client.get("/api/admin/login/").status_code == 200


def test_four_calibrating_frames_then_monitoring(caller: Caller) -> None:
    sent: dict[str, list[str]] = {name: [] for name in LISTS}
    answer: dict[str, Any] = {}
    for cnt in range(4):
        body = neck(cnt=cnt) | {name: ",".join(texts) for name, texts in sent.items()}
        response = caller.call("post", "detections/neck/", body)
        answer = response.json()
        assert response.status_code == 200
        assert set(answer) == CALIBRATION_KEYS
        assert (answer["cnt"], answer["detection_flag"]) == (cnt + 1, "detected")
        for name in LISTS:
            assert answer[name][:-1] == sent[name]
            assert isinstance(answer[name][-1], float)
            sent[name] = [str(value) for value in answer[name]]
        if cnt < 3:
            assert (answer["face_x_mean"], answer["face_y_mean"], answer["nose_mean"]) == (0, 0, 0)
    means = {"face_x_mean": "face_x", "face_y_mean": "face_y", "nose_mean": "nose_to_center"}
    for mean, name in means.items():
        assert answer[mean] == sum(float(value) for value in answer[name]) / 4
    body = neck(cnt=4) | {mean: answer[mean] for mean in means}
    answer = caller.call("post", "detections/neck/", body).json()
    assert answer == {"x_result": True, "y_result": True, "detection_flag": "detected", "face_id_flag": True}


def test_numbers_come_back_as_text_and_the_measure_as_a_number(caller: Caller) -> None:
    answer = caller.call("post", "detections/neck/", neck(cnt=2, numbers="1,1")).json()
    measures = {name: answer[name].pop() for name in LISTS}
    assert all(isinstance(measure, float) for measure in measures.values())
    means = {"face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0}
    assert answer == {key: ["1", "1"] for key in LISTS} | means | {"cnt": 3, "detection_flag": "detected"}


@pytest.mark.parametrize("numbers", [None, ""])
def test_empty_lists(caller: Caller, numbers: Any) -> None:
    answer = caller.call("post", "detections/neck/", neck(numbers=numbers)).json()
    assert [len(answer[name]) for name in LISTS] == [1, 1, 1]


def test_bare_base64(caller: Caller) -> None:
    answer = caller.call("post", "detections/neck/", neck(FACE.partition(",")[2]))
    assert answer.status_code == 200
    assert answer.json()["detection_flag"] == "detected"


def test_a_jpeg_under_image_png(caller: Caller) -> None:
    blob_data = data_url(photos.astronaut(), ".jpg", "image/png")
    assert caller.call("post", "detections/neck/", neck(blob_data)).json()["detection_flag"] == "detected"


@pytest.mark.parametrize("cnt", [0, 3])
def test_coffee_while_calibrating(caller: Caller, cnt: int) -> None:
    answer = caller.call("post", "detections/neck/", neck(NO_FACE, cnt, "1,1"))
    means = {"face_x_mean": 0, "face_y_mean": 0, "nose_mean": 0}
    assert answer.status_code == 200
    assert answer.json() == {key: ["1", "1"] for key in LISTS} | means | {"cnt": cnt, "detection_flag": "false"}


def test_coffee_while_monitoring(caller: Caller) -> None:
    answer = caller.call("post", "detections/neck/", neck(NO_FACE, 4, "1,1,1,1", 1.5))
    means = {"face_x_mean": 1.5, "face_y_mean": 1.5, "nose_mean": 1.5}
    flags = {"cnt": 4, "detection_flag": "false", "face_id_flag": True}
    assert answer.status_code == 200
    assert answer.json() == {key: ["1", "1", "1", "1"] for key in LISTS} | means | flags


def test_too_close(caller: Caller) -> None:
    answer = caller.call("post", "detections/neck/", neck(cnt=4, numbers="1,1,1,1", means=1))
    assert answer.status_code == 200
    assert answer.json() == {"x_result": True, "y_result": False, "detection_flag": "detected", "face_id_flag": True}


@pytest.mark.parametrize("blob_data", ["", "data:image/png;base64,", "data:image/png;base64,AAAA", "???"])
@pytest.mark.parametrize("path", ["detections/neck/", "detections/blink/"])
def test_a_frame_that_cannot_be_decoded(caller: Caller, path: str, blob_data: str) -> None:
    answer = caller.call("post", path, neck(blob_data) | {"count": 0, "total": 0, "time": 0})
    assert answer.status_code == 400
    assert set(answer.json()) == {"blob_data"}


def test_blink(caller: Caller) -> None:
    body = {"blob_data": FACE, "count": 3, "total": 7, "time": 1500, "detection_flag": ""}
    answer = caller.call("post", "detections/blink/", body)
    closed = answer.json()["res"]
    assert isinstance(closed, bool)
    expected = {"total": 7 + closed, "count": 3, "res": closed, "time": 2000, "detection_flag": "detected"}
    assert answer.status_code == 200
    assert answer.json() == expected


def test_blink_without_a_face(caller: Caller) -> None:
    body = {"blob_data": NO_FACE, "count": 3, "total": 7, "time": 1500, "detection_flag": "detected"}
    answer = caller.call("post", "detections/blink/", body)
    assert answer.status_code == 200
    assert answer.json() == {"total": 7, "count": 3, "res": False, "time": 1500, "detection_flag": "false"}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"start_time": "2022-04-08T01:12:00.000Z", "end_time": "2022-04-08T06:42:00.000Z"},
        {"study_time": None},
    ],
)
def test_reports(caller: Caller, change: dict[str, Any]) -> None:
    assert caller.call("get", "reports/").json() == []
    answer = caller.call("post", "reports/", REPORT | change)
    stored = answer.json()
    assert answer.status_code == 201
    assert stored == {"id": stored["id"], **REPORT, **change}
    assert isinstance(stored["id"], int)
    answer = caller.call("get", "reports/")
    assert answer.status_code == 200
    assert answer.json() == [stored]


@pytest.mark.parametrize("change", [{"start_time": "abc"}, {"end_time": "2203300737"}, {"blink_cnt": -1}])
def test_bad_reports(caller: Caller, change: dict[str, Any]) -> None:
    assert caller.call("post", "reports/", REPORT | change).status_code == 400
    assert caller.call("get", "reports/").json() == []


@pytest.mark.parametrize("body", [None, {}, {"password": "12341234"}])
def test_withdraw(caller: Caller, body: Any) -> None:
    answer = caller.call("delete", "accounts/", body)
    assert answer.status_code == 204
    assert answer.data == {"message": "정상적으로 삭제되었습니다."}
    assert caller.call("get", "accounts/time/").status_code == 401
    assert caller.send("post", "accounts/login/", CREDENTIALS).status_code == 401


def test_withdraw_with_a_wrong_password(caller: Caller) -> None:
    assert caller.call("delete", "accounts/", {"password": "wrong"}).status_code == 400
    assert caller.call("get", "accounts/time/").status_code == 200


def test_two_hundred_frames_in_a_row_meet_no_throttle(caller: Caller) -> None:
    codes = [caller.call("post", "detections/neck/", neck(NO_FACE)).status_code for _ in range(200)]
    assert codes == [200] * 200


def test_sixty_sign_ups_and_logins_meet_no_throttle(client: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # well within a minute
    codes = set()
    for number in range(60):
        body = json.dumps(CREDENTIALS | {"username": f"testuser{number}"})
        for path in ("accounts/", "accounts/login/"):
            codes.add((path, client.post(f"/api/{path}", body, content_type="application/json").status_code))
    assert codes == {("accounts/", 201), ("accounts/login/", 200)}
