"""The version-1 calls: from a frame to its response."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import archives, face_enrol, face_get, pictures_require, user_lock_with_face
from ai_models import blink, identity, posture
from ai_models.identity import Enrolment, FaceDescriptor
from ai_models.landmarks import Face
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline, ContractMeasures
from ai_models.vision.frame import Frame
from common.telemetry import metrics
from detections import vision
from mongos import archive

CALIBRATION_FRAMES = 4
BLINK_INTERVAL_MS = 500  # the contract's client samples twice a second
FOUND = "detected"
NOT_FOUND = "false"  # the contract's word is this string, not a boolean

Number = int | float
Numbers = tuple[str | float, ...]  # what was sent stays text; a new measure is a number


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration that the client holds and sends with every frame: one number of each kind for each calibrating
    frame, and finally their means."""

    face_x: Numbers
    face_y: Numbers
    nose_to_center: Numbers
    cnt: int
    face_x_mean: Number
    face_y_mean: Number
    nose_mean: Number

    @classmethod
    def from_request(cls, data: Mapping[str, Any]) -> "Calibration":
        return cls(**{name: data[name] for name in cls.__slots__})

    @property
    def is_complete(self) -> bool:
        return self.cnt >= CALIBRATION_FRAMES

    @property
    def baseline(self) -> ContractBaseline:
        return ContractBaseline(self.face_x_mean, self.face_y_mean, self.nose_mean)

    def with_measures(self, measures: ContractMeasures) -> "Calibration":
        """With one more calibrating frame. The means are 0 until the last one."""
        longer = replace(
            self,
            face_x=(*self.face_x, measures.face_x),
            face_y=(*self.face_y, measures.face_y),
            nose_to_center=(*self.nose_to_center, measures.nose_to_center),
            cnt=self.cnt + 1,
            face_x_mean=0,
            face_y_mean=0,
            nose_mean=0,
        )
        if not longer.is_complete:
            return longer
        return replace(
            longer,
            face_x_mean=_mean(longer.face_x),
            face_y_mean=_mean(longer.face_y),
            nose_mean=_mean(longer.nose_to_center),
        )

    def as_response(self, detection_flag: str) -> dict[str, Any]:
        return {
            "face_x": list(self.face_x),
            "face_y": list(self.face_y),
            "nose_to_center": list(self.nose_to_center),
            "cnt": self.cnt,
            "face_x_mean": self.face_x_mean,
            "face_y_mean": self.face_y_mean,
            "nose_mean": self.nose_mean,
            "detection_flag": detection_flag,
        }


def _mean(numbers: Numbers) -> float:
    # The contract divides by four, however many numbers the client sent.
    return sum(float(number) for number in numbers) / CALIBRATION_FRAMES


def neck_frame_judge(
    *, user_id: int, frame_id: UUID, frame: Frame, calibration: Calibration, is_archived: bool
) -> dict[str, Any]:
    """The response to a frame of the neck call. Raises InvalidFrame, AccountDeleted."""
    captured_at = archive.now()
    analysis = vision.analyze(frame, vision.WITH_IDENTITY if calibration.is_complete else vision.TO_ENROL)
    face, descriptor = analysis.face, analysis.descriptor
    if face is None or descriptor is None:
        face_get(user_id=user_id)  # raises if the user was deleted during the analysis
        response = _unchanged(calibration)
    elif calibration.is_complete:
        with metrics.timed("judge"):
            response = _verdict(face, descriptor, face_get(user_id=user_id).enrolment, calibration)
    else:
        # Vision is slow and the lock is short: the transaction starts when there is something to write.
        exact = descriptor.exact
        with metrics.timed("enrol"), transaction.atomic():
            known = user_lock_with_face(user_id=user_id)
            pictures_require(user_id=user_id)
            face_enrol(user_id=user_id, face=known, frame_id=frame_id, descriptor=exact)
        response = calibration.with_measures(posture.measure(face.points)).as_response(FOUND)
    if is_archived and archives(user_id=user_id):
        # Outside the transaction, which must not wait for another database. If the user withdraws right now, their
        # erasure runs once more when no frame can be in flight.
        with metrics.timed("store"):
            archive.store(
                user_id=user_id, frame=frame, face_found=face is not None, captured_at=captured_at, frame_id=frame_id
            )
    return response


def blink_frame_judge(*, frame: Frame, count: int, total: int, time: int | float) -> dict[str, Any]:
    """The response to a frame of the blink call; time in milliseconds. Raises InvalidFrame."""
    face = vision.analyze(frame).face
    if face is None:
        return {"total": total, "count": count, "res": False, "time": time, "detection_flag": NOT_FOUND}
    closed = blink.is_closed(eye_aspect_ratio(face.points))
    return {
        "total": total + closed,
        "count": count,
        "res": closed,
        "time": time + BLINK_INTERVAL_MS,
        "detection_flag": FOUND,
    }


def _verdict(
    face: Face, descriptor: FaceDescriptor, enrolment: Enrolment | None, calibration: Calibration
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
        response["face_id_flag"] = True  # the client shows "not the same person" if this is missing
    return response
