"""Reads dlib's serialization format, which its weight files and its face detector use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIGN_BIT = 0x80
LENGTH_BITS = 0x0F
TENSOR_VERSION = 2
TENSOR_DIMENSIONS = 4


class DlibFormatError(ValueError):
    """The bytes are not what dlib would have written."""


@dataclass(slots=True)
class Reader:
    """Reads forward from a position. Every method raises DlibFormatError if it finds something else."""

    data: bytes
    position: int = 0

    def integer(self) -> int:
        """An integer: a byte with sign and length, then that many little-endian bytes."""
        control = self._take(1)[0]
        value = int.from_bytes(self._take(control & LENGTH_BITS), "little")
        return -value if control & SIGN_BIT else value

    def tensor(self) -> NDArray[np.float32]:
        """A tensor's numbers, flat. Format: a version, four dimensions, then float32."""
        if self.integer() != TENSOR_VERSION:
            raise DlibFormatError(f"There is no tensor at byte {self.position}.")
        dimensions = [self.integer() for _ in range(TENSOR_DIMENSIONS)]
        return np.frombuffer(self._take(4 * int(np.prod(dimensions))), "<f4")

    def skip_past(self, name: bytes) -> None:
        """Move just past the next occurrence of a layer's name."""
        found = self.data.find(name, self.position)
        if found < 0:
            raise DlibFormatError(f"There is no {name.decode()} after byte {self.position}.")
        self.position = found + len(name)

    def _take(self, count: int) -> bytes:
        start, self.position = self.position, self.position + count
        if not start <= self.position <= len(self.data):
            raise DlibFormatError("The data end too early.")
        return self.data[start : self.position]


def integer_bytes(value: int) -> bytes:
    """A non-negative integer as dlib writes it."""
    length = max(1, (value.bit_length() + 7) // 8)
    return bytes([length]) + value.to_bytes(length, "little")
