#!/usr/bin/env bash
# TM_CCOEFF_NORMED is a correlation coefficient: 1 is a perfect match. Of a blank template (a covered lens, a blown-out
# patch of forehead) the coefficient is 0 / 0, so one expects 0, NaN or an error: nothing can be found with it.
# matchTemplate answers 1.0 at every place of any picture, even of noise: a perfect match at the upper left corner. The
# other way round (a template with structure, a blank picture) it answers 0. With a mask of ones, which should
# change nothing, both are NaN, and minMaxLoc then says (-1, -1).
# Seen with opencv-python-headless 5.0.0.93.
# So: check the template's standard deviation before matching; a threshold on the score does not catch this.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

noise = np.random.default_rng(0)
picture, template = (noise.integers(0, 256, shape, dtype=np.uint8) for shape in ((60, 80), (9, 9)))
blank_picture, blank_template = np.full_like(picture, 30), np.full_like(template, 200)
cases = {
    "blank template in noise": (picture, blank_template),
    "blank template in a blank picture": (blank_picture, blank_template),
    "structured template in a blank picture": (blank_picture, template),
}
seen = {}
for name, (where, what) in cases.items():
    plain = cv2.matchTemplate(where, what, cv2.TM_CCOEFF_NORMED)
    masked = cv2.matchTemplate(where, what, cv2.TM_CCOEFF_NORMED, mask=np.ones_like(what))
    seen[name] = [float(plain.min()), float(plain.max()), bool(np.isnan(masked).all())]
    place, masked_place = cv2.minMaxLoc(plain)[3], cv2.minMaxLoc(masked)[3]
    print(f"{name}: from {plain.min()} to {plain.max()}, best at {place}; with a mask NaN at every place: "
          f"{seen[name][2]}, best at {masked_place}")
print(f"OpenCV {cv2.__version__}")
sys.exit([*seen.values()] != [[1.0, 1.0, True], [1.0, 1.0, True], [0.0, 0.0, True]])
PY
