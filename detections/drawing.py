"""Drawing an analysis into its picture."""

from pathlib import Path

import numpy as np

from ai_models.vision.frame import Image
from detections.analysis import NO_FACE, Analysis, eyes_text, verdict_text

Colour = tuple[int, int, int]  # RGB

BLACK: Colour = (0, 0, 0)
GREEN: Colour = (0, 200, 0)
RED: Colour = (230, 0, 0)
YELLOW: Colour = (255, 220, 0)
TEXT_MARGIN_PX = 6
SIDE_OF_PLAIN_SCALE_PX = 800  # text, lines and points grow with larger pictures


def annotate(image: Image, analysis: Analysis) -> Image:
    """A copy of the (H, W, 3) RGB image with the face box, the 68 points and the verdict as text."""
    import cv2

    drawn = image.copy()
    colour = _colour(analysis)
    size = max(1, round(max(image.shape[:2]) / SIDE_OF_PLAIN_SCALE_PX))
    corner = (TEXT_MARGIN_PX, TEXT_MARGIN_PX)
    if analysis.reading:
        box, points = analysis.reading.face.box, analysis.reading.face.points
        cv2.rectangle(drawn, (box.left, box.top), (box.right, box.bottom), colour, size)
        for x, y in points.tolist():
            cv2.circle(drawn, (x, y), size, colour, cv2.FILLED)
        # Below the chin, which may lie below the box.
        corner = (box.left, max(box.bottom, int(points[:, 1].max())) + TEXT_MARGIN_PX)
    _write(drawn, caption(analysis), corner, colour, size)
    return drawn


def caption(analysis: Analysis) -> str:
    """The text drawn into the picture."""
    if analysis.reading is None:
        return NO_FACE
    verdict = f"{verdict_text(analysis.verdict)}; " if analysis.verdict else ""
    return f"{verdict}eyes {eyes_text(analysis.reading)}"


def write_png(path: Path, image: Image) -> None:
    """Write an (H, W, 3) RGB image as a PNG file. Raises OSError."""
    import cv2

    # Not cv2.imwrite: for a full disk or a missing folder it only returns False.
    path.write_bytes(cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes())


def _colour(analysis: Analysis) -> Colour:
    if analysis.verdict is None:
        return YELLOW
    return GREEN if analysis.verdict.is_good else RED


def _write(drawn: Image, text: str, corner: tuple[int, int], colour: Colour, size: int) -> None:
    """Draw text with its upper left at corner, or as near to it as fits into the picture."""
    import cv2

    font, scale = cv2.FONT_HERSHEY_SIMPLEX, size / 2
    (width, height), below = cv2.getTextSize(text, font, scale, size)
    room = np.array([drawn.shape[1] - width, drawn.shape[0] - height - below])
    left, top = np.maximum(np.minimum(corner, room), 0).tolist()
    # On a dark background, to be readable on any picture.
    cv2.rectangle(drawn, (left, top), (left + width, top + height + below), BLACK, cv2.FILLED)
    cv2.putText(drawn, text, (left, top + height), font, scale, colour, size, cv2.LINE_AA)
