"""The application's icons as PNG, drawn from icon.svg: phones and desktops install no SVG."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

SOURCE = Path(__file__).parent / "static" / "web" / "icon.svg"
SVG = "{http://www.w3.org/2000/svg}"
SIZES = (192, 512)
SOURCE_SIZE = 32  # the width and height of its viewBox
OVERSAMPLING = 4
CURVE_STEPS = 24
# A system may cut a maskable icon down to a circle of 80 % of its width: https://www.w3.org/TR/appmanifest/#icon-masks
MASKABLE_SCALE = 0.85  # its farthest point is 14.2 of 32 from the middle
TOKEN = re.compile(r"[McsZ]|-?\d*\.?\d+")

Points = NDArray[np.float64]  # (n, 2), in the viewBox's units
Rgba = NDArray[np.uint8]  # (H, W, 4), in OpenCV's order: blue, green, red, alpha


@cache
def png_icon(size: int, *, maskable: bool = False) -> bytes:
    """A PNG with transparent corners; a maskable one fills its square and keeps the drawing in its middle."""
    import cv2

    shapes = list(_shapes())
    image = np.zeros((size * OVERSAMPLING, size * OVERSAMPLING, 4), np.uint8)
    scale = 1.0
    if maskable:
        image[:] = shapes[0][1]  # the rounded square's colour
        scale = MASKABLE_SCALE
    factor = size * OVERSAMPLING / SOURCE_SIZE
    for outline, colour in shapes:
        centred = (outline - SOURCE_SIZE / 2) * scale + SOURCE_SIZE / 2
        cv2.fillPoly(image, [np.rint(centred * factor).astype(np.int32)], colour)
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", _without_fringe(np.asarray(small, np.uint8)))[1].tobytes()


def _without_fringe(image: Rgba) -> Rgba:
    """The averaged edge pixels with the shape's own colour: they were averaged with transparent black."""
    alpha = image[..., 3:].astype(np.float64)
    colours = np.divide(image[..., :3] * 255.0, alpha, out=np.zeros(image[..., :3].shape), where=alpha > 0)
    return np.dstack([np.clip(np.rint(colours), 0, 255).astype(np.uint8), image[..., 3]])


def _shapes() -> Iterator[tuple[Points, tuple[int, int, int, int]]]:
    """The outlines and colours of the drawing, from back to front."""
    for element in ET.parse(SOURCE).iter():  # noqa: S314 - the project's own file
        fill = element.get("fill")
        if not fill:
            continue
        values = {name: float(value) for name, value in element.attrib.items() if name not in ("fill", "d")}
        if element.tag == f"{SVG}rect":
            outline = _rounded_rectangle(values["width"], values["height"], values["rx"])
        elif element.tag == f"{SVG}circle":
            outline = _arc(values["cx"], values["cy"], values["r"], 0, 360)
        else:
            outline = _path(element.attrib["d"])
        yield outline, _colour(fill)


def _colour(fill: str) -> tuple[int, int, int, int]:
    """Blue, green, red and alpha of #rgb or #rrggbb."""
    digits = fill[1:] if len(fill) == 7 else "".join(digit * 2 for digit in fill[1:])
    red, green, blue = bytes.fromhex(digits)
    return blue, green, red, 255


def _arc(x: float, y: float, radius: float, start_deg: float, end_deg: float) -> Points:
    angles = np.radians(np.linspace(start_deg, end_deg, CURVE_STEPS * 4))
    return np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])


def _rounded_rectangle(width: float, height: float, radius: float) -> Points:
    corners = (
        (width - radius, height - radius, 0),
        (radius, height - radius, 90),
        (radius, radius, 180),
        (width - radius, radius, 270),
    )
    return np.vstack([_arc(x, y, radius, start, start + 90) for x, y, start in corners])


def _path(commands: str) -> Points:
    """The outline of a path of M, c and s, the commands that the drawing uses."""
    tokens = TOKEN.findall(commands)
    points: list[Points] = []
    here = np.zeros(2)
    handle = np.zeros(2)  # the last curve's second control point, relative to its end
    command = ""
    while tokens:
        if tokens[0].isalpha():
            command = tokens.pop(0)
            continue
        numbers = [float(tokens.pop(0)) for _ in range({"M": 2, "c": 6, "s": 4}[command])]
        pairs = np.reshape(numbers, (-1, 2))
        if command == "M":
            here = pairs[0]
            continue
        first = here + pairs[0] if command == "c" else here - handle
        second, end = here + pairs[-2], here + pairs[-1]
        points.append(_curve(here, first, second, end))
        here, handle = end, second - end
    return np.vstack(points)


def _curve(start: Points, first: Points, second: Points, end: Points) -> Points:
    """A cubic Bézier curve."""
    t = np.linspace(0, 1, CURVE_STEPS)[:, None]
    return np.asarray((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end)
