"""A frame's way from bytes to answer, under the version-1 contract."""

from typing import Any

from django.db import transaction

from accounts.services import face_enrol, user_lock
from ai_models import blink, identity, posture
from ai_models.frame import Frame, decode
from ai_models.identity import Descriptor, Enrolment
from ai_models.landmarks import Face
from detections import vision
from detections.calibration import FOUND, NOT_FOUND, Calibration
from mongos import archive

BLINK_INTERVAL_MS = 500  # the contract's client samples twice a second


def neck_frame_judge(*, user_id: int, frame: Frame, calibration: Calibration) -> dict[str, Any]:
    """The answer to one frame of the neck call. Raises FrameError, AccountGone."""
    image = decode(frame)
    face = vision.find(image)
    descriptor = vision.describe(image, face) if face else None
    # Vision is slow and the lock is short: the transaction begins when there is something to write.
    with transaction.atomic():
        enrolment = user_lock(user_id=user_id)
        archive.store(user_id=user_id, frame=frame, face_found=face is not None)
        if face is None or descriptor is None:
            return _unchanged(calibration)
        if calibration.is_complete:
            return _verdict(face, descriptor, enrolment, calibration)
        face_enrol(user_id=user_id, enrolment=enrolment, descriptor=descriptor)
        return calibration.with_measures(posture.measure(face.points)).as_answer(FOUND)


def blink_frame_judge(*, frame: Frame, count: int, total: int, time: int | float) -> dict[str, Any]:
    """The answer to one frame of the blink call; time in milliseconds. Raises FrameError."""
    face = vision.find(decode(frame))
    if face is None:
        return {"total": total, "count": count, "res": False, "time": time, "detection_flag": NOT_FOUND}
    closed = blink.is_closed(blink.eye_aspect_ratio(face.points))
    return {
        "total": total + closed,
        "count": count,
        "res": closed,
        "time": time + BLINK_INTERVAL_MS,
        "detection_flag": FOUND,
    }


def _verdict(
    face: Face, descriptor: Descriptor, enrolment: Enrolment | None, calibration: Calibration
) -> dict[str, Any]:
    verdict = posture.judge(posture.measure(face.points), calibration.baseline)
    return {
        "x_result": verdict.is_level,
        "y_result": verdict.is_at_distance,
        "detection_flag": FOUND,
        "face_id_flag": enrolment is None or identity.is_owner(enrolment, descriptor),
    }


def _unchanged(calibration: Calibration) -> dict[str, Any]:
    answer = calibration.as_answer(NOT_FOUND)
    if calibration.is_complete:
        answer["face_id_flag"] = True  # the client shows "not the same person" where this is missing
    return answer
