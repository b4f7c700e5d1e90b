"""Measures Pose Smart against the plain pipeline, side by side on the same frames: make bench."""

import os

# One thread in every pool for both pipelines, as gunicorn.conf.py has it; read when numpy and OpenCV are imported.
for _pool in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"):
    os.environ.setdefault(_pool, "1")
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
