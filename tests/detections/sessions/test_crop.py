"""POST /api/detections/sessions/{id}/frames/ with crops: pictures of the face's surroundings alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest

from ai_models.analysis import AnalysisPlan, Crop
from ai_models.vision.frame import decode, read_frame
from detections import vision
from tests import pictures
from tests.detections.sessions.desk import BOUNDARY, FORM, Desk, eyes_closed, form, upright

LEFT, TOP, RIGHT, BOTTOM = 160, 64, 480, 384
PLACE = f"{LEFT},{TOP},640,480"


def part(data: bytes) -> bytes:
    """The surroundings of the face in a picture of 640 × 480 pixels."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return pictures.jpeg(np.asarray(image, np.uint8)[TOP:BOTTOM, LEFT:RIGHT], 85)


def send(desk: Desk, frames: list[bytes], crops: list[str]) -> Any:
    times = [desk.now + timedelta(seconds=(number + 1) / 15) for number in range(len(frames))]
    desk.now = times[-1]
    fields = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="crop"\r\n\r\n{crop}\r\n' for crop in crops)
    return desk.post(fields.encode() + form(frames, list(times)), FORM)


def test_crops_give_blinks_and_posture_like_whole_pictures(desk: Desk) -> None:
    desk.calibrate()
    small, shut = part(upright()), part(eyes_closed())
    frames = [upright(), *[small] * 19, *[shut] * 3, *[small] * 22]
    response = send(desk, frames, ["", *[PLACE] * 44]).json()
    assert len(response["eyes"]["blinks"]) == 1
    assert response["posture"]["state"] == "good"
    assert response["posture"]["margins"]["closer"]["value"] == pytest.approx(1, abs=0.03)
    assert response["posture"]["margins"]["lower"]["value"] == pytest.approx(0, abs=0.03)


def test_face_is_in_pixels_of_the_whole_picture(desk: Desk) -> None:
    desk.calibrate()
    whole = desk.frame(upright())["face"]
    face = send(desk, [part(upright())] * 6, [PLACE] * 6).json()["face"]
    assert (face["width"], face["height"]) == (640, 480)
    for edge, value in whole["box"].items():
        assert face["box"][edge] == pytest.approx(value, abs=30)  # boxes come in steps
    chin, chin_of_whole = face["outline"][8], whole["outline"][8]
    assert chin == pytest.approx(chin_of_whole, abs=10)


def test_crop_at_the_cameras_own_resolution_has_the_same_measures() -> None:
    image = pictures.framed(150, (320, 220))
    large = np.asarray(cv2.resize(image, (1280, 960), interpolation=cv2.INTER_CUBIC), np.uint8)
    plan = AnalysisPlan(near=vision.analyze_image(image).face.box, near_width=640, measures=True)  # type: ignore[union-attr]
    crop = Crop(2 * LEFT, 2 * TOP, 1280, 960)
    whole = vision.analyze_image(image, plan).measures
    found = vision.analyze_image(large[2 * TOP : 2 * BOTTOM, 2 * LEFT : 2 * RIGHT], plan, crop).measures
    assert whole
    assert found
    assert found.width == pytest.approx(whole.width, rel=0.03)
    assert found.x == pytest.approx(whole.x, abs=0.01)
    assert found.y == pytest.approx(whole.y, abs=0.01)
    assert found.yaw_deg == pytest.approx(whole.yaw_deg, abs=4)


def test_other_faces_are_not_searched_for_in_a_crop(desk: Desk) -> None:
    desk.calibrate()
    frame = read_frame(part(upright()))
    plan = AnalysisPlan(measures=True, others=True)
    image = decode(frame)
    assert vision.analyze_image(image, plan, Crop(LEFT, TOP, 640, 480)).others is None
    assert vision.analyze_image(image, plan).others == ()


@pytest.mark.parametrize(
    ("crops", "message"),
    [
        ([PLACE], "Send one for each"),
        ([PLACE, "a,b,c,d"], "2: This is not a place"),
        ([PLACE, "1,2,3"], "2: This is not a place"),
        ([PLACE, "-1,0,640,480"], "2: This is not a place"),
        ([PLACE, "400,0,640,480"], "2: The picture reaches beyond"),
        (["", "0,0,9000,480"], "2: The picture reaches beyond"),
        ([PLACE] * 80, "crop"),
    ],
)
def test_impossible_place_is_refused(desk: Desk, crops: list[str], message: str) -> None:
    desk.start()
    response = send(desk, [part(upright())] * 2, crops)
    assert response.status_code == 400
    assert set(response.json()) == {"crop"}
    assert message in str(response.json())


def test_times_of_crops_are_checked_as_well(desk: Desk) -> None:
    desk.start()
    assert send(desk, [part(upright())] * 2, [PLACE] * 2).status_code == 200
    assert desk.now < datetime.now(UTC) + timedelta(seconds=60)
