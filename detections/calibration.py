"""The version-1 calibration, which the client holds and sends along with every frame."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ai_models.posture import ContractBaseline, ContractMeasures

CALIBRATION_FRAMES = 4
FOUND = "detected"
NOT_FOUND = "false"  # the contract's word is this string, not a boolean

Number = int | float
Numbers = tuple[str | float, ...]  # what was sent stays text; a new measure is a number


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the client has collected so far: a number of each kind per calibrating frame, and at the end their means."""

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
        """One calibrating frame further; the means are told with the last one and are 0 until then."""
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
    # Always over four, the contract says, however many numbers the client sent.
    return sum(float(number) for number in numbers) / CALIBRATION_FRAMES
