"""From a browser's upload to an image: data URL or base64 -> frame (bytes) -> image (pixels)."""

import binascii
import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai_models.analysis import Crop

Image = NDArray[np.uint8]  # (H, W, 3) RGB

MAX_SIDE_PX = 4096  # dlib's full-resolution search costs about 60 ns a pixel: 1 s at this size
# libjpeg's own progressive script has 10 scans; thousands of them in a few MB would keep a core busy for minutes.
MAX_JPEG_SCANS = 32
MAX_JPEG_SEGMENTS = 1000

# A picture of noise in the best quality takes 3 bytes a pixel as JPEG, and 8 as PNG with 16 bits a channel. What is
# over that is not the picture: it would only fill the archive.
MAX_PIXEL_BYTES = {"image/jpeg": 4, "image/png": 8}
MAX_METADATA_BYTES = 64 * 2**10
MAX_BEHIND_BYTES = 2**20  # behind the picture's end; they are cut off

JPEG_START = b"\xff\xd8\xff"
JPEG_START_OF_SCAN, JPEG_END = 0xDA, 0xD9
# Inside a scan 0xFF is followed by 0x00, or is part of a restart marker. A pattern that starts with one plain byte is
# searched for 25 times as fast as one that starts with a repeated one.
JPEG_AFTER_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xff]")
JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM and the restart markers
JPEG_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # ITU-T T.81, table B.1
PNG_START = b"\x89PNG\r\n\x1a\n"
MAX_PNG_CHUNKS = 20_000  # libpng's own encoder writes one for every 8 KB of image data
# Each may be compressed text, which takes 0.06 s to decompress to 8 MB. There are a dozen other kinds.
MAX_PNG_CHUNKS_BESIDE_DATA = 24
# Image data decompresses to up to 1032 times its size, at 250 MB/s.
PNG_DATA_UNCHECKED_BYTES = 512 * 2**10  # 1 to 2 s at worst; a webcam's frame of 640 × 480 is rarely larger
PNG_DATA_UNCHECKED_PIXELS = 2**22  # with more, decoding and searching the picture take a second themselves
PNG_MAX_PIXEL_BYTES = 8  # four channels of 16 bits
PNG_STEP_BYTES = 4 * 2**20
PNG_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})  # if damaged, these crash OpenCV 5.0


class InvalidFrame(ValueError):
    """The bytes are not an accepted picture; the message tells the sender why, and what to send.

    `message` is the gettext id; `params` fill its {placeholders}.
    """

    def __init__(self, message: str, **params: int) -> None:
        super().__init__(message.format(**params))
        self.message = message
        self.params = params


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture as received: complete according to its header, not decoded yet. Sizes in pixels, as stored.

    crop: None if it is a whole picture.
    """

    data: bytes
    content_type: str
    width: int
    height: int
    crop: Crop | None = None


def parse_data_url(text: str) -> Frame:
    """The frame in a base64 data URL, or in bare base64.

    The type that a data URL declares is ignored, because browsers get it wrong; the bytes decide. Raises InvalidFrame.
    """
    payload = text
    if text[:5].lower() == "data:":
        header, comma, payload = text.partition(",")
        if not comma or not header.lower().endswith(";base64"):
            raise InvalidFrame("This data URL is not base64. Send data:image/jpeg;base64,… or data:image/png;base64,….")
    if not payload:
        raise InvalidFrame("The picture is empty. Send the camera's photo as a base64 data URL.")
    return read_frame(_decode_base64(payload))


def read_frame(data: bytes) -> Frame:
    """The frame in a JPEG's or PNG's bytes, checked as far as possible without decoding. Raises InvalidFrame.

    What follows the picture's end, such as the video of a phone's motion photo, is left out.
    """
    if data.startswith(JPEG_START):
        (width, height), end = _read_jpeg(data)
        content_type = "image/jpeg"
    elif data.startswith(PNG_START):
        (width, height), end = _read_png(data)
        content_type = "image/png"
    else:
        raise InvalidFrame("This is neither a JPEG nor a PNG picture.")
    if not width or not height:
        raise InvalidFrame("The picture has no pixels.")
    if max(width, height) > MAX_SIDE_PX:
        raise InvalidFrame(
            "The picture is {width} × {height} pixels; at most {limit} a side are accepted. Send a smaller one.",
            width=width,
            height=height,
            limit=MAX_SIDE_PX,
        )
    limit = MAX_METADATA_BYTES + MAX_PIXEL_BYTES[content_type] * width * height
    if end > limit or len(data) > limit + MAX_BEHIND_BYTES:
        raise InvalidFrame(
            "The picture has {size} bytes, more than {width} × {height} pixels need (at most {limit}).",
            size=len(data),
            width=width,
            height=height,
            limit=limit,
        )
    return Frame(data[:end], content_type, width, height)


def decode(frame: Frame, *, in_burst: bool = False) -> Image:
    """The frame's pixels, (H, W, 3) RGB uint8, rotated upright according to its EXIF data. Raises InvalidFrame.

    in_burst: it is one of many, whose surplus costs would add up.
    """
    import cv2

    if frame.content_type == "image/png":
        _check_png_data(frame, even_if_small=in_burst)
    try:
        image = cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        image = None
    if image is None:
        raise InvalidFrame("The picture is damaged and cannot be decoded.")
    return np.asarray(image, np.uint8)


def _decode_base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass  # command-line tools wrap lines: try again without white space
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise InvalidFrame("This is not base64. Send the camera's photo as a base64 data URL.") from error


def _read_jpeg(data: bytes) -> tuple[tuple[int, int], int]:
    """The width and height of a complete JPEG, and where it ends, found by walking its segments and scans."""
    size, scans, position = (0, 0), 0, 2
    try:
        for _ in range(MAX_JPEG_SEGMENTS):
            if data[position] != 0xFF:
                break
            while data[position] == 0xFF:
                position += 1
            marker = data[position]
            position += 1
            if marker in JPEG_WITHOUT_LENGTH:
                continue
            if marker == JPEG_END and scans:
                return size, position
            if marker in JPEG_START_OF_FRAME and not scans:
                size = _big_endian(data, position + 5, 2), _big_endian(data, position + 3, 2)
            position += _big_endian(data, position, 2)
            if marker == JPEG_START_OF_SCAN:
                scans += 1
                _check_scans(scans)
                position = _end_of_scan(data, position)
    except IndexError:
        raise InvalidFrame("The JPEG picture is cut off.") from None
    raise InvalidFrame("The JPEG picture's header is damaged.")


def _check_scans(count: int) -> None:
    if count > MAX_JPEG_SCANS:
        raise InvalidFrame(
            "The JPEG picture has more than {limit} scans. Save it as a baseline JPEG.", limit=MAX_JPEG_SCANS
        )


def _end_of_scan(data: bytes, position: int) -> int:
    found = JPEG_AFTER_SCAN.search(data, position)
    if found is None:
        raise IndexError
    return found.start()


def _read_png(data: bytes) -> tuple[tuple[int, int], int]:
    """The width and height of a complete PNG, and where it ends."""
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise InvalidFrame("The PNG picture's header is damaged.")
    size = _big_endian(data, 16, 4), _big_endian(data, 20, 4)
    if max(size) > MAX_SIDE_PX:
        return size, len(data)  # reported before a broken body is
    _, end = _png_data(data)
    return size, end


def _png_data(data: bytes) -> tuple[bytes, int]:
    """The compressed image data, and where the picture ends.

    No chunk may claim more bytes than there are: OpenCV allocates what it claims.
    """
    parts: list[bytes] = []
    others = 0
    position = len(PNG_START)
    try:
        for _ in range(MAX_PNG_CHUNKS):
            start, kind = position + 8, data[position + 4 : position + 8]
            position = start + _big_endian(data, position, 4) + 4
            if position > len(data):
                raise IndexError
            if kind in PNG_ANIMATION:
                raise InvalidFrame("The PNG picture is animated. Send a still one.")
            if kind == b"IEND" and parts:  # without image data before it, OpenCV reads on
                return b"".join(parts), position
            if kind == b"IDAT":
                parts.append(data[start : position - 4])
            else:
                others += 1
            if others > MAX_PNG_CHUNKS_BESIDE_DATA:
                raise InvalidFrame("The PNG picture contains too much metadata. Save it without metadata.")
    except IndexError:
        raise InvalidFrame("The PNG picture is cut off.") from None
    raise InvalidFrame("The PNG picture has more than {limit} chunks. Save it with larger ones.", limit=MAX_PNG_CHUNKS)


def _check_png_data(frame: Frame, *, even_if_small: bool) -> None:
    # libpng decompresses it to the end, even if that is far more than the pixels need.
    packed, _ = _png_data(frame.data)
    is_small = len(packed) <= PNG_DATA_UNCHECKED_BYTES and frame.width * frame.height <= PNG_DATA_UNCHECKED_PIXELS
    if is_small and not even_if_small:
        return
    limit = (frame.width * PNG_MAX_PIXEL_BYTES + 2) * (frame.height + 1)
    decompressor = zlib.decompressobj()
    try:
        while packed and limit >= 0:
            limit -= len(decompressor.decompress(packed, PNG_STEP_BYTES))
            packed = decompressor.unconsumed_tail
    except zlib.error:
        return  # the decoder stops here too
    if limit < 0:
        raise InvalidFrame("The PNG picture holds more data than it has pixels.")


def _big_endian(data: bytes, position: int, length: int) -> int:
    if position + length > len(data):
        raise IndexError
    return int.from_bytes(data[position : position + length], "big")
