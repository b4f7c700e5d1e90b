"""GET and PUT /api/accounts/privacy/, the choice at sign-up, and version 1's switch"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Erasure, FaceProfile, User
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from detections import services as neck_services
from detections import vision
from detections.sessions import services as session_services
from mongos import archive, guard
from mongos.models import Frame
from personal_data import erasures, privacy
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD, ApiClient
from tests.detections.frames import BLINK, NECK, blink_body, neck_body
from tests.detections.frames import upright as upright_frame
from tests.detections.sessions.desk import Desk, upright
from tests.detections.sessions.landmarks import look, points_of

PATH = "accounts/privacy/"
NEVER = {"privacy": None, "chosen_at": None, "wording": "", "keep_days": 30, "max_keep_days": 30}
PNG = pictures.png(pictures.small())


def choose(person: ApiClient, choice: str, **more: Any) -> Any:
    response = person("put", PATH, {"privacy": choice} | more)
    assert response.status_code == 200, response.content
    return response.json()


def chosen(person: ApiClient) -> Any:
    return person("get", PATH).json()


def store(person: ApiClient, days_ago: float = 0.0) -> None:
    captured_at = archive.now() - timedelta(days=days_ago)
    archived(user_id=person.user.pk, frame=read_frame(PNG), captured_at=captured_at)


def ages(person: ApiClient) -> list[int]:
    """The ages of the frames kept, in days."""
    moments = (
        Frame.objects.filter(user_id=person.user.pk).order_by("-captured_at").values_list("captured_at", flat=True)
    )
    return [(timezone.now() - moment).days for moment in moments]


# --- The choice ---


def test_new_user_has_never_chosen(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, NEVER)
    assert owner("get", "accounts/archive/").json()["archive_frames"] is True


@pytest.mark.parametrize(
    ("body", "days"),
    [
        ({"privacy": "browser", "wording": "2"}, None),
        ({"privacy": "forgotten"}, None),
        ({"privacy": "kept"}, 30),
        ({"privacy": "kept", "keep_days": 30}, 30),
        ({"privacy": "kept", "keep_days": 1, "wording": "2026-12"}, 1),
    ],
)
def test_choice_is_kept_with_its_time_and_wording(owner: ApiClient, body: dict[str, Any], days: int | None) -> None:
    before = timezone.now()
    response = choose(owner, body["privacy"], **body)
    stored = chosen(owner)
    assert response == stored | {"deleted": 0, "pending": False}
    assert (stored["privacy"], stored["keep_days"], stored["wording"]) == (
        body["privacy"],
        days,
        body.get("wording", ""),
    )
    assert before <= datetime.fromisoformat(stored["chosen_at"]) <= timezone.now()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "privacy"),
        ({"privacy": None}, "privacy"),
        ({"privacy": ""}, "privacy"),
        ({"privacy": "sold"}, "privacy"),
        ({"privacy": ["kept"]}, "privacy"),
        ({"privacy": "kept", "keep_days": 0}, "keep_days"),
        ({"privacy": "kept", "keep_days": 31}, "keep_days"),
        ({"privacy": "kept", "keep_days": 10**30}, "keep_days"),
        ({"privacy": "kept", "keep_days": 1.5}, "keep_days"),
        ({"privacy": "browser", "keep_days": 7}, "keep_days"),
        ({"privacy": "kept", "wording": "x" * 33}, "wording"),
        ({"privacy": "kept", "wording": "a\0b"}, "wording"),
    ],
)
def test_wrong_choice_changes_nothing(owner: ApiClient, body: dict[str, Any], field: str) -> None:
    store(owner)
    response = owner("put", PATH, body)
    assert (response.status_code, set(response.json())) == (400, {field})
    assert chosen(owner) == NEVER
    assert ages(owner) == [0]


def test_service_that_keeps_for_ever_lets_users_choose_any_number_of_days(owner: ApiClient, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 0
    assert choose(owner, "kept", keep_days=400)["keep_days"] == 400
    assert choose(owner, "kept")["keep_days"] == 0


def test_shorter_retention_of_the_service_bounds_an_older_choice(owner: ApiClient, settings: Any) -> None:
    choose(owner, "kept", keep_days=20)
    settings.FRAME_RETENTION_DAYS = 10
    assert (chosen(owner)["keep_days"], chosen(owner)["max_keep_days"]) == (10, 10)


def test_choice_is_ones_own(owner: ApiClient, stranger: ApiClient, client: Client) -> None:
    store(stranger)
    choose(owner, "browser")
    assert chosen(stranger) == NEVER
    assert ages(stranger) == [0]
    assert client.get(f"/api/{PATH}").status_code == 401
    assert client.put(f"/api/{PATH}", {"privacy": "kept"}, content_type="application/json").status_code == 401


# --- At sign-up ---


def sign_up(client: Client, **more: Any) -> Any:
    body = {"username": "hana", "password": PASSWORD} | more
    return client.post("/api/accounts/", body, content_type="application/json")


@pytest.mark.usefixtures("db")
def test_sign_up_takes_a_choice(client: Client) -> None:
    response = sign_up(client, privacy="kept", keep_days=3, wording="1")
    assert (response.status_code, response.json()) == (201, {"username": "hana"})
    user = User.objects.get()
    assert (user.privacy, user.keep_days, user.privacy_wording, user.archive_frames) == ("kept", 3, "1", True)
    assert user.privacy_chosen_at is not None


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("more", [{}, {"privacy": None}, {"wording": "1"}])
def test_sign_up_of_version_1_chooses_nothing(client: Client, more: dict[str, Any]) -> None:
    assert sign_up(client, **more).status_code == 201
    user = User.objects.get()
    assert (user.privacy, user.privacy_chosen_at, user.archive_frames) == ("", None, True)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("more", [{"privacy": "sold"}, {"privacy": "kept", "keep_days": 99}, {"keep_days": 7}])
def test_sign_up_with_a_wrong_choice_makes_no_account(client: Client, more: dict[str, Any]) -> None:
    assert sign_up(client, **more).status_code == 400
    assert not User.objects.exists()


# --- Version 1's switch says the same ---


@pytest.mark.parametrize(("choice", "is_on"), [("browser", False), ("forgotten", False), ("kept", True)])
def test_switch_follows_the_choice(owner: ApiClient, choice: str, is_on: bool) -> None:
    choose(owner, choice)
    assert owner("get", "accounts/archive/").json()["archive_frames"] is is_on


@pytest.mark.parametrize(
    ("before", "is_on", "after"),
    [
        (None, False, "forgotten"),
        (None, True, "kept"),
        ("browser", False, "browser"),
        ("browser", True, "kept"),
        ("forgotten", False, "forgotten"),
        ("forgotten", True, "kept"),
        ("kept", False, "forgotten"),
        ("kept", True, "kept"),
    ],
)
def test_choice_follows_the_switch(owner: ApiClient, before: str | None, is_on: bool, after: str) -> None:
    if before:
        choose(owner, before)
    assert owner("put", "accounts/archive/", {"archive_frames": is_on}).json()["archive_frames"] is is_on
    assert chosen(owner)["privacy"] == after


def test_switch_that_is_on_already_keeps_the_number_of_days(owner: ApiClient) -> None:
    choose(owner, "kept", keep_days=7, wording="1")
    owner("put", "accounts/archive/", {"archive_frames": True})
    assert (chosen(owner)["keep_days"], chosen(owner)["wording"]) == (7, "1")


# --- Going down deletes ---


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("choice", ["browser", "forgotten"])
def test_choice_to_keep_nothing_deletes_what_is_there(owner: ApiClient, stranger: ApiClient, choice: str) -> None:
    for days_ago in (0, 3, 20):
        store(owner, days_ago)
    store(stranger)
    assert choose(owner, choice)["deleted"] == 3
    assert (ages(owner), ages(stranger)) == ([], [0])


@pytest.mark.usefixtures("each_archive")
def test_fewer_days_delete_what_is_older(owner: ApiClient) -> None:
    for days_ago in (0, 6, 8, 20):
        store(owner, days_ago)
    assert choose(owner, "kept", keep_days=7)["deleted"] == 2
    assert ages(owner) == [0, 6]
    assert choose(owner, "kept", keep_days=20)["deleted"] == 0
    assert ages(owner) == [0, 6]


@pytest.mark.usefixtures("mongodb")
def test_rest_is_deleted_once_the_archive_is_back(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    store(owner)
    with monkeypatch.context() as patch:
        patch.setattr(guard, "breaker", Breaker(3600.0))
        guard.breaker.failed()
        store(owner)
        assert len(archive.spool().entries()) == 1
        response = owner("put", PATH, {"privacy": "forgotten"})
        assert (response.status_code, response.json()["pending"]) == (202, True)
        assert not archive.spool().entries()
    assert ages(owner) == [0]
    assert erasures.erasures_run_due() == 1
    assert ages(owner) == []


def test_choice_and_erasure_are_stored_together(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**options: Any) -> None:
        raise RuntimeError("power cut")

    store(owner)
    monkeypatch.setattr(privacy, "span_record", fail)
    with pytest.raises(RuntimeError):
        owner("put", PATH, {"privacy": "browser"})
    assert chosen(owner) == NEVER
    assert ages(owner) == [0]
    assert not Erasure.objects.exists()


def test_browser_forgets_the_face_and_its_looks(owner: ApiClient) -> None:
    desk = Desk(owner).calibrate()
    desk.frames(upright(), 3)
    assert FaceProfile.objects.exists()
    choose(owner, "browser")
    assert not FaceProfile.objects.exists()
    session = desk.read()
    assert (session["state"], session["identity"]) == ("calibrating", {"state": "unknown"})


def test_paused_session_stays_paused(owner: ApiClient) -> None:
    desk = Desk(owner).calibrate()
    desk.call("pause")
    choose(owner, "browser")
    assert desk.read()["state"] == "paused"
    assert desk.call("resume")["state"] == "calibrating"


def test_forgotten_keeps_the_face(owner: ApiClient) -> None:
    Desk(owner).calibrate()
    choose(owner, "forgotten")
    assert FaceProfile.objects.exists()


# --- Pictures that should have stayed in the browser ---


def test_pictures_are_refused_and_landmarks_are_not(owner: ApiClient) -> None:
    choose(owner, "browser")
    desk = Desk(owner)
    desk.start()
    for response in (
        desk.send(upright()),
        desk.send_burst([upright()] * 2, [desk.now, desk.now + timedelta(seconds=1)]),
        owner("post", NECK, neck_body(upright_frame())),
        owner("post", BLINK, blink_body(upright_frame())),
    ):
        assert response.status_code == 409
        assert "PUT /api/accounts/privacy/" in response.json()["detail"]
    assert look(desk, points_of(upright()))["calibration"]["frames"] == 1
    assert not FaceProfile.objects.exists()
    assert ages(owner) == []


def test_refused_picture_is_not_even_read(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(owner, "browser")
    monkeypatch.delattr("detections.vision.analyze_frames")
    monkeypatch.delattr("detections.sessions.views.read_frame")
    assert Desk(owner, id=str(uuid4())).send(b"no picture").status_code == 409


def test_picture_that_was_on_its_way_is_neither_learned_nor_kept(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user chooses while a picture is being looked at."""

    def choose_first(*args: Any) -> Any:
        found = list(analyze_frames(*args))
        choose(owner, "browser")
        return found

    desk = Desk(owner).calibrate()
    analyze_frames = vision.analyze_frames
    monkeypatch.setattr(vision, "analyze_frames", choose_first)
    assert desk.send(upright()).status_code == 409
    assert not FaceProfile.objects.exists()
    assert ages(owner) == []


def test_neck_frame_that_was_on_its_way_is_neither_learned_nor_kept(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose_first(*args: Any) -> Any:
        choose(owner, "browser")
        return analyze(*args)

    analyze = vision.analyze
    monkeypatch.setattr(vision, "analyze", choose_first)
    assert owner("post", NECK, neck_body(upright_frame())).status_code == 409
    assert not FaceProfile.objects.exists()
    assert ages(owner) == []


@pytest.mark.parametrize("module", [neck_services, session_services])
def test_picture_is_not_kept_if_its_user_chose_meanwhile(
    owner: ApiClient, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    def choose_first(*, user_id: int) -> bool:
        choose(owner, "forgotten")
        return bool(archives(user_id=user_id))

    archives = module.archives
    desk = Desk(owner).calibrate()
    monkeypatch.setattr(module, "archives", choose_first)
    response = desk.send(upright()) if module is session_services else owner("post", NECK, neck_body(upright_frame()))
    assert response.status_code == 200
    assert ages(owner) == []


# --- For how long ---


@pytest.mark.usefixtures("each_archive")
def test_frames_are_deleted_after_the_days_of_their_user(
    owner: ApiClient, stranger: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(owner, "kept", keep_days=7)
    choose(stranger, "kept")
    for person in (owner, stranger):
        for days_ago in (0, 6, 8, 20):
            store(person, days_ago)
    assert privacy.expire_kept() == 2
    assert (ages(owner), ages(stranger)) == ([0, 6], [0, 6, 8, 20])
    assert privacy.expire_kept() == 0


def test_expiry_finds_its_users_by_an_index(owner: ApiClient, db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's query plan")
    with CaptureQueriesContext(connection) as queries:
        privacy.expire_kept()
    [query] = [query["sql"] for query in queries if "keep_days" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "USING INDEX accounts_user_keep_days" in plan


def test_waiting_frames_expire_too(owner: ApiClient, mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(owner, "kept", keep_days=7)
    with monkeypatch.context() as patch:
        patch.setattr(guard, "breaker", Breaker(3600.0))
        guard.breaker.failed()
        store(owner, 8)
    assert len(archive.spool().entries()) == 1
    assert privacy.expire_kept() == 1
    assert not archive.spool().entries()
