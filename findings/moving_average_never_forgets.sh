#!/usr/bin/env bash
# A moving average over three values depends on three values: one frame without a face (NaN) should cost three results.
# In SciPy's uniform_filter1d it costs all that follow, because the window's sum is carried along and NaN is never
# subtracted again. In OpenCV's blur it depends on the direction: sideways the window of 3 or 5 is added up each time,
# from 7 on the sum is carried; downwards it always is. So a signal as a row recovers, and as a column does not.
# A finite glitch is worse, as nothing shows it: after 1e17, a time taken for a ratio, all later results
# lack what was rounded off, here a third or all of their value. convolve and GaussianBlur recover.
# Seen with scipy 1.17.1 and opencv-python-headless 5.0.0.93.
# So: clean a trace before averaging it, or use np.convolve, which forgets.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps \
    numpy==2.4.6 scipy==1.17.1 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np
import scipy
from scipy.ndimage import uniform_filter1d

row = lambda trace: trace[None]
column = lambda trace: trace[:, None].copy()
averages = {
    "uniform_filter1d": lambda trace: uniform_filter1d(trace, 3),
    "np.convolve": lambda trace: np.convolve(trace, np.ones(3) / 3, "same"),
    "blur of a row, 3": lambda trace: cv2.blur(row(trace), (3, 1)).ravel(),
    "blur of a row, 7": lambda trace: cv2.blur(row(trace), (7, 1)).ravel(),
    "blur of a column, 3": lambda trace: cv2.blur(column(trace), (1, 3)).ravel(),
    "GaussianBlur of a column, 3": lambda trace: cv2.GaussianBlur(column(trace), (1, 3), 0).ravel(),
}
eye = np.full(40, 0.3)
lost, jumped = eye.copy(), eye.copy()
lost[10], jumped[10] = np.nan, 1e17
print(f"scipy {scipy.__version__}, OpenCV {cv2.__version__}: 40 values of 0.3, one of which is not")
never_forget = set()
for name, average in averages.items():
    missing, later = int(np.isnan(average(lost)).sum()), average(jumped)[20:38]
    print(f"{name}: NaN in, {missing} NaN out; 1e17 in, ten values later {later.min():.3f} to {later.max():.3f}")
    if missing > 10 and abs(later - 0.3).max() > 0.05:
        never_forget.add(name)
sys.exit(never_forget != {"uniform_filter1d", "blur of a row, 7", "blur of a column, 3"})
PY
