#!/usr/bin/env bash
# OpenCV 5 has arrays of one dimension. One expects new shapes where a result had one column (calcHist: (256,), not
# (256, 1)) and nothing else. But an input of one dimension, a column for OpenCV 4, is a row now: the same call smooths,
# differentiates and sorts along the other axis, without an error. Some functions still give a row of two dimensions
# back (dct, not dft), and solve() refuses the right side that it took.
# A histogram kept from 4 cannot be compared (compareHist raises), and numpy's difference of both is 256 x 256 in size.
# Seen with opencv-python-headless 4.13.0.92 and 5.0.0.93.
# So: give every signal its second axis before OpenCV sees it, and ravel() what comes back.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/signal.py" <<'PY'
import cv2
import numpy as np


def attempt(call):
    try:
        return np.asarray(call()).shape
    except cv2.error:
        return "cv2.error"


eye = np.array([0.3, 0.3, 0.1, 0.3, 0.3])  # an eye's aspect ratio: a blink in the middle
histogram = cv2.calcHist([np.zeros((9, 9), np.uint8)], [0], None, [256], [0, 256])
kept = histogram.reshape(256, 1)
print("Gaussian (1, 3) still finds the blink whole:", cv2.GaussianBlur(eye, (1, 3), 0).min() == 0.1)
print("Sobel along y sees a slope:", bool(cv2.Sobel(eye, cv2.CV_64F, 0, 1).any()))
print("SORT_EVERY_COLUMN sorts:", bool((np.diff(cv2.sort(eye, cv2.SORT_EVERY_COLUMN).ravel()) >= 0).all()))
print("hconcat of two:", cv2.hconcat([eye, eye]).shape)
print("dct:", cv2.dct(np.ones(8)).shape, "dft:", cv2.dft(np.ones(8)).shape)
print("solve:", attempt(lambda: cv2.solve(np.eye(3), np.ones(3))[1]))
print("histogram:", histogram.shape, "less the kept one:", (histogram - kept).shape)
print("compareHist with it:", attempt(lambda: cv2.compareHist(histogram, kept, cv2.HISTCMP_CORREL)))
PY
for version in 4.13.0.92 5.0.0.93; do
    "${PYTHON:-python3}" -m venv "$work/$version"
    "$work/$version/bin/pip" install -q --disable-pip-version-check --no-deps \
        numpy==2.4.6 "opencv-python-headless==$version"
    echo "OpenCV $version"
    "$work/$version/bin/python" "$work/signal.py" | tee "$work/$version.txt"
done
diff "$work/4.13.0.92.txt" - <<'END'
Gaussian (1, 3) still finds the blink whole: False
Sobel along y sees a slope: True
SORT_EVERY_COLUMN sorts: True
hconcat of two: (5, 2)
dct: (8, 1) dft: (8, 1)
solve: (3, 1)
histogram: (256, 1) less the kept one: (256, 1)
compareHist with it: ()
END
diff "$work/5.0.0.93.txt" - <<'END'
Gaussian (1, 3) still finds the blink whole: True
Sobel along y sees a slope: False
SORT_EVERY_COLUMN sorts: False
hconcat of two: (1, 10)
dct: (1, 8) dft: (8,)
solve: cv2.error
histogram: (256,) less the kept one: (256, 256)
compareHist with it: cv2.error
END
