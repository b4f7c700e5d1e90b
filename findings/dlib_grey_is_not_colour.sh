#!/usr/bin/env bash
# dlib's detector takes the colour channel with the strongest gradient, so a grey picture and the same picture as three
# equal channels should give the same answer, to the digit. At full size they do. At every smaller size of its pyramid
# they do not, because shrinking rounds grey values but cuts off the fraction of coloured ones: each level of the
# colour pyramid is darker. Scores move by some hundredths; near 0, which decides, findings
# come and go (here false ones, on the suit).
# Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1).
# So: a fast search in grey cannot be held equal to a reference in colour, and thresholds must not be carried over.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps \
    dlib-bin==20.0.1.post1 numpy==2.4.6 opencv-python-headless==5.0.0.93 scikit-image==0.26.0
"$work/venv/bin/python" - <<'PY'
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import dlib
import numpy as np

portrait = Path(find_spec("skimage").origin).parent / "data" / "astronaut.png"  # NASA, public domain
whole = cv2.imread(str(portrait), cv2.IMREAD_GRAYSCALE)
detector = dlib.get_frontal_face_detector()
differing = 0
for percent in range(75, 155, 2):
    grey = cv2.resize(whole, None, fx=percent / 100, fy=percent / 100, interpolation=cv2.INTER_AREA)
    found = [detector.run(picture, 0, 0.0)[:2] for picture in (grey, np.dstack([grey] * 3))]
    if len(found[0][0]) != len(found[1][0]):
        differing += 1
        grey_scores, colour_scores = ([round(score, 3) for score in scores] for _, scores in found)
        print(f"at {percent} %: scores {grey_scores} in grey, {colour_scores} in colour")

noise, smaller = np.random.default_rng(0).integers(0, 256, (120, 120), dtype=np.uint8), dlib.pyramid_down(6)
lost = np.asarray(smaller(noise), float) - np.asarray(smaller(np.dstack([noise] * 3)))[..., 0]
print(f"dlib {dlib.__version__}: {differing} of 40 sizes differ; the colour level is {lost.mean():.2f} darker")
sys.exit(differing == 0 or lost.min() != 0 or lost.max() != 1 or not 0.4 < lost.mean() < 0.6)
PY
