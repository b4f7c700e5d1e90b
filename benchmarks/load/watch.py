"""What the processes on this machine use while the load lasts: cores, and memory over time."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.machine import CpuTimes
from benchmarks.memory import Memory, memory_of
from benchmarks.serving import Server

SERVICE, CLIENTS, MEASURING, OTHERS = "gunicorn and its workers", "clients (locust)", "measuring", "everything else"
_TICKS = os.sysconf("SC_CLK_TCK")
_OWN_TICKS, _REAPED_TICKS = slice(11, 13), slice(13, 15)  # of /proc/pid/stat, after the name: user and system


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of all cores since the machine started, and of each group of processes since it began."""

    machine: CpuTimes
    groups: Mapping[str, float]

    def since(self, before: "Cpu") -> "Used":
        all_s = self.machine.all - before.machine.all
        groups = {name: seconds - before.groups.get(name, 0.0) for name, seconds in self.groups.items()}
        others_s = self.machine.busy - before.machine.busy - sum(groups.values())
        return Used(all_s, groups | {OTHERS: max(0.0, others_s)})


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds that there were on all cores together, and those that each group used."""

    all_s: float
    groups: Mapping[str, float]


@dataclass(slots=True)
class Watch:
    """The workers' memory, sample after sample: seconds of the clock, and what each process had then."""

    server: Server
    clients: int
    samples: dict[int, list[tuple[float, Memory]]] = field(default_factory=dict)

    def look(self, second: float) -> None:
        for pid in self.server.workers():
            try:
                self.samples.setdefault(pid, []).append((second, memory_of(pid)))
            except OSError:  # it has just ended
                continue

    def cpu(self) -> Cpu:
        named = {self.server.process.pid: SERVICE, self.clients: CLIENTS}
        groups = {MEASURING: _own_s(os.getpid())}
        for pid in _children_of(os.getpid()):
            name = named.get(pid) or Path(f"/proc/{pid}/comm").read_text().strip()
            groups[name] = groups.get(name, 0.0) + _tree_s(pid)
        return Cpu(CpuTimes.now(), groups)


def _children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _own_s(pid: int) -> float:
    return _seconds(pid, _OWN_TICKS)


def _tree_s(pid: int) -> float:
    """Of a process, all its children, and theirs; of those that have ended, too."""
    try:
        return _own_s(pid) + _seconds(pid, _REAPED_TICKS) + sum(_tree_s(child) for child in _children_of(pid))
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0.0


def _seconds(pid: int, which: slice) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[which])) / _TICKS
