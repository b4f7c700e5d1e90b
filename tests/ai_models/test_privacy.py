"""ONNX Runtime sends no telemetry: it leaves no files in the home folder, and no threads."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

OPEN_NETWORK = """
import os, sys
from pathlib import Path
from ai_models.vision.descriptor import open_network
import numpy as np
network = open_network(Path(sys.argv[1]))
network(np.zeros((150, 150, 3), np.uint8))
# What telemetry writes, it writes in a thread: where there is none, nothing is written later.
print(len(os.listdir("/proc/self/task")))
"""


def test_onnx_runtime_leaves_no_files_or_threads(tmp_path: Path) -> None:
    home, models = tmp_path / "home", tmp_path / "models"
    home.mkdir()
    environment = {"HOME": str(home), "OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    result = subprocess.run(
        [sys.executable, "-c", OPEN_NETWORK, str(models)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert list(home.rglob("*")) == []
    assert result.stdout.strip() == "1"  # the main thread only
