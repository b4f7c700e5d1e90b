"""The machine the figures were measured on, and what its processes used of it."""

import os
import platform
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("dlib-bin", "dlib", "onnxruntime", "opencv-python-headless", "numpy", "Django", "gunicorn")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
VECTORS = ("avx512f", "avx512_vnni", "avx2")  # as /proc/cpuinfo has them
KB_IN_MB = 1e3
OWN, SHARE, RESIDENT = "own", "share (PSS)", "resident"
MEMORY = {OWN: ("Private_Clean", "Private_Dirty"), SHARE: ("Pss",), RESIDENT: ("Rss",)}

Memory = dict[str, float]  # MB: the pages that no other process has, the proportional share of all, and all of them


class CpuTimes(NamedTuple):
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


def facts() -> list[str]:
    installed = {package.metadata["Name"]: package.version for package in distributions()}
    packages = ", ".join(f"{name} {installed[name]}" for name in PACKAGES if name in installed)
    lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    found = {name.strip(): value.strip() for name, _, value in lines}
    vectors = ", ".join(name for name in VECTORS if name in found.get("flags", "").split()) or "no wide vectors"
    processor, cores = found.get("model name", platform.machine()), len(os.sched_getaffinity(0))
    return [
        f"Machine: {processor} ({vectors}), {cores} cores, {platform.system()}.",
        f"Python {platform.python_version()}, {packages}.",
    ]


def children(pid: int) -> list[int]:
    """The process ids of a process's children, oldest first; gunicorn's are its workers."""
    return sorted(int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def memory_of(pid: int) -> Memory:
    """Raises OSError if the process has ended."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kb = {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}
    return {name: sum(kb[part] for part in parts) / KB_IN_MB for name, parts in MEMORY.items()}


def tree_cpu_seconds(pid: int) -> float:
    """Processor time of a process and all below it, ended ones included; 0 if it has just ended."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) / TICKS_A_SECOND + sum(map(tree_cpu_seconds, children(pid)))
    except OSError:
        return 0.0
