#!/usr/bin/env bash
# KalmanFilter's methods return arrays, and its settings are assigned from arrays: one expects copies, as of every
# other function. Predictions are; the rest is the filter's own memory. What correct() returns is overwritten by the
# next step, so a list of smoothed values holds the last one, many times. An array that was assigned to statePost stays
# connected: two filters (one for each eye) begun from the same array are one state, and both follow the eye that
# was corrected last. The caller's array changes, too. All of it is silent.
# Seen with opencv-python-headless 5.0.0.93 (4.13.0.92 does the same).
# So: assign start.copy(), and append correct(...).copy().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np


def tracker(start):
    """A filter of a constant eye aspect ratio."""
    kalman = cv2.KalmanFilter(1, 1)
    kalman.measurementMatrix = np.eye(1, dtype=np.float32)
    kalman.errorCovPost = np.eye(1, dtype=np.float32)
    kalman.statePost = start
    return kalman


def step(kalman, measured):
    return kalman.predict(), kalman.correct(np.float32([[measured]]))


one = tracker(np.float32([[0.3]]))
steps = [step(one, measured) for measured in (0.2, 0.1, 0.3)]
predicted, corrected = ([round(step[i].item(), 3) for step in steps] for i in (0, 1))
print(f"OpenCV {cv2.__version__}, predicted {predicted}, corrected {corrected}")

results = {}
for name, begin in {"the same array": lambda array: array, "copies": np.copy}.items():
    start = np.float32([[0.3]])
    right, left = tracker(begin(start)), tracker(begin(start))
    for _ in range(5):
        step(right, 0.3)
        step(left, 0.1)
    results[name] = [round(float(state.item()), 3) for state in (right.statePost, left.statePost, start)]
    print(f"right eye 0.3, left eye 0.1, begun from {name}: right, left and the array are {results[name]}")
shared, apart = results.values()
is_one_array = len(set(corrected)) == 1 and len(set(predicted)) == 3
is_one_state = shared[0] == shared[1] == shared[2] != 0.3
sys.exit(not (is_one_array and is_one_state and apart[0] == 0.3 and apart[1] < 0.15 and np.isclose(apart[2], 0.3)))
PY
