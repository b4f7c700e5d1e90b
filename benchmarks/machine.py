"""What the numbers were measured on."""

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("dlib-bin", "dlib", "onnxruntime", "opencv-python-headless", "numpy", "Django", "gunicorn")


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of all cores since the start: in all, busy, and busy for this process and its ended children."""

    all: float
    busy: float
    ours: float

    @classmethod
    def now(cls) -> "CpuTimes":
        ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        idle = ticks[3] + ticks[4]
        second = os.sysconf("SC_CLK_TCK")
        return cls(sum(ticks) / second, (sum(ticks) - idle) / second, sum(os.times()[:4]))

    def others_since(self, before: "CpuTimes") -> float:
        """The share of the cores that others had, the neighbours on its host included as far as it knows of them."""
        others = (self.busy - before.busy) - (self.ours - before.ours)
        return max(0.0, others / (self.all - before.all))


def machine_facts() -> list[str]:
    packages = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return [
        f"Machine: {_cpu()}, {len(os.sched_getaffinity(0))} cores, {platform.system()}.",
        f"Python {platform.python_version()}, {', '.join(packages)}.",
    ]


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
