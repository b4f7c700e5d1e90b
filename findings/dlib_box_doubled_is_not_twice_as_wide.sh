#!/usr/bin/env bash
# A box found in a small picture is scaled to the large one. dlib's scale_rect(box, 2) should give one twice as wide,
# and halving it again the old one. The edges are scaled, but they are pixels that belong to the box: one of 10 pixels
# (0 to 9) becomes one of 19 (0 to 18), by 4 one of 37, and halved one of 6; down and up again makes 88 pixels 89.
# drectangle, made for fractions, counts the same way: from 0.0 to 10.0 it is 11.0 wide, and its area 121. An overlap
# computed by right - left, as everywhere else, is off by a row and a column: two boxes that only share an edge share
# pixels for dlib. Seen with dlib 20.0.1 (dlib-bin 20.0.1.post1).
# So: turn dlib's boxes into left, top, right + 1, bottom + 1 at once, and scale those.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps dlib-bin==20.0.1.post1
"$work/venv/bin/python" - <<'PY'
import sys

import dlib

small = dlib.rectangle(0, 0, 9, 9)
widths = {factor: dlib.scale_rect(small, factor).width() for factor in (2, 4, 0.5)}
face = dlib.rectangle(10, 10, 97, 97)
there_and_back = dlib.scale_rect(dlib.scale_rect(face, 0.5), 2)
exact = dlib.drectangle(0.0, 0.0, 10.0, 10.0)
beside = dlib.drectangle(10.0, 0.0, 20.0, 10.0)
shared = exact.intersect(beside)
print(f"dlib {dlib.__version__}: {small.width()} pixels wide, scaled by 2, 4 and 0.5: {[*widths.values()]}")
print(f"{face.width()} wide, halved and doubled: {there_and_back.width()}")
print(f"from 0.0 to 10.0: width {exact.width()}, area {exact.area()}; overlap with 10.0 to 20.0: {shared.area()}")
is_inclusive = exact.width() == 11 and exact.area() == 121 and shared.area() == 11
sys.exit([*widths.values()] != [19, 37, 6] or there_and_back.width() != 89 or not is_inclusive)
PY
