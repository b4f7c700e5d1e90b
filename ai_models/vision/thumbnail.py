"""Small pictures of stored frames."""

import numpy as np

from ai_models.vision.frame import decode, read_frame

SIDE_PX = 160
QUALITY = 70


def thumbnail(picture: bytes) -> bytes:
    """A JPEG of a picture, of SIDE_PX on its longer side at most. Raises InvalidFrame."""
    import cv2

    image = decode(read_frame(picture))
    height, width = image.shape[:2]
    scale = min(1.0, SIDE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", np.asarray(small)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return encoded.tobytes()
