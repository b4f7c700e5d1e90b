"""Whether 8-bit integers are faster than float32 on this processor: measured once, and stored beside the exports.

It depends on the processor: those with VNNI multiply integers four times as fast as floats, those with AVX2 alone half
as fast again, and some without either not faster at all.
"""

import hashlib
import json
import logging
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

import numpy as np

from ai_models.identity import Descriptor, distance
from ai_models.vision.export import FORMAT, write_atomically
from ai_models.vision.frame import Image
from ai_models.vision.resnet_layers import CHIP_PX

MAX_SHARE: Final = 0.9  # of float32's time: what less would save is lost where the guard needs both
WARM_UPS, ROUNDS = 2, 9
MADE_CHIPS: Final = 6
COARSE_PX: Final = 10  # a made chip has this many pixels of random colour between which it is smooth
# The mean over the made chips; 0.06 on processors that compute right, more than 0.3 where integers went wrong.
MAX_MEAN_ERROR: Final = 0.12
CPU_INFO: Final = Path("/proc/cpuinfo")
CPU_FIELDS: Final = ("model name", "flags", "Features", "CPU implementer", "CPU part")

Network = Callable[[Image], Descriptor]  # takes a face chip, (150, 150, 3) RGB

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both networks on one processor: milliseconds of processor time, and int8's mean distance from float32."""

    machine: str
    fp32_ms: float
    int8_ms: float
    mean_error: float

    @property
    def is_int8_right(self) -> bool:
        return self.mean_error <= MAX_MEAN_ERROR

    @property
    def is_int8_faster(self) -> bool:
        return self.is_int8_right and self.int8_ms <= MAX_SHARE * self.fp32_ms

    def __str__(self) -> str:
        return f"int8 takes {self.int8_ms:.1f} ms, fp32 {self.fp32_ms:.1f} ms"


def stored(cache_folder: Path) -> Comparison | None:
    """The comparison made on this machine earlier, if there is one."""
    try:
        comparison = Comparison(**json.loads(_path(cache_folder).read_text("utf-8")))
        return comparison if comparison.machine == machine() and comparison.fp32_ms > 0 else None
    except (OSError, ValueError, TypeError):
        return None  # absent, or not as written: it is made again


def compare(cache_folder: Path, fp32: Network, int8: Network) -> Comparison:
    """Measures both, in turn so that both see the same load, and stores the result if the folder can be written."""
    comparison = _measure(fp32, int8)
    try:
        write_atomically(_path(cache_folder), json.dumps(asdict(comparison), indent=2).encode())
    except OSError as error:
        _log.info("The comparison cannot be stored in %s (%s): each start repeats it.", cache_folder, error.strerror)
    return comparison


@cache
def machine() -> str:
    """A hash of what the comparison depends on: the processor and its abilities, and ONNX Runtime's version."""
    parts = [platform.machine(), platform.processor(), _runtime_version(), *_cpu_info()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def made_chips() -> list[Image]:
    """(150, 150, 3) pictures of nothing, smooth like faces, and the same on every machine."""
    random = np.random.default_rng(0)
    return [_smooth(random.uniform(0, 255, (COARSE_PX, COARSE_PX, 3))) for _ in range(MADE_CHIPS)]


def _measure(fp32: Network, int8: Network) -> Comparison:
    chips = made_chips()
    errors = [distance(int8(chip), fp32(chip)) for chip in chips]
    ms: dict[Network, list[float]] = {fp32: [], int8: []}
    for number in range(WARM_UPS + ROUNDS):
        for network, taken in ms.items():
            taken.append(_cpu_ms(network, chips[number % len(chips)]))
    # The least: whatever else runs on the machine can only add to it.
    fp32_ms, int8_ms = (round(min(taken[WARM_UPS:]), 3) for taken in ms.values())
    return Comparison(machine(), fp32_ms, int8_ms, round(float(np.mean(errors)), 4))


def _cpu_ms(network: Network, chip: Image) -> float:
    start = time.thread_time_ns()
    network(chip)
    return (time.thread_time_ns() - start) / 1e6


def _runtime_version() -> str:
    try:
        return metadata.version("onnxruntime")
    except metadata.PackageNotFoundError:
        return ""


def _cpu_info() -> list[str]:
    """The first processor's entries, on Linux."""
    try:
        first = CPU_INFO.read_text("utf-8").partition("\n\n")[0]
    except OSError:
        return []
    return [line for line in first.splitlines() if line.startswith(CPU_FIELDS)]


def _smooth(coarse: np.ndarray) -> Image:
    place = np.linspace(0, len(coarse) - 1, CHIP_PX)
    before = np.minimum(place.astype(int), len(coarse) - 2)
    share = (place - before)[:, None, None]
    rows = coarse[before] * (1 - share) + coarse[before + 1] * share
    columns = rows.transpose(1, 0, 2)
    chip: Image = (columns[before] * (1 - share) + columns[before + 1] * share).astype(np.uint8)
    return chip


def _path(cache_folder: Path) -> Path:
    return cache_folder / f"descriptor-{FORMAT}.json"
