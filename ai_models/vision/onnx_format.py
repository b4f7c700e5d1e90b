"""Writes ONNX models: the few messages of its protobuf format that a network of plain operators needs.

A message is a sequence of fields. Each starts with its number and its wire type: 0 for an integer in groups of seven
bits, 2 for a length and that many bytes, 5 for a float. Sources: protobuf's "Encoding" and ONNX's onnx.proto.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

OPSET: Final = 17
IR_VERSION: Final = 8

DATA_TYPES: Final[Mapping[str, int]] = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
FLOAT_ATTRIBUTE, INTEGER_ATTRIBUTE, INTEGERS_ATTRIBUTE = 1, 2, 7
INTEGER_WIRE, BYTES_WIRE, FLOAT_WIRE = 0, 2, 5

Attribute = int | float | Sequence[int]


@dataclass(frozen=True, slots=True)
class Value:
    """The name, dtype and shape of the model's input or output."""

    name: str
    dtype: DTypeLike
    shape: Sequence[int] | None = None  # unknown


@dataclass(slots=True)
class ModelWriter:
    """A model under construction; each addition returns the name of the new tensor."""

    _nodes: list[bytes] = field(default_factory=list)
    _constants: list[bytes] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Attribute) -> str:
        """Add an operator with one output, which is named here or by itself."""
        name = output or f"{operator}_{len(self._nodes)}"
        self._nodes.append(
            b"".join(_bytes(1, each.encode()) for each in inputs)
            + _bytes(2, name.encode())
            + _bytes(4, operator.encode())
            + b"".join(_bytes(5, _attribute(key, value)) for key, value in attributes.items())
        )
        return name

    def constant(self, array: NDArray[Any]) -> str:
        """Add a tensor of a dtype in DATA_TYPES."""
        name = f"constant_{len(self._constants)}"
        raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
        dimensions = b"".join(_integer(1, size) for size in array.shape)
        kind = _integer(2, data_type(array.dtype))
        self._constants.append(dimensions + kind + _bytes(8, name.encode()) + _bytes(9, raw))
        return name

    def model(self, name: str, inputs: Sequence[Value], outputs: Sequence[Value]) -> bytes:
        """The file's content."""
        graph = (
            b"".join(_bytes(1, node) for node in self._nodes)
            + _bytes(2, name.encode())
            + b"".join(_bytes(5, constant) for constant in self._constants)
            + b"".join(_bytes(11, _value(value)) for value in inputs)
            + b"".join(_bytes(12, _value(value)) for value in outputs)
        )
        operators = _bytes(1, b"") + _integer(2, OPSET)
        return _integer(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, operators)


def data_type(dtype: DTypeLike) -> int:
    """ONNX's number of a dtype."""
    return DATA_TYPES[np.dtype(dtype).name]


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        content = _integer(3, value) + _integer(20, INTEGER_ATTRIBUTE)
    elif isinstance(value, float):
        content = _key(2, FLOAT_WIRE) + struct.pack("<f", value) + _integer(20, FLOAT_ATTRIBUTE)
    else:
        content = b"".join(_integer(8, each) for each in value) + _integer(20, INTEGERS_ATTRIBUTE)
    return _bytes(1, name.encode()) + content


def _value(value: Value) -> bytes:
    tensor = _integer(1, data_type(value.dtype))
    if value.shape is not None:
        tensor += _bytes(2, b"".join(_bytes(1, _integer(1, size)) for size in value.shape))
    return _bytes(1, value.name.encode()) + _bytes(2, _bytes(1, tensor))


def _integer(number: int, value: int) -> bytes:
    return _key(number, INTEGER_WIRE) + _varint(value)


def _bytes(number: int, value: bytes) -> bytes:
    return _key(number, BYTES_WIRE) + _varint(len(value)) + value


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; every byte but the last has its top bit set. Negative ones have 64 bits."""
    value &= 2**64 - 1
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
