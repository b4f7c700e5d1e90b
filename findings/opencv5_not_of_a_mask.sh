#!/usr/bin/env bash
# OpenCV 5 takes numpy's boolean arrays as masks of its own new type; OpenCV 4 refused them. and, or, xor, max and
# countNonZero of such masks are right, so one expects the complement to be, too.
# bitwise_not complements the bytes: True becomes 254 and False 255, in an array of dtype bool. Printed it is True
# everywhere, countNonZero counts every pixel, and it is no longer the inverse of anything. No error.
# Other functions raise for such masks, and one (not shown) ends the process.
# Seen with opencv-python-headless 5.0.0.93 and numpy 2.4.6.
# So: invert a mask with numpy (~mask), or keep masks uint8, 0 and 255, as in OpenCV 4.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

picture = np.array([[10, 20, 200], [210, 30, 220]], np.uint8)
bright = picture > 100
right = [
    np.array_equal(cv2.bitwise_and(bright, bright), bright),
    np.array_equal(cv2.bitwise_or(bright, ~bright), np.ones_like(bright)),
    np.array_equal(cv2.bitwise_xor(bright, bright), np.zeros_like(bright)),
    cv2.countNonZero(bright) == 3,
    np.array_equal(cv2.bitwise_and(picture, picture, mask=bright), picture * bright),
]
dark = cv2.bitwise_not(bright)
stored = sorted(set(dark.view(np.uint8).ravel().tolist()))
print(f"OpenCV {cv2.__version__}: and, or, xor, count and masking right: {all(right)}")
print(f"not: {dark.dtype}, {dark.tolist()}, bytes {stored}, countNonZero {cv2.countNonZero(dark)} of {dark.size}")
print(f"numpy's ~: {(~bright).tolist()}")
sys.exit(not all(right) or dark.dtype != bool or not dark.all() or stored != [254, 255] or cv2.countNonZero(dark) != 6)
PY
