"""Another camera during a session, and the profiles that belong to a camera."""

from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest

from detections.models import Profile, Session
from tests import pictures
from tests.detections.sessions.desk import PROFILES, Desk, leaning_in, text_of, upright

pytestmark = pytest.mark.usefixtures("known_pictures")

LAPTOP, MONITOR = "laptop-51c0", "monitor-9d1e"


def frame(desk: Desk, data: bytes, camera: str, *, times: int = 1, every_s: float = 1.0) -> Any:
    """The response to the last of so many equal frames of a camera."""
    for _ in range(times):
        desk.now += timedelta(seconds=every_s)
        response = desk.post(data, "image/jpeg", query={"captured_at": text_of(desk.now), "camera": camera})
        assert response.status_code == 200, response.content
    return response.json()


def calibrated(desk: Desk, camera: str, data: bytes) -> Any:
    desk.start()
    return frame(desk, data, camera, times=9, every_s=0.5)


def save(desk: Desk, name: str) -> Any:
    return desk.person("post", f"{desk.path}profile/", {"name": name}).json()


def test_another_camera_calibrates_anew(desk: Desk) -> None:
    assert calibrated(desk, LAPTOP, upright())["state"] == "monitoring"
    response = frame(desk, leaning_in(), MONITOR)
    assert (response["state"], response["accepted"], response["calibration"]["frames"]) == ("calibrating", True, 1)
    response = frame(desk, leaning_in(), MONITOR, times=12, every_s=0.5)
    assert (response["state"], response["posture"]["state"]) == ("monitoring", "good")


def test_camera_with_a_profile_goes_on_with_it(desk: Desk) -> None:
    calibrated(desk, MONITOR, leaning_in())
    profile = save(desk, "monitor")
    assert profile["camera"] == MONITOR
    calibrated(desk, LAPTOP, upright())
    response = frame(desk, leaning_in(), MONITOR, times=3)
    assert (response["state"], response["posture"]["state"]) == ("monitoring", "good")
    assert Session.objects.get(pk=desk.id).profile_id == response["profile"] == profile["id"]
    assert frame(desk, upright(), LAPTOP)["state"] == "calibrating"
    assert Session.objects.get(pk=desk.id).profile_id is None


def test_change_of_camera_ends_what_the_old_one_saw(desk: Desk) -> None:
    calibrated(desk, LAPTOP, upright())
    response = frame(desk, leaning_in(), LAPTOP, times=24)
    assert "neck" in {alarm["kind"] for alarm in response["alarms"]}
    response = frame(desk, leaning_in(), MONITOR)
    assert "neck" in {alarm["kind"] for alarm in response["alarms"] if alarm["ended_at"]}
    report = desk.call("stop")["report"]
    episodes = desk.person("get", f"reports/{report['id']}/timeline/").json()["episodes"]
    assert {"neck", "bad_posture"} <= {episode["kind"] for episode in episodes}
    assert all(episode["ended_at"] for episode in episodes)


def test_client_that_tells_no_camera_goes_on_as_before(desk: Desk) -> None:
    desk.calibrate()
    assert frame(desk, upright(), LAPTOP)["state"] == "monitoring"
    assert desk.frame(upright())["state"] == "monitoring"
    assert frame(desk, upright(), LAPTOP)["state"] == "monitoring"


def test_profile_tells_its_camera_and_shape(desk: Desk) -> None:
    desk.calibrate()
    saved = save(desk, "desk")
    assert (saved["camera"], saved["shape"]) == ("", pytest.approx(4 / 3, abs=0.001))
    calibrated(desk, LAPTOP, upright())
    assert save(desk, "desk")["camera"] == LAPTOP
    assert [profile["camera"] for profile in desk.person("get", PROFILES).json()] == [LAPTOP]


def test_profile_of_an_earlier_release_has_no_shape_and_calibrates(desk: Desk) -> None:
    Profile.objects.create(user=desk.person.user, name="old", quality=0.9, camera=LAPTOP, baseline="{}")
    assert [profile["shape"] for profile in desk.person("get", PROFILES).json()] == [None]
    calibrated(desk, MONITOR, upright())
    assert frame(desk, upright(), LAPTOP)["state"] == "calibrating"


def test_session_that_starts_with_a_profile_knows_its_camera(desk: Desk) -> None:
    calibrated(desk, LAPTOP, upright())
    desk.start(profile=save(desk, "laptop")["id"])
    assert frame(desk, upright(), LAPTOP)["state"] == "monitoring"
    assert frame(desk, upright(), MONITOR)["state"] == "calibrating"


@pytest.mark.parametrize("camera", ["c" * 129, "a\0b"])
def test_invalid_camera_is_refused(desk: Desk, camera: str) -> None:
    desk.start()
    response = desk.post(upright(), "image/jpeg", query={"camera": camera})
    assert (response.status_code, set(response.json())) == (400, {"camera"})
    response = desk.person("post", "detections/sessions/", {"camera": camera})
    assert (response.status_code, set(response.json())) == (400, {"camera"})


# A camera of 16:9 that cuts 4:3 out at its sides, or zooms.
SENSOR = pictures.framed(300.0, (800.0, 450.0), size=(1600, 900))
WIDE, CUT, ZOOMED = (
    pictures.jpeg(np.asarray(cv2.resize(area, size, interpolation=cv2.INTER_AREA), np.uint8), 85)
    for area, size in (
        (SENSOR, (1280, 720)),
        (SENSOR[:, 200:1400], (640, 480)),
        (SENSOR[135:765, 380:1220], (640, 480)),
    )
)


def faults(response: Any) -> tuple[Any, ...]:
    alarms = {alarm["kind"] for alarm in response["alarms"]}
    return response["state"], response["posture"]["state"], response["posture"]["faults"], "neck" in alarms


@pytest.mark.parametrize(("before", "after"), [(WIDE, CUT), (CUT, WIDE)])
def test_shape_that_is_cut_out_at_the_sides_is_carried_over(desk: Desk, before: bytes, after: bytes) -> None:
    calibrated(desk, LAPTOP, before)
    frame(desk, before, LAPTOP, times=5)
    response = frame(desk, after, LAPTOP, times=30)
    assert faults(response) == ("monitoring", "good", [], False)
    assert response["posture"]["margins"]["closer"]["value"] == pytest.approx(1, abs=0.03)


def test_shape_that_cannot_be_carried_over_calibrates(desk: Desk) -> None:
    calibrated(desk, LAPTOP, WIDE)
    response = frame(desk, ZOOMED, LAPTOP)
    assert (response["state"], response["accepted"]) == ("calibrating", True)
    assert faults(frame(desk, ZOOMED, LAPTOP, times=12)) == ("monitoring", "good", [], False)


def test_profile_of_the_new_shape_is_used_where_nothing_can_be_carried_over(desk: Desk) -> None:
    calibrated(desk, LAPTOP, ZOOMED)
    zoomed = save(desk, "zoomed")
    calibrated(desk, LAPTOP, WIDE)
    assert save(desk, "wide")["shape"] == pytest.approx(16 / 9, abs=0.001)
    response = frame(desk, ZOOMED, LAPTOP, times=2)
    assert faults(response) == ("monitoring", "good", [], False)
    assert response["profile"] == zoomed["id"]


def test_burst_in_another_shape_is_carried_over(desk: Desk) -> None:
    calibrated(desk, LAPTOP, WIDE)
    frame(desk, WIDE, LAPTOP, times=5)
    desk.burst([CUT] * 15)
    assert faults(frame(desk, CUT, LAPTOP, times=25)) == ("monitoring", "good", [], False)
