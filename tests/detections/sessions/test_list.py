"""GET /api/detections/sessions/ and GET /api/detections/sessions/{id}/"""

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from detections.models import Session
from detections.sessions.serializers import SessionSummarySerializer
from tests.conftest import ApiClient
from tests.detections.sessions.desk import SESSIONS, Desk, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


def start_sessions(person: ApiClient, count: int) -> list[str]:
    """The ids of `count` new sessions, newest first; only the newest is running."""
    return [Desk(person).start()["id"] for _ in range(count)][::-1]


def page(person: ApiClient, path: str = SESSIONS) -> Any:
    response = person("get", path)
    assert response.status_code == 200, response.content
    return response.json()


def test_user_without_sessions_gets_empty_page(owner: ApiClient) -> None:
    assert page(owner) == {"next": None, "results": []}


def test_sessions_come_newest_first_with_documented_fields(owner: ApiClient) -> None:
    ids = start_sessions(owner, 3)
    results = page(owner)["results"]
    assert [session["id"] for session in results] == ids
    assert [session["state"] for session in results] == ["calibrating", "stopped", "stopped"]
    assert [session["report"] for session in results] == [None, None, None]  # nobody sat there
    assert [session["stopped_at"] is None for session in results] == [True, False, False]
    assert all(set(session) == set(SessionSummarySerializer().fields) for session in results)


@pytest.mark.parametrize("is_same_time", [False, True])
def test_pages_give_every_session_once(owner: ApiClient, is_same_time: bool) -> None:
    ids = start_sessions(owner, 7)
    if is_same_time:
        Session.objects.update(started_at=Session.objects.first().started_at)  # type: ignore[union-attr]
    listed: list[str] = []
    path: str | None = f"{SESSIONS}?page_size=3"
    sizes = []
    while path:
        response = page(owner, path)
        sizes.append(len(response["results"]))
        listed += [session["id"] for session in response["results"]]
        address = urlsplit(response["next"]) if response["next"] else None
        path = f"{address.path.removeprefix('/api/')}?{address.query}" if address else None
    assert sizes == [3, 3, 1]
    assert set(listed) == set(ids)
    assert is_same_time or listed == ids


def test_new_session_does_not_shift_pages(owner: ApiClient) -> None:
    ids = start_sessions(owner, 4)
    first = page(owner, f"{SESSIONS}?page_size=2")
    start_sessions(owner, 2)
    address = urlsplit(first["next"])
    second = page(owner, f"{address.path.removeprefix('/api/')}?{address.query}")
    assert [session["id"] for session in second["results"]] == ids[2:]


def test_list_needs_few_queries_and_no_state(owner: ApiClient) -> None:
    counts = []
    for more in (2, 8):
        start_sessions(owner, more)
        with CaptureQueriesContext(connection) as queries:
            page(owner)
        counts.append(len(queries))
        assert not [query for query in queries if '"detections_session"."state"' in query["sql"]]
    assert counts[0] == counts[1] <= 3


@pytest.mark.refused
@pytest.mark.parametrize("size", ["0", "-1", "201", "1e9", "9" * 30, "ten", "", "1\0", "NaN", "2.5"])
def test_invalid_page_size_is_refused_by_name(owner: ApiClient, size: str) -> None:
    response = Client().get(
        f"/api/{SESSIONS}", {"page_size": size}, headers={"Authorization": f"Bearer {owner.access}"}
    )
    assert (response.status_code, set(response.json())) == (400, {"page_size"})


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%",
        "bz0x",
        "cD1ub3doZXJl",
        "cD0lMDA=",
        "bz05OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
        "\0",
        "🙂",
        "cD0yMDI2",
        "A" * 9000,
    ]
    + ["cj0xJnA9", "cD05OTk5LTEyLTMxVDIzOjU5OjU5Ljk5OTk5OSswMDowMA=="],
)
def test_invalid_cursor_is_refused_or_harmless(owner: ApiClient, cursor: str) -> None:
    start_sessions(owner, 2)
    response = Client().get(f"/api/{SESSIONS}", {"cursor": cursor}, headers={"Authorization": f"Bearer {owner.access}"})
    assert response.status_code in {200, 400}
    if response.status_code == 400:
        assert set(response.json()) == {"cursor"}
    else:
        assert set(response.json()) == {"next", "results"}


def test_stranger_cannot_see_a_session(owner: ApiClient, stranger: ApiClient) -> None:
    [session_id] = start_sessions(owner, 1)
    assert page(stranger)["results"] == []
    responses = [stranger("get", f"{SESSIONS}{key}/") for key in (session_id, uuid4())]
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].json() == responses[1].json()


def test_session_is_read_in_its_current_state(desk: Desk) -> None:
    response = desk.calibrate().frames(upright(), 3)
    assert desk.read() == response | {"face": None, "outlines": response["outlines"] | {"now": None}}


def test_request_without_login_is_401(client: Client, owner: ApiClient) -> None:
    assert client.get(f"/api/{SESSIONS}").status_code == 401
