"""A frame's way from bytes to answer, under the version-1 contract."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import face_enrol, face_get, user_lock_with_face
from ai_models import blink, identity, posture
from ai_models.identity import Descriptor, Enrolment
from ai_models.landmarks import Face
from ai_models.vision.frame import Frame
from common.telemetry import metrics
from detections import vision
from detections.calibration import FOUND, NOT_FOUND, Calibration
from mongos import archive

BLINK_INTERVAL_MS = 500  # the contract's client samples twice a second


def neck_frame_judge(
    *, user_id: int, frame_id: UUID, frame: Frame, calibration: Calibration, is_archived: bool
) -> dict[str, Any]:
    """The answer to one frame of the neck call. Raises InvalidFrame, AccountDeleted."""
    captured_at = archive.now()
    analysis = vision.analyze(frame, vision.WITH_IDENTITY)
    face, descriptor = analysis.face, analysis.descriptor
    if face is None or descriptor is None:
        face_get(user_id=user_id)  # the user may have left meanwhile
        response = _unchanged(calibration)
    elif calibration.is_complete:
        with metrics.timed("judge"):
            response = _verdict(face, descriptor, face_get(user_id=user_id).enrolment, calibration)
    else:
        # Vision is slow and the lock is short: the transaction begins when there is something to write.
        with metrics.timed("enrol"), transaction.atomic():
            face_enrol(
                user_id=user_id, face=user_lock_with_face(user_id=user_id), frame_id=frame_id, descriptor=descriptor
            )
        response = calibration.with_measures(posture.measure(face.points)).as_response(FOUND)
    if is_archived:
        # Outside the transaction, which must not wait for another database. Should the user leave this very moment,
        # their erasure is carried out once more when no frame can be under way any longer.
        with metrics.timed("store"):
            archive.store(
                user_id=user_id, frame=frame, face_found=face is not None, captured_at=captured_at, frame_id=frame_id
            )
    return response


def blink_frame_judge(*, frame: Frame, count: int, total: int, time: int | float) -> dict[str, Any]:
    """The answer to one frame of the blink call; time in milliseconds. Raises InvalidFrame."""
    face = vision.analyze(frame).face
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
    response = calibration.as_response(NOT_FOUND)
    if calibration.is_complete:
        response["face_id_flag"] = True  # the client shows "not the same person" where this is missing
    return response
