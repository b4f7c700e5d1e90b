"""POST /api/detections/check/"""

from typing import Any

import pytest
from django.test import Client

from ai_models.analysis import FrameAnalysis
from ai_models.landmarks import Box
from ai_models.monitoring.camera_check import CameraCheck, check_of
from ai_models.quality import PictureProblem, Quality
from common.http.throttling import FrameThrottle
from detections.models import Session
from mongos.models import Frame
from tests import pictures
from tests.ai_models.replay import face
from tests.conftest import ApiClient
from tests.detections.sessions.desk import nobody, two_people, upright

PATH = "/api/detections/check/"
GOOD = {"face_found": True, "faces": 1, "hint": None, "distance": "good", "light": "good"}


def check(person: ApiClient, picture: bytes, content_type: str = "image/jpeg") -> Any:
    headers = {"Authorization": f"Bearer {person.access}"}
    return Client().post(PATH, picture, content_type=content_type, headers=headers)


def answer(person: ApiClient, picture: bytes) -> Any:
    response = check(person, picture)
    assert response.status_code == 200, response.content
    return response.json()


def test_good_picture_has_no_hint(owner: ApiClient) -> None:
    assert answer(owner, upright()) == GOOD


def test_picture_without_a_face_says_why(owner: ApiClient) -> None:
    assert answer(owner, nobody()) == {
        "face_found": False,
        "faces": 0,
        "hint": "no_face",
        "distance": None,
        "light": None,
    }


def test_second_face_is_counted(owner: ApiClient) -> None:
    found = answer(owner, two_people())
    assert (found["faces"], found["hint"]) == (2, "more_than_one_face")


def test_small_face_is_far_away(owner: ApiClient) -> None:
    found = answer(owner, pictures.jpeg(pictures.framed(80, (320.0, 220.0)), 90))
    assert (found["distance"], found["hint"]) == ("far", "face_too_small")


@pytest.mark.parametrize(
    ("closer", "distance"), [(0.5, "far"), (0.63, "good"), (1.0, "good"), (1.79, "good"), (1.81, "near"), (3.0, "near")]
)
def test_distance_is_told_by_the_width_of_the_face(closer: float, distance: str) -> None:
    analysis = FrameAnalysis(640, 480, measures=face(closer=closer), others=())
    assert check_of(analysis).distance == distance


@pytest.mark.parametrize(("light", "told"), [(10.0, "dark"), (39.0, "dark"), (41.0, "good")])
def test_light_is_that_of_the_face(light: float, told: str) -> None:
    analysis = FrameAnalysis(640, 480, measures=face(quality=Quality(light, 300.0)), others=())
    assert (check_of(analysis).light, check_of(analysis).hint) == (told, "too_dark" if told == "dark" else None)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("too_dark", CameraCheck(0, "too_dark", None, "dark")),
        ("face_too_small", CameraCheck(0, "face_too_small", "far", None)),
        ("covered", CameraCheck(0, "covered", None, None)),
        (None, CameraCheck(0, "no_face", None, None)),
    ],
)
def test_what_is_wrong_with_the_whole_picture_is_told(problem: PictureProblem | None, expected: CameraCheck) -> None:
    assert check_of(FrameAnalysis(640, 480, problem=problem)) == expected


def test_company_comes_before_smaller_troubles() -> None:
    others = (Box(0, 0, 70, 70),)
    analysis = FrameAnalysis(640, 480, measures=face(closer=0.5), others=others)
    assert (check_of(analysis).faces, check_of(analysis).hint) == (2, "more_than_one_face")


def test_nothing_is_stored(owner: ApiClient) -> None:
    answer(owner, upright())
    assert (Frame.objects.count(), Session.objects.count()) == (0, 0)


def test_checks_count_as_frames(owner: ApiClient, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FrameThrottle, "THROTTLE_RATES", FrameThrottle.THROTTLE_RATES | {"frames": "2/min"})
    assert [check(owner, upright()).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("body", [b"", b"no picture", upright()[:200]])
def test_what_is_no_picture_is_refused(owner: ApiClient, body: bytes) -> None:
    response = check(owner, body)
    assert (response.status_code, set(response.json())) == (400, {"frame"})


def test_other_bodies_are_refused(owner: ApiClient) -> None:
    assert check(owner, b"{}", "application/json").status_code == 400


def test_request_without_login_is_401(client: Client, db: None) -> None:
    assert client.post(PATH, upright(), content_type="image/jpeg").status_code == 401
