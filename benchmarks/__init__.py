"""Measures Pose Smart against the plain pipeline, side by side on the same frames: make bench."""

import os

# One thread in every pool for both pipelines, as gunicorn.conf.py has it; read when numpy and OpenCV are imported.
POOLS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
for _name in (*POOLS, "ORT_DISABLE_TELEMETRY", "TQDM_MININTERVAL"):
    os.environ.setdefault(_name, "1")
