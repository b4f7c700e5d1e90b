#!/usr/bin/env bash
# OpenCV 5 has 64-bit integers (cv2.CV_64S): one expects numpy's default integers to pass through it, or to be refused.
# The bindings still cut int64 and uint64 to int32, silently, although uint32, equally new, is kept: add, max, sort,
# transpose and minMaxLoc of times in milliseconds give other numbers.
# Differences come out right by luck (modulo 2**32), which hides it. Seen with opencv-python-headless 5.0.0.93.
# So: keep times, ids and sums out of OpenCV, or pass them as float64, which holds 2**53.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93
"$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np

captured_ms = np.array([[1767225600000, 1767225601000, 1767225602500]])  # 1 January 2026, three frames
results = {
    "transpose": cv2.transpose(captured_ms).T,
    "max with itself": cv2.max(captured_ms, captured_ms),
    "add 0": cv2.add(captured_ms, np.zeros_like(captured_ms)),
    "transpose of uint64": cv2.transpose(captured_ms.astype(np.uint64)).T,
}
cut = captured_ms.astype(np.int32)
print(f"OpenCV {cv2.__version__}, CV_64S = {cv2.CV_64S}; in: {captured_ms.tolist()} {captured_ms.dtype}")
for name, result in results.items():
    print(f"{name}: {result.tolist()} {result.dtype}")
print(f"minMaxLoc: {cv2.minMaxLoc(captured_ms)[:2]}")
kept = cv2.transpose(np.array([[4_000_000_000]], np.uint32))
print(f"transpose of uint32: {kept.tolist()} {kept.dtype}")
is_cut = all(result.dtype == np.int32 and np.array_equal(result, cut) for result in results.values())
sys.exit(not is_cut or cv2.minMaxLoc(captured_ms)[1] != cut.max() or kept.item() != 4_000_000_000)
PY
