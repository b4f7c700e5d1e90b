#!/usr/bin/env bash
# Enlarging a picture adds nothing to it, so landmarks found in the enlarged one and divided by the factor should be as
# noisy as before. Four times enlarged, the noise is a quarter to a half: dlib computes them in fractions of the face's
# box, but reports whole pixels of the picture, and there are no other numbers to ask for. In a face of 88 pixels an open
# eye is four pixels high, so rounding alone moves the eye aspect ratio of a still face by several per cent.
# Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1) and the 68 points of face_recognition_models 0.1.3.
# So: before measuring small distances between landmarks, enlarge the face.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps dlib-bin==20.0.1.post1 numpy==2.4.6 \
    opencv-python-headless==5.0.0.93 scikit-image==0.26.0 face_recognition_models==0.1.3
"$work/venv/bin/python" - <<'PY'
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import dlib
import numpy as np

portrait = Path(find_spec("skimage").origin).parent / "data" / "astronaut.png"  # NASA, public domain
weights = Path(find_spec("face_recognition_models").origin).parent / "models" / "shape_predictor_68_face_landmarks.dat"
predictor = dlib.shape_predictor(str(weights))
whole = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
FACE = 179, 83, 266, 170  # in that picture, by dlib's detector


def points_at(picture, box, factor):
    """The landmarks in the picture's own pixels, found in one that is larger by a factor."""
    larger = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    found = predictor(larger, dlib.rectangle(*(round(factor * edge) for edge in box)))
    return np.array([(point.x, point.y) for point in found.parts()]) / factor


def openness(points):
    eyes = points[36:42], points[42:48]
    tall = [np.hypot(*(eye[1] - eye[5])) + np.hypot(*(eye[2] - eye[4])) for eye in eyes]
    return np.mean([height / 2 / np.hypot(*(eye[0] - eye[3])) for eye, height in zip(eyes, tall)])


shares = []
for scale in (1, 1.25, 1.5, 2):
    box = [round(scale * edge) for edge in FACE]
    moves = [np.float32([[scale, 0, 0.13 * step], [0, scale, 0.07 * step]]) for step in range(40)]
    pictures = [cv2.warpAffine(whole, move, (1024, 1024), flags=cv2.INTER_LINEAR) for move in moves]
    noise = {}
    for factor in (1, 4):
        values = np.array([openness(points_at(picture, box, factor)) for picture in pictures])
        noise[factor] = np.abs(np.diff(values)).mean() / values.mean()
    shares.append(noise[4] / noise[1])
    print(f"face of {88 * scale:.0f} px: the eye aspect ratio changes by {noise[1]:.1%} from picture to picture, "
          f"enlarged by {noise[4]:.1%}")
print(f"dlib {dlib.__version__}")
sys.exit(int(max(shares) > 0.6))
PY
