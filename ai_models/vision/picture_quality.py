"""The light and sharpness of a face, from its pixels."""

from ai_models.landmarks import Box
from ai_models.quality import Quality
from ai_models.vision.frame import Image

CROP_PX = 64  # faces are scaled to this size, so that the camera's resolution does not matter
MIDDLE_LIGHT = 128.0


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
