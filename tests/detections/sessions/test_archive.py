"""Which of a session's frames are archived, in either store, and during an outage."""

from typing import Any
from uuid import UUID

import pytest

from common.db.breaker import Breaker
from detections import vision
from detections.models import Session
from mongos import archive, guard, maintenance
from mongos.models import Frame
from personal_data import erasures
from personal_data.withdrawal import user_erase
from tests import pictures
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, nobody, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


def archived(person: ApiClient) -> int:
    return archive.count(user_id=person.user.pk)


@pytest.mark.usefixtures("each_archive")
def test_single_frames_are_archived_with_their_session(desk: Desk) -> None:
    desk.calibrate()
    desk.frame(nobody())
    frames = Frame.objects.filter(user_id=desk.person.user.pk)
    assert {frame.session_id for frame in frames} == {UUID(desk.id)}
    assert sorted(frame.face_found for frame in frames) == [False] + [True] * 8
    assert {bytes(frame.image) for frame in frames} == {upright(), nobody()}
    assert len(desk.person("get", "accounts/frames/").json()["results"]) == 9


@pytest.mark.usefixtures("each_archive")
def test_burst_is_not_archived(desk: Desk) -> None:
    desk.calibrate()
    desk.burst([upright()] * 15)
    assert archived(desk.person) == 8


@pytest.mark.usefixtures("each_archive")
def test_frames_are_judged_with_archive_off(desk: Desk) -> None:
    desk.person("put", "accounts/archive/", {"archive_frames": False})
    assert desk.calibrate().frame(upright())["posture"]["state"] == "good"
    assert archived(desk.person) == 0
    assert not archive.spool().entries()


@pytest.mark.usefixtures("each_archive")
def test_paused_session_neither_analyses_nor_archives(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calibrate().call("pause")
    monkeypatch.delattr(vision, "analyze_image")
    assert desk.frame(upright())["accepted"] is False
    assert desk.burst([upright()] * 3)["accepted"] is False
    assert archived(desk.person) == 8


@pytest.mark.usefixtures("each_archive")
def test_undecodable_frame_is_not_archived(desk: Desk) -> None:
    desk.start()
    data = pictures.png(pictures.small())
    broken = data[:60] + b"\0" * 20 + data[80:]
    assert desk.send(broken).status_code == 400
    assert archived(desk.person) == 0
    assert not archive.spool().entries()


@pytest.mark.usefixtures("mongodb")
def test_frames_during_outage_are_archived_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    assert desk.calibrate().frames(upright(), 2)["posture"]["state"] == "good"
    assert len(archive.spool().entries()) == 10
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    assert maintenance.drain(erasures.storable).is_complete
    assert {frame.session_id for frame in Frame.objects.all()} == {UUID(desk.id)}
    assert archived(desk.person) == 10


@pytest.mark.usefixtures("each_archive")
def test_withdrawal_during_analysis_is_401(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*args: Any) -> Any:
        analyses = list(analyze_frames(*args))
        user_erase(user_id=desk.person.user.pk)
        return analyses

    analyze_frames = vision.analyze_frames
    desk.calibrate()
    monkeypatch.setattr(vision, "analyze_frames", withdraw_first)
    assert desk.send(upright()).status_code == 401
    assert not Session.objects.exists()
    assert archived(desk.person) == 0


def test_stop_during_analysis_refuses_the_frame(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop_first(*args: Any) -> Any:
        analyses = list(analyze_frames(*args))
        desk.call("stop")
        return analyses

    analyze_frames = vision.analyze_frames
    desk.calibrate()
    monkeypatch.setattr(vision, "analyze_frames", stop_first)
    assert desk.send(upright()).status_code == 409
    assert archived(desk.person) == 8
