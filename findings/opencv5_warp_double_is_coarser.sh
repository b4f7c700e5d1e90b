#!/usr/bin/env bash
# warpAffine of float64 pixels should be at least as precise as that of float32 ones.
# OpenCV 5 interpolates uint8, uint16 and float32 with 1, 3 or 4 channels at the exact place. Everything else (float64,
# int16, 2 or 5 channels) still goes the way of OpenCV 4: places are rounded to 1/32 pixel first. On noise that is an
# error of several grey levels of 255, over 1000 times that of float32; a shift by 1/100 pixel is no shift at all.
# Seen with opencv-python-headless 5.0.0.93 (numpy 2.4.6), with and without AVX2.
# So: warp float32, three channels at a time; an added channel (alpha, mask, flow) changes all the others.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

SIDE = 200
noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE)).astype(np.float64)
matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), 10, 1.25)  # enlarges, so that every place is within the noise
back = cv2.invertAffineTransform(matrix)
rows, columns = np.mgrid[20:180, 20:180]
x, y = (back[i, 0] * columns + back[i, 1] * rows + back[i, 2] for i in (0, 1))
left, top = np.floor(x).astype(int), np.floor(y).astype(int)
right_share, lower_share = x - left, y - top
upper = noise[top, left] * (1 - right_share) + noise[top, left + 1] * right_share
lower = noise[top + 1, left] * (1 - right_share) + noise[top + 1, left + 1] * right_share
bilinear = upper * (1 - lower_share) + lower * lower_share  # in plain numpy


def error(dtype, channels):
    pixels = np.dstack([noise] * channels).astype(dtype) if channels > 1 else noise.astype(dtype)
    warped = cv2.warpAffine(pixels, matrix, (SIDE, SIDE)).reshape(SIDE, SIDE, channels)
    return float(np.abs(warped[20:180, 20:180, 0] - bilinear).max())


kinds = [("float32", 1), ("float64", 1), ("uint16", 3), ("int16", 3)] + [("uint8", count) for count in (1, 2, 3, 5)]
errors = {kind: error(*kind) for kind in kinds}
print(f"OpenCV {cv2.__version__}, largest error in grey levels by type and channels:")
print({f"{dtype} x {channels}": round(largest, 4) for (dtype, channels), largest in errors.items()})
coarse = {kind for kind, largest in errors.items() if largest > 2}
fine = {kind for kind, largest in errors.items() if largest < 0.51}
sys.exit(coarse != {("float64", 1), ("int16", 3), ("uint8", 2), ("uint8", 5)} or len(coarse | fine) != len(kinds))
PY
