"""The light and sharpness of a face and of a whole picture, the glare on eyes, and a face's surroundings: by pixels."""

from typing import TYPE_CHECKING

import numpy as np

from ai_models.landmarks import LEFT_EYE, RIGHT_EYE, Box, FinePoints, Points
from ai_models.quality import PictureQuality, Quality
from ai_models.scene import ROWS, Curve, Scene
from ai_models.vision.frame import Image

if TYPE_CHECKING:
    from cv2.typing import MatLike

CROP_PX = 64  # faces are scaled to this size, so that the camera's resolution does not matter
MIDDLE_LIGHT = 128.0
WHITE = (250, 250, 250), (255, 255, 255)  # from, to: as bright as a camera shows anything
EYE_MARGIN = 0.1  # of an eye's width, to each side of its corners
EYE_HEIGHT = 0.6  # of its width: the lids and what is just beyond them
PICTURE_PX = 160  # the longer side of whole pictures
COARSE_PARTS = 20  # along both sides
STEEPEST = COARSE_PARTS**2 * 95 // 100  # the place of the 95th percentile
REACH = 1.0  # of a face's width, on each side: shoulders are within it
MIN_STRIP = 0.03  # of the picture's width
STEP_PX = 4  # between the columns that are read


def quality_of(image: Image, box: Box) -> Quality | None:
    """The quality of an (H, W, 3) RGB image inside the face's box; None if the box lies outside the image."""
    import cv2

    height, width = image.shape[:2]
    crop = image[max(0, box.top) : min(height, box.bottom + 1), max(0, box.left) : min(width, box.right + 1)]
    if not crop.size:
        return None
    small = cv2.cvtColor(cv2.resize(crop, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    light = float(small.mean())
    gain = MIDDLE_LIGHT / max(1.0, light)  # otherwise dark pictures would seem blurred
    return Quality(light, sharpness=float(cv2.Laplacian(small, cv2.CV_32F).var()) * gain**2)


def glare_of(image: Image, points: Points | FinePoints) -> float:
    """The white share, 0 to 1, of an (H, W, 3) RGB image around the eye that has more of it.

    points: (68, 2) landmarks. Light that glasses reflect hides the lids, and landmarks are then guesses.
    """
    return max(_white_share(image, points[RIGHT_EYE]), _white_share(image, points[LEFT_EYE]))


def _white_share(image: Image, eye: Points | FinePoints) -> float:
    import cv2

    across, down = eye.T.tolist()  # of so few numbers, Python finds the least and the largest sooner than numpy
    left, width, middle = min(across), max(across) - min(across), (min(down) + max(down)) / 2
    rows = slice(max(0, int(middle - EYE_HEIGHT / 2 * width)), max(0, int(middle + EYE_HEIGHT / 2 * width) + 1))
    columns = slice(max(0, int(left - EYE_MARGIN * width)), max(0, int(max(across) + EYE_MARGIN * width) + 1))
    around = image[rows, columns]
    if not around.size:
        return 0.0
    white = cv2.inRange(around, *WHITE)
    return cv2.countNonZero(white) / white.size


def picture_quality_of(image: Image) -> PictureQuality:
    """The quality of a whole (H, W, 3) RGB image; takes about 0.4 ms at 640 x 480."""
    import cv2

    height, width = image.shape[:2]
    scale = min(1.0, PICTURE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA)
    light, deviation = _mean_and_deviation(small)
    coarse = cv2.resize(small.astype(np.float32), (COARSE_PARTS, COARSE_PARTS), interpolation=cv2.INTER_AREA)
    edges = np.hypot(*(cv2.Sobel(coarse, cv2.CV_32F, across, 1 - across, scale=1 / 8) for across in (1, 0)))
    steepest = np.partition(edges, STEEPEST, axis=None)[STEEPEST]
    _, detail = _mean_and_deviation(cv2.Laplacian(small, cv2.CV_16S))
    return PictureQuality(light, contrast=float(steepest) / max(1.0, light), detail=detail / max(1e-3, deviation))


def _mean_and_deviation(grey: "MatLike") -> tuple[float, float]:
    import cv2

    mean, deviation = cv2.meanStdDev(grey)  # ten times as fast as numpy's
    return float(mean[0, 0]), float(deviation[0, 0])


def scene_of(image: Image, box: Box) -> Scene:
    """The light beside the face in an (H, W, 3) RGB image; takes about 0.1 ms at 640 x 480."""
    height, width = image.shape[:2]
    reach = round(REACH * (box.right - box.left))
    return Scene(
        _curve(image, 0, box.left - reach), _curve(image, box.right + reach, width), height / max(height, width)
    )


def _curve(image: Image, start: int, end: int) -> Curve:
    import cv2

    width = image.shape[1]
    start, end = max(0, start), min(width, end)
    if end - start < MIN_STRIP * width:
        return ()
    strip = np.ascontiguousarray(image[:, start:end:STEP_PX, 1])  # green, most of a picture's light
    return tuple(cv2.resize(strip, (1, ROWS), interpolation=cv2.INTER_AREA)[:, 0].tolist())
