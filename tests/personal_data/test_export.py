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
from django.utils import timezone

from accounts.company_login.models import CompanyIdentity
from accounts.invitations import services as invitations
from accounts.invitations.models import Invitation
from accounts.invitations.services import Person
from accounts.models import DataAccess, FaceProfile
from accounts.services import face_enrol, user_create, user_lock_with_face
from accounts.tokens import RefreshToken
from ai_models.vision.frame import Frame as ReceivedFrame
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from common.telemetry import worker
from mongos import archive, guard
from personal_data.export import Export, ExportBusy
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD, ApiClient
from tests.detections.sessions.desk import Desk, leaning_in, upright

PATH = "accounts/export/"
PNG, JPEG = pictures.png(pictures.small()), pictures.jpeg(pictures.small())
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}
VERSION_1 = ["id", *REPORT, "study_time"]
HOSTILE = ['"},{"', "</script>", "한국어 🙂", "\x01\x1f\x7f\u2028", "\\u0000\\", "'; DROP TABLE", "a\nb\tc"]
MIB = 2**20


@pytest.fixture
def _archive_down(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage that is known before the test; the circuit breaker allows no retry during it."""
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()


def export(person: ApiClient, query: str = "") -> zipfile.ZipFile:
    response = person("get", PATH + query)
    assert response.status_code == 200
    archive_file = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    assert archive_file.testzip() is None
    return archive_file


def as_version_1(reports: Any) -> Any:
    """The reports without the fields that only sessions measure."""
    return [{name: report[name] for name in VERSION_1} for report in reports]


def read_account(archive_file: zipfile.ZipFile) -> Any:
    return json.loads(archive_file.read("account.json"))


def store(person: ApiClient, data: bytes = PNG, *, face_found: bool = True) -> None:
    archived(user_id=person.user.pk, frame=read_frame(data), face_found=face_found)


def enrol(person: ApiClient) -> None:
    with transaction.atomic():
        face = user_lock_with_face(user_id=person.user.pk)
        face_enrol(user_id=person.user.pk, face=face, frame_id=uuid4(), descriptor=np.full(128, 0.125))


@pytest.mark.usefixtures("each_archive")
def test_export_contains_all_data_of_the_user(owner: ApiClient) -> None:
    enrol(owner)
    owner("post", "reports/", REPORT)
    owner("put", "accounts/archive/", {"archive_frames": False})
    store(owner, face_found=False)
    DataAccess.objects.create(user=owner.user, staff=owner.user, action="viewed", what="user", address="203.0.113.7")
    archive_file = export(owner)
    account = read_account(archive_file)
    assert archive_file.namelist() == ["account.json"]
    lists = {"seat_profiles", "sessions", "episodes", "wrong_alarms", "quarters", "reports", "logins"}
    lists |= {"invitations", "company_logins", "looks", "frames"}
    parts = {"account", "alarms", "time_zone", "archive_frames", "goal", "privacy", "sharing", "face"}
    assert set(account) == parts | lists
    assert account["sharing"] == owner("get", "accounts/sharing/").json()
    assert account["privacy"]["privacy"] == owner("get", "accounts/privacy/").json()["privacy"] == "forgotten"
    looks = owner("get", "accounts/looks/").json()["results"]
    assert [look["action"] for look in looks] == ["exported", "viewed"]
    assert [{name: look[name] for name in looks[0]} for look in account["looks"]] == looks[::-1]
    assert {look["detail"] for look in account["looks"]} == {""}
    assert (account["account"]["id"], account["account"]["username"]) == (owner.user.pk, "mina@example.com")
    assert account["alarms"] == owner("get", "accounts/alarms/").json()
    assert account["time_zone"] == owner("get", "accounts/time-zone/").json()["time_zone"]
    assert account["archive_frames"] is False
    assert set(account["face"]) == {"frame_count", "updated_at", "template_sittings"}
    assert account["face"]["template_sittings"] == [1]
    assert as_version_1(account["reports"]) == owner("get", "reports/").json()
    [frame] = account["frames"]
    [list_frames] = owner("get", "accounts/frames/").json()["results"]
    assert {name: frame[name] for name in ("id", "size", "face_found", "content_type")} == {
        name: list_frames[name] for name in ("id", "size", "face_found", "content_type")
    }


def test_export_contains_logins_but_no_token(owner: ApiClient, stranger: ApiClient) -> None:
    body = {"username": owner.user.username, "password": PASSWORD}
    login = owner._client.post("/api/accounts/login/", body, content_type="application/json").json()
    refreshed = owner._client.post("/api/token/refresh/", login, content_type="application/json").json()
    assert owner("post", "accounts/logout/", {"refresh": refreshed["refresh"]}).status_code == 204
    owner.access = str(RefreshToken.for_user(owner.user).access_token)
    text = export(owner).read("account.json").decode()
    logins = json.loads(text)["logins"]
    assert [set(row) for row in logins] == [{"logged_in_at", "expires_at", "logged_out_at"}] * 3
    assert [row["logged_out_at"] is not None for row in logins] == [True, True, False]
    for row in logins:
        assert row["logged_in_at"] < (row["logged_out_at"] or row["expires_at"]) <= row["expires_at"]
    assert not [token for token in (*login.values(), *refreshed.values(), owner.access) if token in text]


def test_new_user_gets_empty_lists(owner: ApiClient) -> None:
    account = read_account(export(owner, "?frames=1"))
    assert (account["face"], account["reports"], account["frames"]) == (None, [], [])
    assert (account["seat_profiles"], account["sessions"], account["episodes"]) == ([], [], [])


def test_export_says_how_the_user_came_in(owner: ApiClient) -> None:
    (link,) = invitations.invite(people=[Person(owner.user.username, language="ko-kr")], invited_by=None)
    Invitation.objects.update(used_by=owner.user, used_at=timezone.now())
    CompanyIdentity.objects.create(user=owner.user, subject_hash="0" * 64, issuer="https://login.example.com")
    archive_file = export(owner)
    account = read_account(archive_file)
    assert [row["username"] for row in account["invitations"]] == [owner.user.username]
    assert [row["issuer"] for row in account["company_logins"]] == ["https://login.example.com"]
    text = archive_file.read("account.json").decode()
    assert not [secret for secret in (link.token, link.invitation.token_hash, "0" * 64) if secret in text]


def test_export_contains_sessions_episodes_and_profiles(owner: ApiClient) -> None:
    desk = Desk(owner).calibrate()
    desk.call("profile", {"name": "desk 🙂"})
    desk.frames(upright(), 2)
    running = read_account(export(owner))
    [session] = running["sessions"]
    assert (session["id"], session["state"], session["stopped_at"]) == (desk.id, "monitoring", None)
    assert session["measured"]["totals"]["active_s"] == desk.read()["active_s"] == 2.0
    [profile] = running["seat_profiles"]
    assert (profile["id"], profile["name"]) == (session["profile"], "desk 🙂")
    assert profile["baseline"]["open_ratio"] > 0.2
    desk.frames(leaning_in(), 30)
    report = desk.call("stop")["report"]
    account = read_account(export(owner))
    [session] = account["sessions"]
    assert (session["state"], session["report"]) == ("stopped", report["id"])
    assert account["reports"] == [report]
    assert {episode["kind"] for episode in account["episodes"]} == {"bad_posture", "neck", "blink"}
    assert {episode["session"] for episode in account["episodes"]} == {desk.id}
    assert all(episode["started_at"] < episode["ended_at"] for episode in account["episodes"])
    outlines = {episode["kind"]: episode["outline"] for episode in account["episodes"]}
    assert (len(outlines["bad_posture"]["points"]), outlines["neck"]) == (36, None)
    assert {quarter["session"] for quarter in account["quarters"]} == {desk.id}
    assert sum(quarter["bad_s"] for quarter in account["quarters"]) == pytest.approx(report["bad_s"], abs=0.01)
    assert all(len(quarter["outline"]["points"]) == 36 for quarter in account["quarters"])


def test_export_contains_no_secret(owner: ApiClient) -> None:
    enrol(owner)
    owner.user.refresh_from_db()
    text = export(owner, "?frames=1").read("account.json").decode()
    assert "descriptor" not in text
    assert "0.125" not in text
    assert "password" not in text
    assert owner.user.password not in text
    assert bytes(FaceProfile.objects.get().mean_descriptor).decode() not in text


def test_export_is_an_uncached_download(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="pose-smart.zip"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.getvalue()


@pytest.mark.usefixtures("each_archive")
def test_pictures_have_the_listed_names(owner: ApiClient) -> None:
    sent = [PNG, JPEG, pictures.png(pictures.smaller(pictures.coffee(), 0.1)), JPEG]
    for data in sent:
        store(owner, data)
    archive_file = export(owner, "?frames=1")
    frames = read_account(archive_file)["frames"]
    assert archive_file.namelist() == ["account.json", *(frame["name"] for frame in frames)]
    assert len(set(archive_file.namelist())) == 5
    assert sorted(archive_file.read(frame["name"]) for frame in frames) == sorted(sent)
    for frame in frames:
        stored = owner("get", f"accounts/frames/{frame['id']}/")
        assert archive_file.read(frame["name"]) == stored.content
        assert frame["name"].endswith({"image/png": ".png", "image/jpeg": ".jpg"}[stored["Content-Type"]])
        assert frame["size"] == len(stored.content)


@pytest.mark.parametrize(("query", "pictures_in_it"), [("", 0), ("?frames=0", 0), ("?frames=true", 1)])
def test_pictures_are_included_on_request(owner: ApiClient, query: str, pictures_in_it: int) -> None:
    store(owner)
    archive_file = export(owner, query)
    assert (len(archive_file.namelist()) - 1, len(read_account(archive_file)["frames"])) == (pictures_in_it, 1)


@pytest.mark.usefixtures("each_archive")
def test_export_contains_no_data_of_others(owner: ApiClient, stranger: ApiClient) -> None:
    stranger("post", "reports/", REPORT | {"study_time": "stranger's"})
    desk = Desk(stranger).calibrate()
    desk.call("profile", {"name": "stranger's"})
    desk.frames(leaning_in(), 30)
    store(stranger, JPEG)
    store(owner, PNG)
    archive_file = export(owner, "?frames=1")
    account = read_account(archive_file)
    assert (account["face"], account["reports"]) == (None, [])
    assert (account["seat_profiles"], account["sessions"], account["episodes"]) == ([], [], [])
    assert [archive_file.read(frame["name"]) for frame in account["frames"]] == [PNG]
    assert "stranger's" not in json.dumps(account)


def test_texts_are_exported_unchanged(owner: ApiClient) -> None:
    for text in HOSTILE:
        assert owner("post", "reports/", REPORT | {"study_time": text}).status_code == 201
    assert [report["study_time"] for report in read_account(export(owner))["reports"]] == HOSTILE


def test_export_reads_every_page(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("personal_data.export.PAGE_SIZE", 3)
    for _ in range(7):
        owner("post", "reports/", REPORT)
        store(owner)
    started = [Desk(owner).start()["id"] for _ in range(7)]
    archive_file = export(owner, "?frames=1")
    account = read_account(archive_file)
    assert as_version_1(account["reports"]) == owner("get", "reports/").json()
    assert sorted(session["id"] for session in account["sessions"]) == sorted(started)
    assert len({frame["id"] for frame in account["frames"]}) == 7
    assert archive_file.namelist()[1:] == [frame["name"] for frame in account["frames"]]


def test_frame_deleted_meanwhile_is_left_out(owner: ApiClient) -> None:
    for _ in range(2):
        store(owner)
    chunks = Export(user=owner.user, with_pictures=True)
    start = next(chunks)
    last = owner("get", "accounts/frames/").json()["results"][-1]["id"]
    received = [start]
    for chunk in chunks:
        received.append(chunk)
        if PNG in chunk and last:  # the newest picture has been sent
            assert owner("delete", f"accounts/frames/{last}/").status_code == 204
            last = None
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(received))).namelist()) == 2


@pytest.mark.parametrize("value", ["maybe", "2", "%00"])
def test_non_boolean_frames_parameter_is_refused(owner: ApiClient, value: str) -> None:
    response = owner("get", f"{PATH}?frames={value}")
    assert (response.status_code, set(response.json())) == (400, {"frames"})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_anonymous_is_refused(owner: ApiClient, client: Client, headers: dict[str, str]) -> None:
    assert client.get(f"/api/{PATH}", headers=headers).status_code == 401
    export(owner)  # the refused call holds no lock


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_405(owner: ApiClient, method: str) -> None:
    assert owner(method, PATH, {}).status_code == 405


# --- One at a time ---


@pytest.mark.parametrize(("workers", "running"), [(1, 1), (2, 1), (4, 3)])
def test_exports_leave_a_worker_free(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch, workers: int, running: int
) -> None:
    monkeypatch.setattr(worker, "count", workers)
    others = [user_create(username=f"user {n}", password=PASSWORD) for n in range(running)]
    exports = [Export(user=other, with_pictures=False) for other in others]
    assert owner("get", PATH).status_code == 429
    exports[0].close()
    export(owner)
    for running_export in exports:
        running_export.close()


def test_user_has_one_export_at_a_time_and_keeps_nobody_else_waiting(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "count", 4)
    first = Export(user=stranger.user, with_pictures=False)
    assert stranger("get", PATH).status_code == 429
    export(owner)
    first.close()
    export(stranger)


def test_second_concurrent_export_is_429(owner: ApiClient, stranger: ApiClient) -> None:
    first = Export(user=stranger.user, with_pictures=False)
    next(first)
    response = owner("get", PATH)
    assert (response.status_code, response["Retry-After"]) == (429, "5")
    assert response.json()["detail"].startswith("Another export is under way.")
    assert list(first)
    export(owner)


def test_aborted_export_releases_the_lock(owner: ApiClient) -> None:
    first = Export(user=owner.user, with_pictures=False)
    next(first)
    with pytest.raises(ExportBusy):
        Export(user=owner.user, with_pictures=False)
    first.close()
    export(owner)


def test_unread_export_releases_the_lock(owner: ApiClient) -> None:
    chunks = Export(user=owner.user, with_pictures=False)
    chunks.close()  # as the server does for a client that has disconnected
    del chunks
    gc.collect()  # a file left open would be a warning, and so an error
    export(owner)


def test_head_request_releases_the_lock(owner: ApiClient) -> None:
    response = owner("head", PATH)
    assert response.status_code == 200
    request_finished.disconnect(close_old_connections)  # the test's connection is inside a transaction
    try:
        response.close()  # as every server does
    finally:
        request_finished.connect(close_old_connections)
    gc.collect()
    export(owner)


@pytest.mark.usefixtures("_archive_down")
def test_export_is_503_while_archive_is_down(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert not response.streaming
    del response
    gc.collect()
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    export(owner)  # the lock was released


# --- Memory and the worker's heartbeat ---


def padded_picture(size: int) -> ReceivedFrame:
    return ReceivedFrame(JPEG + bytes(size - len(JPEG)), "image/jpeg", 64, 48)


def peak_memory(chunks: Iterator[bytes]) -> tuple[int, int]:
    """(peak memory in bytes, bytes sent) of reading the chunks to their end."""
    tracemalloc.start()
    try:
        sent = sum(map(len, chunks))
        return tracemalloc.get_traced_memory()[1], sent
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("each_archive")
def test_memory_does_not_grow_with_frames(owner: ApiClient) -> None:
    peaks = []
    list(Export(user=owner.user, with_pictures=True))  # loads what is loaded only once
    for frames in (30, 70):
        for _ in range(frames):
            archived(user_id=owner.user.pk, frame=padded_picture(100_000), face_found=True)
        peak, sent = peak_memory(Export(user=owner.user, with_pictures=True))
        assert sent > archive.count(user_id=owner.user.pk) * 100_000
        peaks.append(peak)
    assert max(peaks) < 4 * MIB
    assert peaks[1] < peaks[0] + MIB


def test_worker_heartbeat_comes_with_each_chunk(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(worker, "heartbeat", lambda: shown.append(True))
    for _ in range(3):
        store(owner)
    chunks = list(Export(user=owner.user, with_pictures=True))
    assert len(shown) == len(chunks) > 4
