"""Landmarks that nobody should send."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ai_models.client_landmarks import InvalidLandmarks, Placed, analyze_landmarks
from ai_models.landmarks import FinePoints
from tests.detections.sessions.desk import Desk, upright
from tests.detections.sessions.landmarks import calibrate, look, observation, points_of, send

NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1e-300, 4096.0])


@pytest.fixture
def started(desk: Desk) -> Desk:
    """A session that waits for its first picture: what is refused is refused in each phase."""
    desk.start()
    return desk


def changed(**more: Any) -> dict[str, Any]:
    return observation(points_of(upright()), datetime.fromisoformat("2026-11-25T09:00:00+00:00")) | more


def post(desk: Desk, text: str) -> Any:
    return desk.client.post(
        f"/api/{desk.path}landmarks/",
        text,
        content_type="application/json",
        headers={"Authorization": f"Bearer {desk.person.access}"},
    )


def face() -> FinePoints:
    return points_of(upright())


def moved(number: int, x: Any, y: Any) -> list[list[Any]]:
    points: list[list[Any]] = face().tolist()
    points[number] = [x, y]
    return points


@pytest.mark.refused
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"points": lambda: face().tolist()[:67]}, "1: Send 68 points or 478."),
        ({"points": []}, "1: Send 68 points or 478."),
        ({"points": [[0, 0]] * 479}, "length"),
        ({"points": [[300, 200]] * 68}, "1: These points are no face's."),
        ({"points": lambda: (face() / 640).tolist()}, "1: These points are no face's."),
        ({"points": lambda: (face() * [-1, 1] + [640, 0]).tolist()}, "1: The face is mirrored"),
        ({"points": lambda: moved(0, -641, 200)}, "1: The points reach far beyond the picture"),
        ({"points": lambda: moved(8, 320, 1e308)}, "1: The points reach far beyond the picture"),
        ({"points": lambda: moved(8, 320, "far")}, "Expected `float`, got `str`"),
        ({"points": [[1, 2, 3]] * 68}, "length"),
        ({"points": None, "faces": 1}, "1: There are faces, but no points."),
        ({"faces": 0}, "1: There are more faces"),
        ({"faces": 1, "others": [[0, 0, 10, 10]]}, "1: There are more faces"),
        ({"faces": -1}, "`int` >= 0"),
        ({"faces": 10**30}, "`int` <= 100"),
        ({"others": [[10, 10, 10, 20]]}, "1: A box of another face"),
        ({"others": [[0, 0, 10**9, 20]]}, "1: A box of another face"),
        ({"others": [[0, 0, 10, 10]] * 17}, "length <= 16"),
        ({"brightness": 1.01}, "`float` <= 1"),
        ({"brightness": True}, "Expected `float | null`"),
        ({"width": 0}, "`int` >= 1"),
        ({"height": 4097}, "`int` <= 4096"),
        ({"width": 640.5}, "Expected `int`"),
        ({"captured_at": "2026-11-25T09:00:00"}, "timezone"),
        ({"captured_at": 1764061200}, "Expected `datetime`"),
        ({"captured_at": "0001-01-01T00:00:00Z"}, "not a valid time"),
        ({"captured_at": "9999-12-31T23:59:59Z"}, "not a valid time"),
    ],
)
def test_wrong_observation_is_refused_by_its_field(started: Desk, wrong: dict[str, Any], message: str) -> None:
    before = started.state()
    given = {name: value() if callable(value) else value for name, value in wrong.items()}
    response = send(started, [changed(**given)])
    assert (response.status_code, set(response.json())) == (400, {"observations"})
    assert message in response.json()["observations"][0]
    assert started.state() == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "0x10", "1" * 400])
def test_numbers_that_json_does_not_have_are_refused(started: Desk, number: str) -> None:
    text = json.dumps({"observations": [changed(brightness="HERE")]}).replace('"HERE"', number)
    assert post(started, text).status_code == 400


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", "{", "\x00", '{"observations": []}', "[" * 100_000, "\ud800x"]
)
def test_broken_body_is_refused(started: Desk, text: str) -> None:
    response = started.client.post(
        f"/api/{started.path}landmarks/",
        text.encode("utf-8", "surrogatepass"),
        content_type="application/json",
        headers={"Authorization": f"Bearer {started.person.access}"},
    )
    assert response.status_code == 400, response.content


def test_second_wrong_observation_is_named(started: Desk) -> None:
    later = started.now + timedelta(seconds=1)
    sent = [observation(points_of(upright()), started.now), observation(points_of(upright())[:60], later)]
    assert send(started, sent).json() == {"observations": ["Send points of one model only."]}
    sent = [observation(points_of(upright()), started.now), observation(points_of(upright()) * 0, later)]
    assert send(started, sent).json() == {"observations": ["2: These points are no face's."]}


def test_times_have_an_order_and_a_span(started: Desk) -> None:
    same = [changed(), changed()]
    assert "after the one before" in send(started, same).json()["observations"][0]
    apart = [changed(), changed(captured_at="2026-11-25T09:00:16Z")]
    assert "at most 15 seconds" in send(started, apart).json()["observations"][0]


def test_more_than_75_are_refused(started: Desk) -> None:
    assert send(started, [changed()] * 76).status_code == 400


def test_large_body_is_413(started: Desk) -> None:
    response = post(started, " " * (2 * 2**20 + 1))
    assert (response.status_code, set(response.json())) == (413, {"observations"})


@pytest.mark.parametrize("model", ["a b", "x" * 33, "<script>", 7])
def test_names_of_models_are_bounded(started: Desk, model: Any) -> None:
    assert send(started, [changed()], model=model).status_code == 400


def test_pictures_are_not_taken(started: Desk) -> None:
    response = started.client.post(
        f"/api/{started.path}landmarks/",
        upright(),
        content_type="image/jpeg",
        headers={"Authorization": f"Bearer {started.person.access}"},
    )
    assert response.status_code == 400


@given(points=arrays(np.float64, (68, 2), elements=NUMBERS), width=st.integers(1, 4096), height=st.integers(1, 4096))
def test_any_numbers_are_judged_or_refused(points: Any, width: int, height: int) -> None:
    check(points, width, height)


@given(
    noise=arrays(np.float64, (68, 2), elements=st.floats(-60, 60)),
    matrix=arrays(np.float64, (2, 2), elements=st.floats(-3, 3)),
)
def test_any_distorted_face_is_judged_or_refused(noise: Any, matrix: Any) -> None:
    check((points_of(upright()) + noise) @ matrix, 640, 480)


def check(points: Any, width: int, height: int) -> None:
    try:
        (found,) = analyze_landmarks([Placed(1, 0.0, width, height, points.tolist())], "68:")
    except InvalidLandmarks:
        return
    if found.measures is None:
        assert found.problem == "sideways"
        return
    measures = found.measures
    assert measures.width > 0
    assert all(np.isfinite([measures.x, measures.y, measures.roll_deg, measures.yaw_deg, measures.pitch_deg]))


def test_distorted_face_that_is_accepted_stays_in_bounds(desk: Desk) -> None:
    """A huge face in a small picture: the session goes on, and its row stays small."""
    desk.start()
    calibrate(desk, points_of(upright()))
    points = (points_of(upright()) - 320) * 2 + 320
    for _ in range(5):
        look(desk, points)
    assert desk.read()["posture"]["state"] in {"bad", "unreliable"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT LENGTH(state) FROM detections_session")
        assert cursor.fetchone()[0] < 20_000
