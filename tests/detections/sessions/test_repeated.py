"""Frames and bursts of a session that are repeated or out of order change nothing again."""

from datetime import timedelta
from typing import Any

import pytest

from detections.models import Session
from detections.sessions import codec
from mongos import archive
from tests.detections.sessions.desk import Desk, eyes_closed, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")


def stored(desk: Desk) -> tuple[Any, int, int]:
    """Everything that a frame may change, but for how its client's clock is read."""
    session = {name: value for name, value in Session.objects.values().get().items() if name != "clock_shift_s"}
    looks = codec.load_state(str(session["state"])).identity.look_count
    return session, archive.count(user_id=desk.person.user.pk), looks


@pytest.mark.usefixtures("each_archive")
@pytest.mark.parametrize("key", [None, "frame 1"])
def test_frame_repeated_with_its_time_counts_once(desk: Desk, key: str | None) -> None:
    desk.start()
    first = desk.frame(upright(), key=key)
    before = stored(desk)
    for data in (upright(), leaning_in()):
        response = desk.frame(data, after_s=0, key=key)
        assert (response["accepted"], response["calibration"]) == (False, first["calibration"])
    assert stored(desk) == before
    assert before[1:] == (1, 1)


def test_frame_repeated_with_its_key_counts_once(desk: Desk) -> None:
    desk.start()
    assert desk.send(upright(), key="frame 1").json()["accepted"] is True
    before = stored(desk)
    assert desk.send(upright(), key="frame 1").json()["accepted"] is False
    assert stored(desk) == before
    assert desk.send(upright(), key="frame 2").json()["accepted"] is True


def test_equal_frames_without_time_or_key_both_count(desk: Desk) -> None:
    desk.start()
    for _ in range(2):
        assert desk.send(upright()).json()["accepted"] is True
    assert stored(desk)[1:] == (2, 2)


@pytest.mark.parametrize("late_s", [0.001, 1.0, 60.0])
def test_late_frame_changes_nothing_and_is_not_archived(desk: Desk, late_s: float) -> None:
    desk.calibrate().frames(upright(), 3)
    before = stored(desk)
    response = desk.frame(leaning_in(), after_s=-late_s)
    assert (response["accepted"], response["posture"]["state"]) == (False, "good")
    assert stored(desk) == before


def test_frame_is_archived_when_sent_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calibrate()
    before = archive.count(user_id=desk.person.user.pk)
    desk.client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(archive, "store", lambda **_: 1 / 0)
        desk.now += timedelta(seconds=1)
        assert desk.send(upright(), captured_at=desk.now).status_code == 500
    response = desk.frame(upright(), after_s=0)
    assert (response["accepted"], response["active_s"]) == (False, 1.0)
    assert archive.count(user_id=desk.person.user.pk) == before + 1


@pytest.mark.parametrize("key", [None, "burst 1"])
def test_repeated_burst_counts_once(desk: Desk, key: str | None) -> None:
    desk.calibrate()
    burst = [upright()] * 10 + [eyes_closed()] * 3 + [upright()] * 20  # a blink counts once a second has passed
    times = [desk.now + timedelta(milliseconds=66 * number) for number in range(1, 34)]
    first, second = (desk.send_burst(burst, times, key=key).json() for _ in range(2))
    assert (first["accepted"], second["accepted"]) == (True, False)
    assert first["counts"] == second["counts"] == {"blinks": 1, "neck": 0, "stretches": 0}
    assert first["eyes"] == second["eyes"]


def test_burst_without_a_new_frame_changes_nothing(desk: Desk) -> None:
    desk.calibrate().frame(upright())
    before = stored(desk)
    desk.now -= timedelta(seconds=1)
    assert desk.burst([upright()] * 15)["accepted"] is False
    assert stored(desk) == before


def test_overlapping_burst_is_used_from_its_first_new_frame(desk: Desk) -> None:
    active_s = desk.calibrate().frame(upright())["active_s"]
    desk.now -= timedelta(seconds=0.5)
    response = desk.burst([upright()] * 16, every_s=0.1)
    assert (response["accepted"], response["active_s"]) == (True, pytest.approx(active_s + 1.1, abs=0.01))


def test_refused_frame_does_not_use_its_key(desk: Desk) -> None:
    desk.start()
    assert desk.send(b"no picture", key="frame 1").status_code == 400
    assert desk.send(upright(), key="frame 1").json()["accepted"] is True


def test_key_has_at_most_255_characters(desk: Desk) -> None:
    desk.start()
    response = desk.send(upright(), key="k" * 256)
    assert (response.status_code, response.json()) == (400, {"Idempotency-Key": ["At most 255 characters."]})
    assert desk.send(upright(), key="k" * 255).status_code == 200
