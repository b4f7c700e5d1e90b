#!/usr/bin/env bash
# compute_face_descriptor(num_jitters=n) averages over n randomly shifted copies of the face. One expects either other
# numbers in every process (a random seed) or the same numbers for the same picture (a fixed one).
# The seed is fixed, but the generator lives on in the model object: the first call gives the same 128 numbers in every
# process, and each later call on the same picture gives others, 0.06 away with 5 jitters (the same person is anything
# under 0.6). A test that enrols once passes for ever; a server's descriptors depend on how many faces it saw before.
# Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1) and the network of face_recognition_models 0.1.3.
# So: enrol without jitters, or by jitters made from a generator of one's own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps dlib-bin==20.0.1.post1 numpy==2.4.6 \
    opencv-python-headless==5.0.0.93 scikit-image==0.26.0 face-recognition-models==0.1.3
"$work/venv/bin/python" - <<'PY'
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import dlib
import numpy as np

weights = Path(find_spec("face_recognition_models").origin).parent / "models"
portrait = Path(find_spec("skimage").origin).parent / "data" / "astronaut.png"  # NASA, public domain
picture = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
face = dlib.get_frontal_face_detector()(picture)[0]
shape = dlib.shape_predictor(str(weights / "shape_predictor_68_face_landmarks.dat"))(picture, face)


def described(network, jitters):
    return np.array(network.compute_face_descriptor(picture, shape, jitters))


one, other = (dlib.face_recognition_model_v1(str(weights / "dlib_face_recognition_resnet_model_v1.dat")) for _ in "ab")
plain = [described(one, 0) for _ in "ab"]
first, second, fresh = described(one, 5), described(one, 5), described(other, 5)
distance = lambda a, b: float(np.linalg.norm(a - b))
print(f"dlib {dlib.__version__}, distances of two calls without jitters: {distance(*plain)}; with 5 jitters:")
print(f"first and second call {distance(first, second):.3f}, first calls of two models {distance(first, fresh)}")
sys.exit(distance(*plain) != 0 or distance(first, fresh) != 0 or distance(first, second) < 0.02)
PY
