"""The body of a landmarks request. A second of it has 15 000 numbers, so msgspec checks it while it parses."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec import Meta
from rest_framework.exceptions import ParseError
from rest_framework.serializers import ValidationError

from ai_models.analysis import FrameAnalysis
from ai_models.client_landmarks import MAX_OTHERS, InvalidLandmarks, Placed, analyze_landmarks
from ai_models.face_mesh import MESH_COUNT
from ai_models.vision.frame import MAX_SIDE_PX
from common.http.fields import EARLIEST_YEAR, LATEST_YEAR
from detections.sessions.request_serializers import MAX_BURST, MAX_BURST_S

MAX_MODEL_LENGTH = 32
MAX_FACES = 100
FIELD = "observations"
REASONS = {
    "no_points": _("There are faces, but no points."),
    "count": _("Send 68 points or 478."),
    "outside": _("The points reach far beyond the picture: send pixels of it."),
    "no_face": _("These points are no face's."),
    "mirrored": _("The face is mirrored: send the points of the picture as the camera took it."),
    "box": _("A box of another face is no box, or far beyond the picture: left, top, right, bottom."),
    "faces": _("There are more faces with points or boxes than `faces` says."),
}

Side = Annotated[int, Meta(ge=1, le=MAX_SIDE_PX)]


class PointsOfPicture(msgspec.Struct):
    captured_at: Annotated[datetime, Meta(tz=True)]
    width: Side
    height: Side
    points: Annotated[list[tuple[float, float]], Meta(max_length=MESH_COUNT)] | None = None
    faces: Annotated[int, Meta(ge=0, le=MAX_FACES)] | None = None
    brightness: Annotated[float, Meta(ge=0, le=1)] | None = None
    others: Annotated[list[tuple[int, int, int, int]], Meta(max_length=MAX_OTHERS)] = []


class LandmarksBody(msgspec.Struct):
    observations: Annotated[list[PointsOfPicture], Meta(min_length=1, max_length=MAX_BURST)]
    model: Annotated[str, Meta(max_length=MAX_MODEL_LENGTH, pattern=r"^[A-Za-z0-9._@/-]*$")] = ""


def read_body(data: bytes) -> LandmarksBody:
    """The body in JSON. Raises ParseError, ValidationError."""
    try:
        return _bodies.decode(data)
    except msgspec.ValidationError as error:
        raise ValidationError({FIELD: [str(error)]}) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from None


def source_of(body: LandmarksBody) -> str | None:
    """The landmarks' model: how many points it has, and its name, if the client tells. None without a face."""
    count = next((len(found.points) for found in body.observations if found.points is not None), None)
    return None if count is None else f"{count}:{body.model}"


def moments_of(body: LandmarksBody) -> list[datetime]:
    """When each picture was captured. Raises ValidationError."""
    moments = [found.captured_at for found in body.observations]
    if any(not EARLIEST_YEAR <= moment.year <= LATEST_YEAR for moment in moments):
        raise ValidationError({FIELD: [_("This is not a valid time: send ISO 8601, such as 2026-11-23T09:00:00Z.")]})
    if any(later <= earlier for earlier, later in pairwise(moments)):
        raise ValidationError({FIELD: [_("Each frame must be captured after the one before.")]})
    if moments[-1] - moments[0] > timedelta(seconds=MAX_BURST_S):
        raise ValidationError({FIELD: [_("A burst spans at most %(limit)d seconds.") % {"limit": MAX_BURST_S}]})
    return moments


def analyses_of(body: LandmarksBody, source: str | None) -> list[FrameAnalysis]:
    """What was found in each picture. Raises ValidationError, which names the picture by its number, from 1."""
    counts = {len(found.points) for found in body.observations if found.points is not None}
    if len(counts) > 1:
        raise ValidationError({FIELD: [_("Send points of one model only.")]})
    try:
        return analyze_landmarks(
            [_placed(found, number) for number, found in enumerate(body.observations, 1)], source or ""
        )
    except InvalidLandmarks as error:
        raise ValidationError({FIELD: [f"{error.number}: {REASONS[str(error)]}"]}) from None


def _placed(found: PointsOfPicture, number: int) -> Placed:
    return Placed(
        number,
        found.captured_at.timestamp(),
        found.width,
        found.height,
        found.points,
        found.faces,
        found.brightness,
        found.others,
    )


_bodies = msgspec.json.Decoder(LandmarksBody)
