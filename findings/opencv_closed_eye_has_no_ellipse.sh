#!/usr/bin/env bash
# An eye's six landmarks are enough for fitEllipse (it needs five), and a half-open eye is fitted exactly. Of a closed
# one, drawn in whole pixels with one landmark a pixel off the line, one expects a long ellipse about a pixel high. The
# length is anything: of an eye 30 pixels wide fitEllipse makes an ellipse of 0.5 to 10 pixels, and fitEllipseDirect and
# fitEllipseAMS make one of 44 to 112. No error, no warning. fitEllipse moves points by random amounts where a fit is
# poor, so the same six points give another ellipse at each call.
# Seen with opencv-python-headless 5.0.0.93.
# So: measure a closing eye by distances between its landmarks; minAreaRect (shown) also keeps the width.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

WIDTH = 30
FITS = cv2.fitEllipse, cv2.fitEllipseDirect, cv2.fitEllipseAMS


def eye(height):
    upper, lower = 100 - height / 2, 100 + height / 2
    return np.float32([[100, 100], [110, upper], [120, upper], [130, 100], [120, lower], [110, lower]])


def axes(fit, points):
    """Of the fitted ellipse: the shorter and the longer one, in pixels."""
    return sorted(fit(points)[1])


half_open = [axes(fit, eye(8)) for fit in FITS]
closed = np.repeat(eye(0)[None], 6, axis=0)
closed[np.arange(6), np.arange(6), 1] += 1  # another landmark is a pixel off in each
print(f"OpenCV {cv2.__version__}, an eye {WIDTH} pixels wide; longer axis of the ellipse:")
lengths = {}
for fit, open_axes in zip(FITS, half_open):
    fitted = np.array([axes(fit, points) for points in closed])
    lengths[fit.__name__] = fitted[:, 1]
    ratios = fitted[:, 0] / fitted[:, 1]
    print(f"{fit.__name__}: half open {open_axes[1]:.1f}, closed {fitted[:, 1].round(1).tolist()}, "
          f"height to length from {ratios.min():.3f} to {ratios.max():.3f}")
repeated = {tuple(np.round(axes(cv2.fitEllipse, closed[0]), 3).tolist()) for _ in range(5)}
print(f"five calls with the same points: {sorted(repeated)}")
boxes = np.array([axes(cv2.minAreaRect, points) for points in closed])
print(f"minAreaRect: closed {boxes[:, 1].round(1).tolist()}")
is_right_open = all(abs(long - WIDTH) < 0.1 for _, long in half_open)
too_short = lengths["fitEllipse"].max() < WIDTH / 2
too_long = min(lengths["fitEllipseDirect"].min(), lengths["fitEllipseAMS"].min()) > 1.25 * WIDTH
is_box_right = np.abs(boxes[:, 1] - WIDTH).max() < 0.1
sys.exit(not (is_right_open and too_short and too_long and len(repeated) == 5 and is_box_right))
PY
