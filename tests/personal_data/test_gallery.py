"""GET /api/accounts/frames/days/, small pictures, and what was going on when a frame was captured"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import cv2
import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ai_models.vision.frame import read_frame
from detections.models import Episode, Session
from mongos import totals
from mongos.listing import EARLIEST, LATEST
from mongos.models import Frame
from tests import pictures
from tests.archived import archived
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, leaning_in
from tests.mongos.test_queries import counters, stages_of

PATH = "accounts/frames/days/"
PNG = pictures.png(pictures.small())
NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)  # in Seoul


def store(person: ApiClient, captured_at: datetime, data: bytes = PNG) -> UUID:
    return archived(user_id=person.user.pk, frame=read_frame(data), captured_at=captured_at)


def days(person: ApiClient, query: str = "") -> Any:
    response = person("get", f"{PATH}{query}")
    assert response.status_code == 200, response.content
    return response.json()


# --- Days ---


@pytest.mark.usefixtures("each_archive")
def test_days_have_number_and_size_of_their_frames(owner: ApiClient, stranger: ApiClient) -> None:
    for day, frames in ((0, 3), (1, 1), (5, 2)):
        for second in range(frames):
            store(owner, NOON + timedelta(days=day, seconds=second))
    store(stranger, NOON)
    found = days(owner)
    assert [(day["day"], day["frames"], day["bytes"]) for day in found["results"]] == [
        ("2026-11-25", 2, 2 * len(PNG)),
        ("2026-11-21", 1, len(PNG)),
        ("2026-11-20", 3, 3 * len(PNG)),
    ]
    assert found["total"] == {"frames": 6, "bytes": 6 * len(PNG)}
    assert found["next"] is None


@pytest.mark.usefixtures("each_archive")
def test_days_are_those_of_the_users_time_zone(owner: ApiClient) -> None:
    moments = [datetime(2026, 11, 20, 14, 59, 59, 999_000, tzinfo=UTC), datetime(2026, 11, 20, 15, tzinfo=UTC)]
    for moment in moments:
        store(owner, moment)
    assert [day["day"] for day in days(owner)["results"]] == ["2026-11-21", "2026-11-20"]
    owner("put", "accounts/time-zone/", {"time_zone": "America/New_York"})
    [day] = days(owner)["results"]
    assert (day["day"], day["frames"]) == ("2026-11-20", 2)


@pytest.mark.parametrize(("date", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)])
def test_day_is_as_long_as_its_clocks_say(owner: ApiClient, date: str, hours: int) -> None:
    owner("put", "accounts/time-zone/", {"time_zone": "America/New_York"})
    store(owner, datetime.fromisoformat(f"{date}T17:00:00+00:00"))
    [day] = days(owner)["results"]
    span = datetime.fromisoformat(day["until"]) - datetime.fromisoformat(day["since"])
    assert span == timedelta(hours=hours, milliseconds=-1)


@pytest.mark.usefixtures("each_archive")
def test_pages_are_joined_without_a_gap(owner: ApiClient) -> None:
    for day in range(5):
        store(owner, NOON + timedelta(days=2 * day))
    pages, path = [], f"{PATH}?page_size=2"
    while path:
        page = owner("get", path).json()
        pages.append(page)
        path = (page["next"] or "").partition("/api/")[2]
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert [page["total"] and page["total"]["frames"] for page in pages] == [5, None, None]
    assert [day["day"] for page in pages for day in page["results"]] == [f"2026-11-{n}" for n in (28, 26, 24, 22, 20)]


@pytest.mark.usefixtures("each_archive")
def test_span_of_a_day_lists_and_deletes_it(owner: ApiClient) -> None:
    for day in range(3):
        store(owner, NOON + timedelta(days=day))
    middle = days(owner)["results"][1]
    span = f"?from={middle['since'].replace('+', '%2B')}&to={middle['until'].replace('+', '%2B')}"
    assert len(owner("get", f"accounts/frames/{span}").json()["results"]) == 1
    assert owner("delete", f"accounts/frames/{span}").json()["deleted"] == 1
    assert [day["day"] for day in days(owner)["results"]] == ["2026-11-22", "2026-11-20"]


@pytest.mark.usefixtures("each_archive")
def test_frames_of_an_earlier_user_with_the_same_id_do_not_show(owner: ApiClient) -> None:
    store(owner, owner.user.date_joined - timedelta(days=1))
    assert days(owner) == {"total": {"frames": 0, "bytes": 0}, "next": None, "results": []}


def test_cost_does_not_grow_with_the_frames_of_a_day(owner: ApiClient) -> None:
    counts = []
    for frames in (1, 30):
        for second in range(frames):
            store(owner, NOON + timedelta(seconds=60 * frames + second))
        with CaptureQueriesContext(connection) as queries:
            days(owner)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_totals_are_read_from_the_index_alone(owner: ApiClient, mongodb: Any) -> None:
    for second in range(20):
        store(owner, NOON + timedelta(seconds=second))
    pipeline = totals.pipeline_of(owner.user.pk, (EARLIEST, LATEST))
    plan = mongodb.command(
        "explain",
        {"aggregate": Frame._meta.db_table, "pipeline": pipeline, "cursor": {}},
        verbosity="executionStats",
    )
    assert {stage["stage"] for stage in stages_of(plan)}.isdisjoint({"FETCH", "COLLSCAN"})
    assert set(counters(plan, "totalDocsExamined")) == {0}
    assert max(counters(plan, "totalKeysExamined")) <= 21


@pytest.mark.refused
@pytest.mark.parametrize(
    ("query", "field"),
    [("page_size=0", "page_size"), ("page_size=32", "page_size"), ("page_size=x", "page_size")]
    + [(f"cursor={text}", "cursor") for text in ("x", "2026-13-01", "0001-01-01", "9999-12-31", "%00")],
)
def test_wrong_query_is_refused(owner: ApiClient, query: str, field: str) -> None:
    response = owner("get", f"{PATH}?{query}")
    assert (response.status_code, set(response.json())) == (400, {field})


def test_anonymous_is_refused(owner: ApiClient, client: Client) -> None:
    assert client.get(f"/api/{PATH}").status_code == 401


# --- Small pictures ---


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(
    ("data", "size"),
    [
        (pictures.jpeg(pictures.astronaut()), (160, 160)),
        (pictures.png(pictures.at_desk()), (160, 120)),
        (pictures.jpeg(np.ascontiguousarray(pictures.at_desk()[:, 200:300])), (33, 160)),
        (PNG, (64, 48)),
    ],
)
def test_thumb_is_a_small_jpeg(owner: ApiClient, data: bytes, size: tuple[int, int]) -> None:
    key = store(owner, NOON, data)
    response = owner("get", f"accounts/frames/{key}/?size=thumb")
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Cache-Control"] == "private, max-age=600"
    assert "Authorization" in response["Vary"]
    image = cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert (image.shape[1], image.shape[0]) == size
    assert len(response.content) < 12_000


def test_whole_picture_is_still_not_cached(owner: ApiClient) -> None:
    key = store(owner, NOON)
    response = owner("get", f"accounts/frames/{key}/")
    assert (response.content, response["Cache-Control"]) == (PNG, "private, no-store")


def test_thumb_of_somebody_else_is_404(owner: ApiClient, stranger: ApiClient) -> None:
    key = store(owner, NOON)
    assert stranger("get", f"accounts/frames/{key}/?size=thumb").status_code == 404


@pytest.mark.parametrize("size", ["large", "160", "%00", ""])
def test_unknown_size_is_refused(owner: ApiClient, size: str) -> None:
    response = owner("get", f"accounts/frames/{store(owner, NOON)}/?size={size}")
    assert (response.status_code, set(response.json())) == (400, {"size"})


# --- What was going on ---


def test_frame_tells_what_its_session_told(owner: ApiClient) -> None:
    desk = Desk(owner).calibrate()
    desk.frames(leaning_in(), 2)
    session = Session.objects.get(pk=desk.id)
    Episode.objects.all().delete()
    Session.objects.filter(pk=session.pk).update(started_at=NOON, stopped_at=NOON + timedelta(hours=1))
    spans = [("bad_posture", 60, 120), ("neck", 80, 120), ("blink", 100, None)]
    for number, (kind, start, end) in enumerate(spans, 1):
        ended_at = None if end is None else NOON + timedelta(seconds=end)
        Episode.objects.create(
            session=session, number=number, kind=kind, started_at=NOON + timedelta(seconds=start), ended_at=ended_at
        )
    Frame.objects.all().delete()
    expected: list[tuple[int, list[str]]] = [
        (30, []),
        (60, ["bad_posture"]),
        (90, ["bad_posture", "neck"]),
        (110, ["bad_posture", "neck", "blink"]),
        (130, ["blink"]),
    ]
    for second, _kinds in expected:
        store(owner, NOON + timedelta(seconds=second))
    found = owner("get", "accounts/frames/").json()["results"]
    assert [frame["events"] for frame in reversed(found)] == [kinds for _second, kinds in expected]


def test_other_peoples_events_do_not_show(owner: ApiClient, stranger: ApiClient) -> None:
    response = stranger("post", "detections/sessions/", {})
    session = Session.objects.get(pk=response.json()["id"])
    Session.objects.update(started_at=NOON)
    Episode.objects.create(session=session, number=1, kind="neck", started_at=NOON)
    store(owner, NOON + timedelta(seconds=1))
    [frame] = owner("get", "accounts/frames/").json()["results"]
    assert frame["events"] == []
