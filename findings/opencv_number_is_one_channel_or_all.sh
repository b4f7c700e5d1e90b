#!/usr/bin/env bash
# A single number where OpenCV takes a second picture means that number everywhere: add, subtract, absdiff, multiply,
# divide and compare do so with a colour picture. So one expects min(picture, 90) to cap all three channels.
# For min, max and the bitwise functions the number is blue's alone; the other channels meet 0: min makes green and red
# black, max leaves them alone, bitwise_and with 255 (which should change nothing) blackens them. In add, too,
# a one-element tuple or array is blue's alone. Grey pictures show nothing of it, which is where it is tried.
# Seen with opencv-python-headless 5.0.0.93 (4.13.0.92 does the same).
# So: np.minimum and np.maximum, or a number for each channel.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

picture = np.full((2, 2, 3), 100, np.uint8)
results = {
    "add 10": cv2.add(picture, 10),
    "absdiff 10": cv2.absdiff(picture, 10),
    "multiply 2": cv2.multiply(picture, 2),
    "compare > 50": cv2.compare(picture, 50, cv2.CMP_GT),
    "add (10,)": cv2.add(picture, (10,)),
    "min 90": cv2.min(picture, 90),
    "max 110": cv2.max(picture, 110),
    "bitwise_and 255": cv2.bitwise_and(picture, 255),
    "bitwise_xor 255": cv2.bitwise_xor(picture, 255),
}
pixels = {name: result[0, 0].tolist() for name, result in results.items()}
print(f"OpenCV {cv2.__version__}, every pixel [100, 100, 100]:")
for name, pixel in pixels.items():
    print(f"{name}: {pixel}")
expected = [[110] * 3, [90] * 3, [200] * 3, [255] * 3]
expected += [[110, 100, 100], [90, 0, 0], [110, 100, 100], [100, 0, 0], [155, 100, 100]]
sys.exit([*pixels.values()] != expected)
PY
