#!/usr/bin/env bash
# CLAHE limits contrast, so a picture that has none should pass unchanged: equalizeHist, whose variant it is, returns a
# blank picture as it was. CLAHE does not, and how far it moves the grey value depends on the size of a tile: 128
# becomes 142 in 48 x 48 pixels, 196 in 100 x 100 and 230 in 96 x 96, by the same object.
# What is clipped off the histogram is shared out in whole counts. Of a tile with fewer pixels than there are grey
# values, these go to the darker greys, from black on, as far as they last: then nearly all of the tile counts as
# darker.
# Seen with opencv-python-headless 5.0.0.93.
# So: measure brightness before CLAHE, never after, and keep the size of the crop (not just its content) the same where
# two are to be compared: a wall, a covered lens or plain skin otherwise changes its grey with the box around it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

clahe = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8))


def greys(apply, side, value):
    """The different values in the answer to a blank picture."""
    return np.unique(apply(np.full((side, side), value, np.uint8))).tolist()


print(f"OpenCV {cv2.__version__}, blank pictures of 128 by their side:")
by_side = {side: greys(clahe.apply, side, 128) for side in (48, 96, 100, 128, 160)}
print(f"CLAHE: {by_side}")
print(f"equalizeHist: {({side: greys(cv2.equalizeHist, side, 128) for side in by_side})}")
by_value = {value: greys(clahe.apply, 96, value) for value in (0, 64, 128, 192, 255)}
print(f"CLAHE at 96 x 96, by the value: {by_value}")
stays = all(greys(cv2.equalizeHist, side, 128) == [128] for side in by_side)
expected = {48: [142], 96: [230], 100: [196]}
sys.exit(not stays or {side: by_side[side] for side in expected} != expected or by_value[255] != [255])
PY
