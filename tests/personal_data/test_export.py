"""GET /api/accounts/export/"""

import gc
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client

from accounts.models import FaceProfile
from accounts.services import face_enrol, user_lock_with_face
from accounts.tokens import RefreshToken
from ai_models.vision.frame import Frame as ReceivedFrame
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from common.telemetry import worker
from mongos import archive, guard
from personal_data.export import Export, ExportBusy
from tests import pictures
from tests.conftest import PASSWORD, ApiClient
from tests.detections.sessions.desk import Desk, leaning_in, upright

PATH = "accounts/export/"
PNG, JPEG = pictures.png(pictures.small()), pictures.jpeg(pictures.small())
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}
VERSION_1 = ["id", *REPORT, "study_time"]
HOSTILE = ['"},{"', "</script>", "한국어 🙂", "\x01\x1f\x7f\u2028", "\\u0000\\", "'; DROP TABLE", "a\nb\tc"]
MIB = 2**20


@pytest.fixture
def _away(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage that was noticed before the test, and that nobody is asked about during it."""
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()


def exported(person: ApiClient, query: str = "") -> zipfile.ZipFile:
    response = person("get", PATH + query)
    assert response.status_code == 200
    held = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    assert held.testzip() is None
    return held


def as_version_1(reports: Any) -> Any:
    """Without what sessions measure besides."""
    return [{name: report[name] for name in VERSION_1} for report in reports]


def account_in(held: zipfile.ZipFile) -> Any:
    return json.loads(held.read("account.json"))


def keep(person: ApiClient, data: bytes = PNG, *, face_found: bool = True) -> None:
    archive.store(user_id=person.user.pk, frame=read_frame(data), face_found=face_found)


def enrol(person: ApiClient) -> None:
    with transaction.atomic():
        face = user_lock_with_face(user_id=person.user.pk)
        face_enrol(user_id=person.user.pk, face=face, frame_id=uuid4(), descriptor=np.full(128, 0.125))


@pytest.mark.usefixtures("each_archive")
def test_everything_kept_of_the_user_is_in_it(owner: ApiClient) -> None:
    enrol(owner)
    owner("post", "reports/", REPORT)
    owner("put", "accounts/archive/", {"archive_frames": False})
    keep(owner, face_found=False)
    held = exported(owner)
    facts = account_in(held)
    assert held.namelist() == ["account.json"]
    lists = {"seat_profiles", "sessions", "episodes", "reports", "logins", "frames"}
    assert set(facts) == {"account", "alarms", "time_zone", "archive_frames", "face"} | lists
    assert (facts["account"]["id"], facts["account"]["username"]) == (owner.user.pk, "mina@example.com")
    assert facts["alarms"] == owner("get", "accounts/alarms/").json()
    assert facts["time_zone"] == owner("get", "accounts/time-zone/").json()["time_zone"]
    assert facts["archive_frames"] is False
    assert set(facts["face"]) == {"frame_count", "updated_at"}
    assert as_version_1(facts["reports"]) == owner("get", "reports/").json()
    [frame] = facts["frames"]
    [list_frames] = owner("get", "accounts/frames/").json()["results"]
    assert {name: frame[name] for name in ("id", "size", "face_found", "content_type")} == {
        name: list_frames[name] for name in ("id", "size", "face_found", "content_type")
    }


def test_logins_are_in_it_and_no_token(owner: ApiClient, stranger: ApiClient) -> None:
    body = {"username": owner.user.username, "password": PASSWORD}
    login = owner._client.post("/api/accounts/login/", body, content_type="application/json").json()
    refreshed = owner._client.post("/api/token/refresh/", login, content_type="application/json").json()
    assert owner("post", "accounts/logout/", {"refresh": refreshed["refresh"]}).status_code == 204
    owner.access = str(RefreshToken.for_user(owner.user).access_token)
    text = exported(owner).read("account.json").decode()
    logins = json.loads(text)["logins"]
    assert [set(each) for each in logins] == [{"logged_in_at", "expires_at", "logged_out_at"}] * 3
    assert [each["logged_out_at"] is not None for each in logins] == [True, True, False]
    for each in logins:
        assert each["logged_in_at"] < (each["logged_out_at"] or each["expires_at"]) <= each["expires_at"]
    assert not [token for token in (*login.values(), *refreshed.values(), owner.access) if token in text]


def test_who_has_nothing_yet_gets_an_account_with_empty_lists(owner: ApiClient) -> None:
    facts = account_in(exported(owner, "?frames=1"))
    assert (facts["face"], facts["reports"], facts["frames"]) == (None, [], [])
    assert (facts["seat_profiles"], facts["sessions"], facts["episodes"]) == ([], [], [])


def test_a_session_is_in_it_with_what_was_measured_what_happened_and_its_profile(owner: ApiClient) -> None:
    desk = Desk(owner).calibrated()
    desk.call("profile", {"name": "desk 🙂"})
    desk.frames(upright(), 2)
    running = account_in(exported(owner))
    [session] = running["sessions"]
    assert (session["id"], session["state"], session["stopped_at"]) == (desk.id, "monitoring", None)
    assert session["measured"]["totals"]["active_s"] == desk.told()["active_s"] == 2.0
    [profile] = running["seat_profiles"]
    assert (profile["id"], profile["name"]) == (session["profile"], "desk 🙂")
    assert profile["baseline"]["open_ratio"] > 0.2
    desk.frames(leaning_in(), 30)
    report = desk.call("stop")["report"]
    facts = account_in(exported(owner))
    [session] = facts["sessions"]
    assert (session["state"], session["report"]) == ("stopped", report["id"])
    assert facts["reports"] == [report]
    assert {each["kind"] for each in facts["episodes"]} == {"bad_posture", "neck", "blink"}
    assert {each["session"] for each in facts["episodes"]} == {desk.id}
    assert all(each["started_at"] < each["ended_at"] for each in facts["episodes"])


def test_no_secret_is_in_it(owner: ApiClient) -> None:
    enrol(owner)
    owner.user.refresh_from_db()
    text = exported(owner, "?frames=1").read("account.json").decode()
    assert "descriptor" not in text
    assert "0.125" not in text
    assert "password" not in text
    assert owner.user.password not in text
    assert bytes(FaceProfile.objects.get().mean_descriptor).decode() not in text


def test_it_is_a_download_that_nobody_stores(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="pose-smart.zip"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.getvalue()


@pytest.mark.usefixtures("each_archive")
def test_with_frames_each_picture_is_under_the_name_that_the_list_gives(owner: ApiClient) -> None:
    sent = [PNG, JPEG, pictures.png(pictures.smaller(pictures.coffee(), 0.1)), JPEG]
    for data in sent:
        keep(owner, data)
    held = exported(owner, "?frames=1")
    frames = account_in(held)["frames"]
    assert held.namelist() == ["account.json", *(frame["name"] for frame in frames)]
    assert len(set(held.namelist())) == 5
    assert sorted(held.read(frame["name"]) for frame in frames) == sorted(sent)
    for frame in frames:
        kept = owner("get", f"accounts/frames/{frame['id']}/")
        assert held.read(frame["name"]) == kept.content
        assert frame["name"].endswith({"image/png": ".png", "image/jpeg": ".jpg"}[kept["Content-Type"]])
        assert frame["size"] == len(kept.content)


@pytest.mark.parametrize(("query", "pictures_in_it"), [("", 0), ("?frames=0", 0), ("?frames=true", 1)])
def test_pictures_are_in_it_where_they_are_asked_for(owner: ApiClient, query: str, pictures_in_it: int) -> None:
    keep(owner)
    held = exported(owner, query)
    assert (len(held.namelist()) - 1, len(account_in(held)["frames"])) == (pictures_in_it, 1)


@pytest.mark.usefixtures("each_archive")
def test_nothing_of_anybody_else_is_in_it(owner: ApiClient, stranger: ApiClient) -> None:
    stranger("post", "reports/", REPORT | {"study_time": "stranger's"})
    desk = Desk(stranger).calibrated()
    desk.call("profile", {"name": "stranger's"})
    desk.frames(leaning_in(), 30)
    keep(stranger, JPEG)
    keep(owner, PNG)
    held = exported(owner, "?frames=1")
    facts = account_in(held)
    assert (facts["face"], facts["reports"]) == (None, [])
    assert (facts["seat_profiles"], facts["sessions"], facts["episodes"]) == ([], [], [])
    assert [held.read(frame["name"]) for frame in facts["frames"]] == [PNG]
    assert "stranger's" not in json.dumps(facts)


def test_texts_come_back_as_they_were_sent(owner: ApiClient) -> None:
    for text in HOSTILE:
        assert owner("post", "reports/", REPORT | {"study_time": text}).status_code == 201
    assert [report["study_time"] for report in account_in(exported(owner))["reports"]] == HOSTILE


def test_more_than_one_query_reads_is_all_in_it(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personal_data.export.PAGE_SIZE", 3)
    for _ in range(7):
        owner("post", "reports/", REPORT)
        keep(owner)
    begun = [Desk(owner).start()["id"] for _ in range(7)]
    held = exported(owner, "?frames=1")
    facts = account_in(held)
    assert as_version_1(facts["reports"]) == owner("get", "reports/").json()
    assert sorted(session["id"] for session in facts["sessions"]) == sorted(begun)
    assert len({frame["id"] for frame in facts["frames"]}) == 7
    assert held.namelist()[1:] == [frame["name"] for frame in facts["frames"]]


def test_a_frame_deleted_meanwhile_is_left_out(owner: ApiClient) -> None:
    for _ in range(2):
        keep(owner)
    chunks = Export(user=owner.user, with_pictures=True)
    start = next(chunks)
    last = owner("get", "accounts/frames/").json()["results"][-1]["id"]
    received = [start]
    for chunk in chunks:
        received.append(chunk)
        if PNG in chunk and last:  # the newest picture is out
            assert owner("delete", f"accounts/frames/{last}/").status_code == 204
            last = None
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(received))).namelist()) == 2


@pytest.mark.parametrize("value", ["maybe", "2", "%00"])
def test_frames_are_asked_for_with_yes_or_no(owner: ApiClient, value: str) -> None:
    response = owner("get", f"{PATH}?frames={value}")
    assert (response.status_code, set(response.json())) == (400, {"frames"})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_without_a_login_it_is_401(owner: ApiClient, client: Client, headers: dict[str, str]) -> None:
    assert client.get(f"/api/{PATH}", headers=headers).status_code == 401
    exported(owner)  # nor does it keep anybody out


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_only_get_is_answered(owner: ApiClient, method: str) -> None:
    assert owner(method, PATH, {}).status_code == 405


# --- One at a time ---


def test_a_second_export_is_429_and_works_when_the_first_is_done(owner: ApiClient, stranger: ApiClient) -> None:
    first = Export(user=stranger.user, with_pictures=False)
    next(first)
    response = owner("get", PATH)
    assert (response.status_code, response["Retry-After"]) == (429, "5")
    assert response.json()["detail"].startswith("Another export is under way.")
    assert list(first)
    exported(owner)


def test_an_export_that_nobody_reads_on_keeps_nobody_out(owner: ApiClient) -> None:
    first = Export(user=owner.user, with_pictures=False)
    next(first)
    with pytest.raises(ExportBusy):
        Export(user=owner.user, with_pictures=False)
    first.close()
    exported(owner)


def test_an_export_whose_reading_never_began_keeps_nobody_out(owner: ApiClient) -> None:
    chunks = Export(user=owner.user, with_pictures=False)
    chunks.close()  # the server does, for a client that is gone
    del chunks
    gc.collect()  # a file left open would be a warning, and so an error
    exported(owner)


def test_a_head_request_keeps_nobody_out(owner: ApiClient) -> None:
    response = owner("head", PATH)
    assert response.status_code == 200
    request_finished.disconnect(close_old_connections)  # the test's own connection is in the middle of a transaction
    try:
        response.close()  # as every server does
    finally:
        request_finished.connect(close_old_connections)
    gc.collect()
    exported(owner)


@pytest.mark.usefixtures("_away")
def test_while_the_archive_is_away_it_is_503_before_any_byte(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert not response.streaming
    del response
    gc.collect()
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    exported(owner)  # the lock was let go


# --- Memory, and the worker's life ---


def a_picture(size: int) -> ReceivedFrame:
    return ReceivedFrame(JPEG + bytes(size - len(JPEG)), "image/jpeg", 64, 48)


def peak_of(chunks: Iterator[bytes]) -> tuple[int, int]:
    """The most memory that was held while so many bytes went by."""
    tracemalloc.start()
    try:
        sent = sum(map(len, chunks))
        return tracemalloc.get_traced_memory()[1], sent
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("each_archive")
def test_memory_does_not_grow_with_the_frames(owner: ApiClient) -> None:
    peaks = []
    list(Export(user=owner.user, with_pictures=True))  # what is loaded once
    for frames in (30, 270):
        for _ in range(frames):
            archive.store(user_id=owner.user.pk, frame=a_picture(100_000), face_found=True)
        peak, sent = peak_of(Export(user=owner.user, with_pictures=True))
        assert sent > archive.count(user_id=owner.user.pk) * 100_000
        peaks.append(peak)
    assert max(peaks) < 4 * MIB
    assert peaks[1] < peaks[0] + MIB


def test_the_worker_shows_life_with_each_step(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(worker, "heartbeat", lambda: shown.append(True))
    for _ in range(3):
        keep(owner)
    chunks = list(Export(user=owner.user, with_pictures=True))
    assert len(shown) == len(chunks) > 4
