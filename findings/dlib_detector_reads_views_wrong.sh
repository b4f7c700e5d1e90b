#!/usr/bin/env bash
# A crop of a numpy picture is a view with gaps between its rows. One expects dlib to read it right or to refuse it:
# shape_predictor and as_grayscale read it right, get_face_chip and resize_image raise TypeError.
# The detector does neither: run() and calling it ignore the gaps, so it searches other pixels and says "no face".
# run_multiple(), of the same class, reads the view right. Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1).
# So: np.ascontiguousarray before every search. A crop or a channel of a frame otherwise looks like an empty chair.
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
face = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
desk = np.zeros((600, 700, 3), np.uint8)
desk[40:552, 60:572] = face
view, copy = desk[40:552, 60:572], face.copy()
assert np.array_equal(view, copy)

detector = dlib.get_frontal_face_detector()
several = lambda picture: dlib.fhog_object_detector.run_multiple([detector], picture, upsample_num_times=0)[0]
counts = {
    "detector(copy)": len(detector(copy)),
    "detector(view)": len(detector(view)),
    "detector.run(view)": len(detector.run(view, 0, 0.0)[0]),
    "run_multiple(view)": len(several(view)),
}
grey_is_right = np.array_equal(dlib.as_grayscale(view), dlib.as_grayscale(copy))
print(f"dlib {dlib.__version__}: {counts}, as_grayscale reads the view right: {grey_is_right}")
sys.exit(list(counts.values()) != [1, 0, 0, 1] or not grey_is_right)
PY
