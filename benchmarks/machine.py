"""The machine the figures were measured on, and who kept its processor busy."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

PACKAGES = ("dlib-bin", "dlib", "onnxruntime", "opencv-python-headless", "numpy", "Django", "gunicorn")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
VECTORS = ("avx512f", "avx512_vnni", "avx2")  # as /proc/cpuinfo has them


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of all cores since the machine started: all, busy, and used by this process and its ended children."""

    all: float
    busy: float
    ours: float

    @classmethod
    def now(cls) -> "CpuTimes":
        line = Path("/proc/stat").read_text().partition("\n")[0]
        seconds = [int(ticks) / TICKS_A_SECOND for ticks in line.split()[1:9]]
        return cls(sum(seconds), sum(seconds) - seconds[3] - seconds[4], sum(os.times()[:4]))

    def others_since(self, before: "CpuTimes") -> float:
        """The share of the cores that other processes used, and the host's other guests as far as the kernel knows."""
        others = (self.busy - before.busy) - (self.ours - before.ours)
        return max(0.0, others / (self.all - before.all))


def machine_facts() -> list[str]:
    installed = {package.metadata["Name"]: package.version for package in distributions()}
    packages = ", ".join(f"{name} {installed[name]}" for name in PACKAGES if name in installed)
    lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    facts = {name.strip(): value.strip() for name, _, value in lines}
    processor = facts.get("model name", platform.machine())
    vectors = [name for name in VECTORS if name in facts.get("flags", "").split()]
    cores = len(os.sched_getaffinity(0))
    return [
        f"Machine: {processor} ({', '.join(vectors) or 'no wide vectors'}), {cores} cores, {platform.system()}.",
        f"Python {platform.python_version()}, {packages}.",
    ]
