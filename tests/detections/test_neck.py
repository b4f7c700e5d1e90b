from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts import face_keys
from accounts.models import FaceProfile
from ai_models.vision.frame import Image
from detections import vision
from mongos.models import Frame
from personal_data.withdrawal import user_erase
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.frames import (
    NECK,
    ZERO_MEANS,
    face_of,
    measures_of,
    monitoring_body,
    neck_body,
    nobody,
    upright,
    upright_measures,
)

LISTS = ("face_x", "face_y", "nose_to_center")
MEANS = {"face_x_mean": 76.25, "face_y_mean": 107, "nose_mean": 19.5}
GOOD = {"x_result": True, "y_result": True, "detection_flag": "detected", "face_id_flag": True}


def post_ok(client: ApiClient, body: dict[str, Any]) -> Any:
    response = client("post", NECK, body)
    assert response.status_code == 200, response.content
    return response.json()


def typed(value: Any) -> Any:
    """The value together with its type: 1, 1.0 and True are equal in Python, but not to a client."""
    if isinstance(value, dict):
        return {name: typed(item) for name, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else (type(value).__name__, value)


def enrol_far_away(client: ApiClient) -> bytes:
    mean = face_keys.encrypt(np.full(128, 0.5).astype("<f8").tobytes())
    FaceProfile.objects.create(user=client.user, mean_descriptor=mean, frame_count=4)
    return mean


def archived(client: ApiClient) -> list[tuple[bytes, bool, str]]:
    frames = Frame.objects.filter(user_id=client.user.pk).order_by("captured_at")
    return [(bytes(frame.image), frame.face_found, frame.content_type) for frame in frames]


# --- Calibrating ---


def test_four_frames_calibrate_and_enrol_the_face(owner: ApiClient) -> None:
    images = [
        pictures.astronaut(),
        pictures.warped(scale=1.02),
        pictures.warped(scale=0.95),
        pictures.warped(scale=0.9),
    ]
    measured = [measures_of(image) for image in images]
    lists: dict[str, list[str | float]] = {name: [] for name in LISTS}
    for cnt, image in enumerate(images):
        sent = {name: ",".join(str(number) for number in numbers) for name, numbers in lists.items()}
        response = post_ok(owner, neck_body(pictures.png(image), **sent, cnt=cnt))
        lists = {name: [*map(str, lists[name]), getattr(measured[cnt], name)] for name in LISTS}
        means: dict[str, float] = dict(ZERO_MEANS)
        if cnt == 3:
            means = {
                "face_x_mean": sum(measures.face_x for measures in measured) / 4,
                "face_y_mean": sum(measures.face_y for measures in measured) / 4,
                "nose_mean": sum(measures.nose_to_center for measures in measured) / 4,
            }
        assert typed(response) == typed(lists | {"cnt": cnt + 1, "detection_flag": "detected"} | means)
    profile = FaceProfile.objects.get(user=owner.user)
    descriptors = [vision.engine().describe(image, face_of(image), is_exact=True).exact for image in images]
    assert profile.frame_count == 4
    assert profile.enrolment.mean == pytest.approx(np.mean(descriptors, axis=0), abs=1e-6)


def test_sent_numbers_return_as_text(owner: ApiClient) -> None:
    measures = upright_measures()
    response = post_ok(owner, neck_body(upright(), face_x="1,1", face_y="2.50,-3", nose_to_center="1e3,4", cnt=2))
    assert typed(response) == typed(
        {
            "face_x": ["1", "1", measures.face_x],
            "face_y": ["2.50", "-3", measures.face_y],
            "nose_to_center": ["1e3", "4", measures.nose_to_center],
            "cnt": 3,
            "detection_flag": "detected",
        }
        | ZERO_MEANS
    )


def test_means_always_divide_by_four(owner: ApiClient) -> None:
    measures = upright_measures()
    response = post_ok(owner, neck_body(upright(), face_x="1,1", cnt=3))
    assert response == {
        "face_x": ["1", "1", measures.face_x],
        "face_y": [measures.face_y],
        "nose_to_center": [measures.nose_to_center],
        "cnt": 4,
        "face_x_mean": (1 + 1 + measures.face_x) / 4,
        "face_y_mean": measures.face_y / 4,
        "nose_mean": measures.nose_to_center / 4,
        "detection_flag": "detected",
    }


@pytest.mark.parametrize("empty", ["null", "absent", "empty"])
def test_lists_may_be_null_missing_or_empty(owner: ApiClient, empty: str) -> None:
    body = neck_body(upright())
    for name in LISTS:
        body[name] = None if empty == "null" else ""
        if empty == "absent":
            del body[name]
    measures = upright_measures()
    assert post_ok(owner, body) == {
        "face_x": [measures.face_x],
        "face_y": [measures.face_y],
        "nose_to_center": [measures.nose_to_center],
        "cnt": 1,
        "detection_flag": "detected",
    } | (ZERO_MEANS)


def test_means_are_zero_while_calibrating(owner: ApiClient) -> None:
    assert post_ok(owner, neck_body(upright(), **MEANS)).items() >= ZERO_MEANS.items()


def test_unknown_fields_are_ignored(owner: ApiClient) -> None:
    assert post_ok(owner, neck_body(upright(), flag="x", surprise=[1])) == post_ok(owner, neck_body(upright()))


def test_jpeg_declared_as_png_is_accepted(owner: ApiClient) -> None:
    data = pictures.jpeg(pictures.astronaut())
    assert post_ok(owner, neck_body(data))["detection_flag"] == "detected"
    assert archived(owner) == [(data, True, "image/jpeg")]


def test_bare_base64_is_accepted(owner: ApiClient) -> None:
    body = monitoring_body(upright())
    body["blob_data"] = body["blob_data"].partition(",")[2]
    assert post_ok(owner, body) == GOOD


# --- Monitoring ---


@pytest.mark.parametrize(
    ("image", "x_result", "y_result"),
    [
        (pictures.warped(), True, True),
        (pictures.warped(turn_deg=-15), False, True),  # 78 degrees
        (pictures.warped(turn_deg=12), False, True),  # 105 degrees
        (pictures.warped(scale=1.02), True, True),
        (pictures.warped(scale=1.12), True, False),
        (pictures.warped(down_px=150), True, False),
        (pictures.warped(scale=0.8, down_px=100), True, True),
        (pictures.warped(scale=0.95, down_px=100), True, False),
    ],
    ids=["upright", "left", "right", "a_little_nearer", "leaning_in", "lower", "farther_and_lower", "hardly_farther"],
)
def test_posture_is_judged_against_the_baseline(owner: ApiClient, image: Image, x_result: bool, y_result: bool) -> None:
    response = post_ok(owner, monitoring_body(pictures.png(image)))
    assert typed(response) == typed(GOOD | {"x_result": x_result, "y_result": y_result})


def test_cnt_over_four_is_monitoring(owner: ApiClient) -> None:
    assert post_ok(owner, monitoring_body(upright(), cnt=5000)) == GOOD


def test_zero_means_make_every_face_close(owner: ApiClient) -> None:
    assert post_ok(owner, neck_body(upright(), cnt=4)) == GOOD | {"y_result": False}


def test_monitoring_enrols_nobody(owner: ApiClient) -> None:
    assert post_ok(owner, monitoring_body(upright())) == GOOD
    assert not FaceProfile.objects.exists()


@pytest.mark.parametrize("empty", ["null", "absent"])
@pytest.mark.parametrize("name", MEANS)
def test_monitoring_without_mean_is_refused_by_name(owner: ApiClient, name: str, empty: str) -> None:
    body = monitoring_body(upright(), **{name: None})
    if empty == "absent":
        del body[name]
    response = owner("post", NECK, body)
    assert (response.status_code, list(response.json())) == (400, [name])
    assert not Frame.objects.exists()


# --- No face ---


@pytest.mark.parametrize("cnt", [0, 3])
def test_calibration_without_face_changes_nothing(owner: ApiClient, cnt: int) -> None:
    sent = {"face_x": "1,2.50", "face_y": "", "nose_to_center": "3"}
    response = post_ok(owner, neck_body(nobody(), **sent, **MEANS, cnt=cnt))
    assert typed(response) == typed(
        {"face_x": ["1", "2.50"], "face_y": [], "nose_to_center": ["3"], "cnt": cnt, "detection_flag": "false"} | MEANS
    )
    assert not FaceProfile.objects.exists()


@pytest.mark.parametrize("cnt", [4, 77])
def test_monitoring_without_face_reports_the_owner(owner: ApiClient, cnt: int) -> None:
    enrol_far_away(owner)
    response = post_ok(owner, neck_body(nobody(), **MEANS, cnt=cnt, face_x="1,1,1,1"))
    assert typed(response) == typed(
        {
            "face_x": ["1", "1", "1", "1"],
            "face_y": [],
            "nose_to_center": [],
            "cnt": cnt,
            "detection_flag": "false",
            "face_id_flag": True,
        }
        | MEANS
    )


def test_null_fields_without_face_give_defaults(owner: ApiClient) -> None:
    nothing = dict.fromkeys([*LISTS, *MEANS])
    response = post_ok(owner, neck_body(nobody(), **nothing))
    assert typed(response) == typed({name: [] for name in LISTS} | {"cnt": 0, "detection_flag": "false"} | ZERO_MEANS)


# --- Face ID ---


def test_enrolled_user_is_recognised(owner: ApiClient) -> None:
    post_ok(owner, neck_body(upright()))
    assert post_ok(owner, monitoring_body(upright())) == GOOD


def test_stranger_is_not_recognised(owner: ApiClient) -> None:
    enrol_far_away(owner)
    assert post_ok(owner, monitoring_body(upright())) == GOOD | {"face_id_flag": False}


def test_strangers_frame_changes_no_enrolment(owner: ApiClient) -> None:
    mean = enrol_far_away(owner)
    assert post_ok(owner, neck_body(upright()))["cnt"] == 1
    profile = FaceProfile.objects.get(user=owner.user)
    assert (bytes(profile.mean_descriptor), profile.frame_count) == (mean, 4)


def test_users_have_separate_enrolments(owner: ApiClient, stranger: ApiClient) -> None:
    enrol_far_away(stranger)
    assert post_ok(owner, monitoring_body(upright())) == GOOD
    assert post_ok(stranger, monitoring_body(upright())) == GOOD | {"face_id_flag": False}


# --- The archive ---


def test_every_frame_is_archived_once_unchanged(owner: ApiClient) -> None:
    sent = [(upright(), True, "image/png"), (nobody(), False, "image/png")]
    post_ok(owner, neck_body(upright()))
    post_ok(owner, monitoring_body(nobody()))
    assert archived(owner) == sent
    assert Frame.objects.count() == 2


def test_frames_belong_to_their_sender(owner: ApiClient, stranger: ApiClient) -> None:
    post_ok(owner, neck_body(upright()))
    post_ok(stranger, neck_body(nobody()))
    assert archived(owner) == [(upright(), True, "image/png")]
    assert archived(stranger) == [(nobody(), False, "image/png")]


def test_undecodable_frame_is_not_stored(owner: ApiClient) -> None:
    damaged = bytearray(pictures.png(pictures.small()))
    damaged[damaged.index(b"IDAT") + 6] ^= 0xFF  # its data does not unpack
    response = owner("post", NECK, neck_body(bytes(damaged)))
    assert response.status_code == 400
    assert response.json() == {"blob_data": ["The picture is damaged and cannot be decoded."]}
    assert not Frame.objects.exists()


# --- Authentication ---


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer garbage", "Bearer a.b.c", "Token 3f2b8c1e-0d6f-4f3a-9a53-7f0f3c2f1a11"]
)
def test_invalid_token_is_401_and_stores_nothing(db: None, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    response = Client().post(f"/api/{NECK}", neck_body(upright()), content_type="application/json", headers=headers)
    assert response.status_code == 401
    assert not Frame.objects.exists()


def test_deleted_users_token_is_401(owner: ApiClient) -> None:
    user_erase(user_id=owner.user.pk)
    assert owner("post", NECK, neck_body(upright())).status_code == 401
    assert not Frame.objects.exists()


def test_withdrawal_during_analysis_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = owner.user.pk

    def withdraw(*args: Any) -> None:
        user_erase(user_id=user_id)

    monkeypatch.setattr("ai_models.vision.engine.FastEngine.find", withdraw)
    assert owner("post", NECK, neck_body(upright())).status_code == 401
    assert not Frame.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_post_is_allowed(owner: ApiClient, method: str) -> None:
    assert owner(method, NECK).status_code == 405
