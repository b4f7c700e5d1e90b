"""The machine the figures were measured on, and who kept its processor busy."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("dlib-bin", "dlib", "onnxruntime", "opencv-python-headless", "numpy", "Django", "gunicorn")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


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
    packages = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return [
        f"Machine: {_cpu()}, {len(os.sched_getaffinity(0))} cores, {platform.system()}.",
        f"Python {platform.python_version()}, {', '.join(packages)}.",
    ]


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
