"""/api/accounts/frames/ and /api/accounts/frames/{id}/"""

import base64
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Erasure
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from mongos import archive, guard, maintenance
from mongos.models import Frame
from personal_data import erasures
from tests import pictures
from tests.archived import archived
from tests.conftest import ApiClient, mongodb_at
from tests.detections.frames import NECK, neck_body, nobody, upright
from tests.mongod import Mongod

FRAMES = "accounts/frames/"
PNG, JPEG = pictures.png(pictures.small()), pictures.jpeg(pictures.small())
FIELDS = {"id", "captured_at", "size", "face_found", "content_type", "events"}
SECOND = timedelta(seconds=1)
GENEROUS_S = 30.0


@pytest.fixture
def _archive_down(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage that is known before the test; the circuit breaker allows no retry during it."""
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()


@pytest.fixture
def own_mongod(db: None, own_mongod: Mongod, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mongod]:
    """The archive on a server that the test may kill; the circuit breaker retries immediately."""
    monkeypatch.setattr(guard, "breaker", Breaker(0.0))
    with mongodb_at(own_mongod.uri):
        yield own_mongod


def store(person: ApiClient, at: datetime | None = None, *, face_found: bool = True, data: bytes = PNG) -> UUID:
    return archived(user_id=person.user.pk, frame=read_frame(data), face_found=face_found, captured_at=at)


def test_time_without_a_zone_is_in_the_users(owner: ApiClient) -> None:
    owner("put", "accounts/time-zone/", {"time_zone": "America/New_York"})
    now = archive.now()
    store(owner, now)
    here = now.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)
    span = f"from={(here - SECOND).isoformat()}&to={(here + SECOND).isoformat()}"
    assert len(list_frames(owner, span)["results"]) == 1
    assert owner("delete", f"{FRAMES}?{span}").json() == {"deleted": 1, "pending": False}


def list_frames(person: ApiClient, query: str = "") -> Any:
    response = person("get", f"{FRAMES}?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def ids(person: ApiClient, query: str = "") -> list[UUID]:
    return [UUID(frame["id"]) for frame in list_frames(person, query)["results"]]


def pages(person: ApiClient, query: str) -> list[list[UUID]]:
    found: list[list[UUID]] = []
    address: str | None = f"http://testserver/api/{FRAMES}?{query}"
    while address:
        assert len(found) < 20, "the pages never end"
        response = person("get", address.removeprefix("http://testserver/api/")).json()
        found.append([UUID(frame["id"]) for frame in response["results"]])
        address = response["next"]
    return found


def assert_refused(response: Any, field: str) -> None:
    assert (response.status_code, set(response.json())) == (400, {field})


def assert_unavailable(response: Any) -> None:
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "cannot be reached" in response.json()["detail"]


def spooled(person: ApiClient) -> list[UUID]:
    return [entry.frame_id for entry in archive.spool().entries() if entry.user_id == person.user.pk]


# --- The list ---


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(("picture", "face_found"), [(upright, True), (nobody, False)])
def test_posted_frame_is_listed(owner: ApiClient, picture: Any, face_found: bool) -> None:
    before = archive.now()
    assert owner("post", NECK, neck_body(picture())).status_code == 200
    response = list_frames(owner)
    [frame] = response["results"]
    assert response["next"] is None
    assert set(frame) == FIELDS
    assert UUID(frame["id"]) == Frame.objects.get().pk
    assert (frame["size"], frame["face_found"], frame["content_type"]) == (len(picture()), face_found, "image/png")
    assert before <= datetime.fromisoformat(frame["captured_at"]) <= archive.now()


@pytest.mark.usefixtures("each_archive")
def test_user_without_frames_gets_an_empty_list(owner: ApiClient, stranger: ApiClient) -> None:
    store(stranger)
    assert list_frames(owner) == {"next": None, "results": []}


@pytest.mark.usefixtures("each_archive")
def test_newest_frame_comes_first(owner: ApiClient) -> None:
    now = archive.now()
    middle, oldest, newest = (store(owner, now - ago * SECOND) for ago in (2, 3, 1))
    assert ids(owner) == [newest, middle, oldest]


@pytest.mark.usefixtures("each_archive")
def test_pages_hold_each_frame_once(owner: ApiClient, stranger: ApiClient) -> None:
    now = archive.now()
    keys = {store(owner, now - ago * SECOND) for ago in (0, 1, 1, 1, 1, 1, 2, 3)}
    store(stranger, now - SECOND)
    for page_size in (1, 2, 3, 7, 8):
        found = pages(owner, f"page_size={page_size}")
        assert [len(page) for page in found[:-1]] == [page_size] * (len(found) - 1)
        assert sorted(key for page in found for key in page) == sorted(keys)
        assert [key for page in found for key in page] == ids(owner)


@pytest.mark.usefixtures("each_archive")
def test_new_frame_does_not_shift_later_pages(owner: ApiClient) -> None:
    now = archive.now()
    third, second, first = (store(owner, now - ago * SECOND) for ago in (3, 2, 1))
    response = list_frames(owner, "page_size=2")
    assert [UUID(frame["id"]) for frame in response["results"]] == [first, second]
    store(owner, now)
    assert ids(owner, response["next"].partition("?")[2]) == [third]


@pytest.mark.usefixtures("each_archive")
def test_next_page_keeps_the_filters(owner: ApiClient) -> None:
    now = archive.now()
    expected = [store(owner, now - ago * SECOND) for ago in (1, 2, 3)]
    store(owner, now - 2 * SECOND, face_found=False)
    store(owner, now - 9 * SECOND)
    query = f"face_found=true&page_size=1&from={quote((now - 3 * SECOND).isoformat())}"
    assert pages(owner, query) == [[key] for key in expected]


def test_page_size_is_50_and_at_most_200(owner: ApiClient) -> None:
    now = archive.now()
    for ago in range(51):
        store(owner, now - ago * SECOND)
    assert [len(page) for page in pages(owner, "")] == [50, 1]
    assert [len(page) for page in pages(owner, "page_size=200")] == [51]


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("encode", [quote, str], ids=["percent", "bare plus"])
def test_from_and_to_are_inclusive(owner: ApiClient, encode: Any) -> None:
    last = timezone.localtime(archive.now())
    oldest, middle, newest = (store(owner, last - ago * SECOND) for ago in (2, 1, 0))
    assert "+" in last.isoformat()
    between = encode((last - SECOND).isoformat())
    assert ids(owner, f"from={between}") == [newest, middle]
    assert ids(owner, f"to={between}") == [middle, oldest]
    assert ids(owner, f"from={between}&to={between}") == [middle]


@pytest.mark.usefixtures("each_archive")
def test_frame_a_millisecond_outside_is_excluded(owner: ApiClient) -> None:
    at = archive.now() - SECOND
    store(owner, at)
    beside = timedelta(milliseconds=1)
    assert ids(owner, f"from={quote((at + beside).isoformat())}") == []
    assert ids(owner, f"to={quote((at - beside).isoformat())}") == []


@pytest.mark.usefixtures("each_archive")
def test_listed_time_finds_the_frame_again(owner: ApiClient) -> None:
    key = store(owner)
    at = quote(list_frames(owner)["results"][0]["captured_at"])
    assert ids(owner, f"from={at}&to={at}") == [key]


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(("value", "expected"), [("true", {True}), ("0", {False}), ("", {True, False})])
def test_frames_can_be_filtered_by_face(owner: ApiClient, value: str, expected: set[bool]) -> None:
    for face_found in (True, False):
        store(owner, face_found=face_found)
    assert {frame["face_found"] for frame in list_frames(owner, f"face_found={value}")["results"]} == expected


@pytest.mark.usefixtures("each_archive")
def test_list_takes_four_queries_and_no_picture(owner: ApiClient) -> None:
    counts = []
    for frames in (1, 30):
        for _ in range(frames):
            store(owner)
        with CaptureQueriesContext(connection) as queries:
            assert len(ids(owner)) == Frame.objects.count()
        counts.append(len(queries))
        assert not [query for query in queries if "mongos_frame" in query["sql"] and ".`image`" in query["sql"]]
        assert not [query for query in queries if '"mongos_frame"."image"' in query["sql"]]
    assert counts[0] == counts[1] <= 4


INVALID_SPANS = [
    ("from=abc", "from"),
    ("to=2026-13-01T00:00:00Z", "to"),
    ("to=1969-12-31T00:00:00Z", "to"),
    ("to=9999-12-31T00:00:00Z", "to"),
    ("from=%00", "from"),
    ("from=2026-11-23T09:00:00Z&to=2026-11-23T08:59:59Z", "to"),
]


@pytest.mark.refused
@pytest.mark.parametrize(
    ("query", "field"),
    [
        *INVALID_SPANS,
        ("cursor=abc", "cursor"),
        ("cursor=1-1-1", "cursor"),
        ("cursor=-1-0", "cursor"),
        ("cursor=253402300800000-0", "cursor"),
        ("cursor=999999999999999999999-0", "cursor"),
        ("cursor=1-100000", "cursor"),
        ("cursor=١-١", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=abc", "page_size"),
        ("page_size=" + "9" * 5000, "page_size"),
        ("face_found=maybe", "face_found"),
    ],
)
def test_invalid_parameter_is_named(owner: ApiClient, query: str, field: str) -> None:
    assert_refused(owner("get", f"{FRAMES}?{query}"), field)


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("cursor", ["0-0", "253402300799999-0", "253402300799999-99999"])
def test_forged_cursor_shows_no_frames_of_others(owner: ApiClient, stranger: ApiClient, cursor: str) -> None:
    store(stranger)
    assert list_frames(owner, f"cursor={cursor}") == {"next": None, "results": []}


# --- One frame ---


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(("data", "content_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_frame_is_returned_as_received(owner: ApiClient, data: bytes, content_type: str) -> None:
    response = owner("get", f"{FRAMES}{store(owner, data=data)}/")
    assert (response.status_code, response.content) == (200, data)
    assert response["Content-Type"] == content_type
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize(("data", "content_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_base64_format_returns_a_data_url(owner: ApiClient, data: bytes, content_type: str) -> None:
    response = owner("get", f"{FRAMES}{store(owner, data=data)}/?format=base64")
    url = f"data:{content_type};base64,{base64.b64encode(data).decode()}"
    assert (response.status_code, response.content.decode()) == (200, url)
    assert response["Content-Type"].startswith("text/plain")
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accept", ["image/*", "image/png", "text/html", "nonsense"])
@pytest.mark.parametrize(("exists", "status"), [(True, 200), (False, 404)])
def test_accept_header_changes_nothing(
    owner: ApiClient, client: Client, accept: str, exists: bool, status: int
) -> None:
    key = store(owner) if exists else uuid4()
    headers = {"Authorization": f"Bearer {owner.access}", "Accept": accept}
    response = client.get(f"/api/{FRAMES}{key}/", headers=headers)
    assert response.status_code == status
    assert exists or "detail" in response.json()


@pytest.mark.parametrize("value", ["xml", "json", "", "BASE64"])
def test_unknown_format_is_refused(owner: ApiClient, value: str) -> None:
    response = owner("get", f"{FRAMES}{store(owner)}/?format={value}")
    assert_refused(response, "format")


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("method", ["get", "delete"])
def test_frame_of_another_user_is_404(owner: ApiClient, stranger: ApiClient, method: str) -> None:
    responses = [owner(method, f"{FRAMES}{key}/") for key in (store(stranger), uuid4())]
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].content == responses[1].content
    assert archive.count(user_id=stranger.user.pk) == 1


@pytest.mark.parametrize("key", ["1", "abc", "..%2F..", "3f2b8c1e-0d6f-4f3a-9a53-7f0f3c2f1a1", "0" * 36])
def test_invalid_frame_id_is_404(owner: ApiClient, key: str) -> None:
    for method in ("get", "delete"):
        response = owner(method, f"{FRAMES}{key}/")
        assert (response.status_code, set(response.json())) == (404, {"detail"})


# --- Deleting ---


@pytest.mark.usefixtures("each_archive")
def test_one_frame_can_be_deleted(owner: ApiClient) -> None:
    deleted, other = store(owner), store(owner)
    assert owner("delete", f"{FRAMES}{deleted}/").status_code == 204
    assert ids(owner) == [other]
    assert owner("get", f"{FRAMES}{deleted}/").status_code == 404
    assert owner("delete", f"{FRAMES}{deleted}/").status_code == 404


@pytest.mark.usefixtures("each_archive")
def test_span_is_deleted_including_its_ends(owner: ApiClient, stranger: ApiClient) -> None:
    now = archive.now()
    after, _, _, before = (store(owner, now - ago * SECOND) for ago in (1, 2, 3, 4))
    store(stranger, now - 2 * SECOND)
    span = f"from={quote((now - 3 * SECOND).isoformat())}&to={quote((now - 2 * SECOND).isoformat())}"
    response = owner("delete", f"{FRAMES}?{span}")
    assert (response.status_code, response.json()) == (200, {"deleted": 2, "pending": False})
    assert ids(owner) == [after, before]
    assert archive.count(user_id=stranger.user.pk) == 1


@pytest.mark.usefixtures("each_archive")
def test_all_frames_are_deleted_without_a_span(owner: ApiClient, stranger: ApiClient) -> None:
    for person in (owner, owner, owner, stranger):
        store(person)
    response = owner("delete", FRAMES)
    assert (response.status_code, response.json()) == (200, {"deleted": 3, "pending": False})
    later = store(owner, archive.now() + SECOND)
    assert ids(owner) == [later]
    assert len(ids(stranger)) == 1
    again = owner("delete", FRAMES)
    assert (again.status_code, again.json()) == (200, {"deleted": 0, "pending": False})


@pytest.mark.parametrize(("query", "field"), [*INVALID_SPANS, ("from=", "from"), ("to=", "to")])
def test_invalid_span_deletes_nothing(owner: ApiClient, query: str, field: str) -> None:
    store(owner)
    response = owner("delete", f"{FRAMES}?{query}")
    assert len(ids(owner)) == 1
    assert not Erasure.objects.exists()
    assert_refused(response, field)


def test_frames_captured_after_the_request_stay(owner: ApiClient, settings: Any) -> None:
    store(owner)
    until = quote((archive.now() + timedelta(days=1)).isoformat())
    assert owner("delete", f"{FRAMES}?to={until}").json() == {"deleted": 1, "pending": False}
    later = store(owner, archive.now() + SECOND)
    settings.FRAME_UNDER_WAY_S = 0
    erasures.erasures_run_due()
    assert ids(owner) == [later]


@pytest.mark.usefixtures("each_archive")
def test_large_deletion_is_finished_in_the_background(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasures, "REQUEST_BUDGET_S", 0.0)
    monkeypatch.setattr(archive, "SLICE", 2)
    for _ in range(5):
        store(owner)
    response = owner("delete", FRAMES)
    assert (response.status_code, response.json()) == (202, {"deleted": 2, "pending": True})
    assert len(ids(owner)) == 3
    assert erasures.erasures_run_due() == 1
    assert ids(owner) == []


@pytest.mark.usefixtures("each_archive")
def test_frames_from_before_joining_are_hidden(owner: ApiClient) -> None:
    joined_at = owner.user.date_joined
    key = store(owner, joined_at - SECOND)
    day = timedelta(days=1)
    span = f"from={quote((joined_at - day).isoformat())}&to={quote((joined_at + day).isoformat())}"
    assert ids(owner, span) == []
    assert owner("delete", f"{FRAMES}?{span}").json() == {"deleted": 0, "pending": False}
    assert [owner(method, f"{FRAMES}{key}/").status_code for method in ("get", "delete")] == [404, 404]
    assert Frame.objects.filter(pk=key).exists()


# --- No login, and an archive that is down ---


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("get", "{}/"), ("delete", "{}/")])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_anonymous_is_refused(
    owner: ApiClient, client: Client, method: str, path: str, headers: dict[str, str]
) -> None:
    key = store(owner)
    response = getattr(client, method)(f"/api/{FRAMES}{path.format(key)}", headers=headers)
    assert (response.status_code, archive.count(user_id=owner.user.pk)) == (401, 1)


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_other_methods_are_405(owner: ApiClient, method: str) -> None:
    assert owner(method, FRAMES, {}).status_code == 405
    assert owner(method, f"{FRAMES}{store(owner)}/", {}).status_code == 405


@pytest.mark.usefixtures("_archive_down")
@pytest.mark.parametrize(("method", "path"), [("get", ""), ("get", "{}/"), ("delete", "{}/")])
def test_frames_are_503_while_archive_is_down(owner: ApiClient, method: str, path: str) -> None:
    assert_unavailable(owner(method, FRAMES + path.format(uuid4())))


@pytest.mark.usefixtures("_archive_down")
def test_invalid_request_is_400_while_archive_is_down(owner: ApiClient) -> None:
    assert_refused(owner("get", f"{FRAMES}?page_size=0"), "page_size")
    assert_refused(owner("get", f"{FRAMES}{uuid4()}/?format=xml"), "format")


def test_deletion_request_survives_an_outage(owner: ApiClient, stranger: ApiClient, own_mongod: Mongod) -> None:
    now = archive.now()
    for person in (owner, owner, stranger):
        store(person, now - SECOND)
    own_mongod.kill()
    assert_unavailable(owner("get", FRAMES))
    span = f"from={quote((now - SECOND).isoformat())}&to={quote(now.isoformat())}"
    waiting, later = store(owner, now), store(owner, now + SECOND)
    assert spooled(owner) == [waiting, later]
    response = owner("delete", f"{FRAMES}?{span}")
    assert (response.status_code, response.json()) == (202, {"deleted": 0, "pending": True})
    assert spooled(owner) == [later]  # frames waiting on this disk are deleted immediately
    assert erasures.pending_count() == 1
    assert erasures.erasures_run_due() == 0  # the server is still down
    own_mongod.start()
    spool(owner, now)
    await_archive()
    assert maintenance.drain(erasures.storable) == maintenance.Drained(stored=1, deleted=1)
    assert erasures.erasures_run_due() == 1
    assert erasures.pending_count() == 0
    assert ids(owner) == [later]
    assert spooled(owner) == []
    assert len(ids(stranger)) == 1


def await_archive() -> None:
    deadline = time.monotonic() + GENEROUS_S
    while not guard.probe():  # waits for a response itself
        assert time.monotonic() < deadline


def spool(person: ApiClient, at: datetime) -> UUID:
    """Spool a frame, as on the disk of a server that does not know of an erasure."""
    key = uuid4()
    fields = {"id": key.hex, "user_id": person.user.pk, "session_id": None, "captured_at": at, "size": len(PNG)}
    assert archive.spool().put(fields | {"content_type": "image/png", "image": PNG, "face_found": True})
    return key


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("milliseconds", [0, 123])
def test_spooled_frame_at_a_spans_end_is_dropped(owner: ApiClient, milliseconds: int) -> None:
    start = archive.now().replace(microsecond=milliseconds * 1000) - timedelta(seconds=10)
    for second in range(5):
        at = start + second * SECOND
        owner("delete", f"{FRAMES}?from={quote(at.isoformat())}&to={quote(at.isoformat())}")
        spool(owner, at)
    beside = spool(owner, start + timedelta(milliseconds=1))
    assert maintenance.drain(erasures.storable) == maintenance.Drained(stored=1, deleted=5)
    assert ids(owner) == [beside]


@pytest.mark.usefixtures("_archive_down")
def test_spooled_frame_can_be_deleted_during_an_outage(owner: ApiClient) -> None:
    key = store(owner)
    assert_unavailable(owner("delete", f"{FRAMES}{key}/"))  # it may be in the archive too
    assert spooled(owner) == []
