#!/usr/bin/env bash
# The landmark predictor works on brightness, so a colour frame and the frame through cvtColor(RGB2GRAY) (or Pillow's
# convert("L"), or a camera's luma) should give the same landmarks. dlib's grey is another one: the plain mean of red,
# green and blue, cut off, where the others weigh 30 : 59 : 11: pure red, green and blue are all 85 of 255.
# as_grayscale does the same. In a portrait the greys differ by up to 29 levels, and more than a third of the landmarks
# move by a pixel, in a face of 88 pixels whose open eyes are four pixels high.
# Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1) and the 68 points of face_recognition_models 0.1.3.
# So: locate landmarks always in colour or always in one grey, and never compare one with the other.
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
colour = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
FACE = dlib.rectangle(179, 83, 266, 170)  # in that picture, by dlib's detector


def points(picture):
    return np.array([(point.x, point.y) for point in predictor(picture, FACE).parts()])


luma = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
mean = (colour.astype(int).sum(axis=2) // 3).astype(np.uint8)
primaries = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
by_dlib, by_opencv = dlib.as_grayscale(primaries)[0].tolist(), cv2.cvtColor(primaries, cv2.COLOR_RGB2GRAY)[0].tolist()
moved = int((points(colour) != points(luma)).any(axis=1).sum())
apart = int(np.abs(mean.astype(int) - luma).max())
as_mean = np.array_equal(points(colour), points(mean)) and np.array_equal(dlib.as_grayscale(colour), mean)
print(f"red, green, blue: dlib {dlib.__version__} {by_dlib}, OpenCV {cv2.__version__} {by_opencv}")
print(f"greys differ by up to {apart} of 255; {moved} of 68 landmarks differ between colour and luma")
print(f"landmarks in colour are those in the plain mean: {as_mean}")
sys.exit(by_dlib != [85, 85, 85] or not as_mean or moved < 15)
PY
