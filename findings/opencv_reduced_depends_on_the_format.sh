#!/usr/bin/env bash
# IMREAD_REDUCED_GRAYSCALE_4 (and _2, _8, in colour too) reads a picture at a quarter of its size. One expects the
# same small picture whatever the file's format, and each of its pixels to be the mean of what it stands for.
# That is so for JPEG alone. PNG, WebP, TIFF, BMP and JPEG 2000 are decoded whole and reduced by two pixels of four (of
# eight) in each direction, so fine texture turns into noise: as strong as in the full picture, where JPEG's is down to
# a half and a quarter. Odd sizes are rounded up for JPEG and down for all others, so points found in it scale
# differently. Seen with opencv-python-headless 5.0.0.93.
# So: decode whole and resize with INTER_AREA where blur, noise or landmarks are measured; REDUCED_ saves time for JPEG.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

LOSSLESS = [".png", ".tiff", ".bmp", ".webp", ".jp2"]
noise = np.random.default_rng(0).integers(0, 256, (480, 640), dtype=np.uint8)
quality = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, 100], ".jp2": [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]}
odd = np.zeros((479, 641), np.uint8)


def reduced(picture, extension, factor):
    stored = cv2.imencode(extension, picture, quality.get(extension, []))[1]
    return cv2.imdecode(stored, getattr(cv2, f"IMREAD_REDUCED_GRAYSCALE_{factor}"))


print(f"OpenCV {cv2.__version__}: standard deviation of noise, {noise.std():.1f} at full size")
is_so = []
for factor in (4, 8):
    mean = cv2.resize(noise, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    deviation = {name: round(float(reduced(noise, name, factor).std()), 1) for name in [".jpg", *LOSSLESS]}
    print(f"reduced by {factor}: {deviation}, INTER_AREA {mean.std():.1f}")
    is_so.append(abs(deviation[".jpg"] - mean.std()) < 0.5)
    is_so += [deviation[extension] > 1.8 * mean.std() for extension in LOSSLESS]
shapes = {extension: reduced(odd, extension, 2).shape for extension in [".jpg", *LOSSLESS]}
print(f"479 rows of 641 pixels, reduced by 2: {shapes}")
is_so += [shapes[".jpg"] == (240, 321), all(shapes[extension] == (239, 320) for extension in LOSSLESS)]
sys.exit(not all(is_so))
PY
