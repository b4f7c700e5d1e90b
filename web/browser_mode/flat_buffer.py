"""Flatbuffers, as far as a model needs them: reading a few tables, and writing new ones in front of an old file.

Offsets in a flatbuffer only point forward. So a table that is written in front of a file can refer to whatever is in
the file, which stays as it is, to the byte. The format: https://flatbuffers.dev/internals/
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ALIGNMENT = 16  # of a model's buffers
Position = int | Callable[[], int]  # known once all is laid out


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file."""

    data: bytes
    at: int

    @classmethod
    def root(cls, data: bytes) -> "Table":
        return cls(data, _uint(data, 0))

    def field(self, number: int) -> int | None:
        """Where the field is, None if the table has none."""
        layout = self.at - int(struct.unpack_from("<i", self.data, self.at)[0])
        size = int(struct.unpack_from("<H", self.data, layout)[0])
        if 4 + 2 * number >= size:
            return None
        offset = int(struct.unpack_from("<H", self.data, layout + 4 + 2 * number)[0])
        return self.at + offset if offset else None

    def uint(self, number: int) -> int:
        at = self.field(number)
        return 0 if at is None else _uint(self.data, at)

    def target(self, number: int) -> int | None:
        """Where the vector, string or table is that the field refers to."""
        at = self.field(number)
        return None if at is None else at + _uint(self.data, at)

    def tables(self, number: int) -> list["Table"]:
        at = self.target(number)
        if at is None:
            return []
        places = [at + 4 + 4 * index for index in range(_uint(self.data, at))]
        return [Table(self.data, place + _uint(self.data, place)) for place in places]

    def ints(self, number: int) -> list[int]:
        at = self.target(number)
        return [] if at is None else list(struct.unpack_from(f"<{_uint(self.data, at)}i", self.data, at + 4))

    def text(self, number: int) -> str:
        at = self.target(number)
        return "" if at is None else self.data[at + 4 : at + 4 + _uint(self.data, at)].decode()


@dataclass(frozen=True, slots=True)
class Old:
    """A table of the old file."""

    table: Table


@dataclass(frozen=True, slots=True)
class Raw:
    """A vector or string of numbers: how many there are, their bytes, and a string's closing zero."""

    count: int
    content: bytes

    @classmethod
    def ints(cls, numbers: Sequence[int]) -> "Raw":
        return cls(len(numbers), struct.pack(f"<{len(numbers)}i", *numbers))

    @classmethod
    def floats(cls, numbers: Sequence[float]) -> "Raw":
        return cls(len(numbers), struct.pack(f"<{len(numbers)}f", *numbers))

    @classmethod
    def text(cls, text: str) -> "Raw":
        return cls(len(text.encode()), text.encode() + b"\0")

    @classmethod
    def data(cls, data: bytes) -> "Raw":
        return cls(len(data), data)


@dataclass(frozen=True, slots=True)
class New:
    """A new table: by their numbers, its fields. A plain number takes four bytes, also where one would do."""

    fields: dict[int, "int | Node"]


Node = Old | Raw | New | list["Node"]


def write(root: New, identifier: bytes, old: bytes = b"") -> bytes:
    """A file with the root table in front of the old file."""
    head = bytearray(struct.pack("<I", 0) + identifier)
    pending: list[tuple[int, Node]] = [(0, root)]  # where an offset to a node is missing
    to_old: list[tuple[int, int]] = []
    while pending:
        place, node = pending.pop(0)
        if isinstance(node, Old):
            to_old.append((place, node.table.at))
        else:
            struct.pack_into("<I", head, place, _append(head, node, pending) - place)
    head.extend(bytes(-len(head) % ALIGNMENT))
    for place, at in to_old:
        struct.pack_into("<I", head, place, len(head) + at - place)
    return bytes(head) + old


def _append(head: bytearray, node: Raw | New | list[Node], pending: list[tuple[int, Node]]) -> int:
    """Append a node to the head; returns where it begins."""
    if isinstance(node, New):
        return _append_table(head, node, pending)
    head.extend(bytes((-len(head) - 4) % ALIGNMENT))  # the content of a vector is aligned, not its count
    at = len(head)
    if isinstance(node, Raw):
        head.extend(struct.pack("<I", node.count) + node.content)
    else:
        head.extend(struct.pack("<I", len(node)) + bytes(4 * len(node)))
        pending.extend((at + 4 + 4 * index, each) for index, each in enumerate(node))
    return at


def _append_table(head: bytearray, node: New, pending: list[tuple[int, Node]]) -> int:
    numbers = sorted(node.fields)
    offsets = [0] * (numbers[-1] + 1)
    for index, number in enumerate(numbers):
        offsets[number] = 4 + 4 * index
    layout = struct.pack(f"<{2 + len(offsets)}H", 4 + 2 * len(offsets), 4 + 4 * len(numbers), *offsets)
    head.extend(bytes(-(len(head) + len(layout)) % 4))
    layout_at = len(head)
    at = layout_at + len(layout)
    head.extend(layout + struct.pack("<i", at - layout_at))
    for number in numbers:
        value = node.fields[number]
        if isinstance(value, int):
            head.extend(struct.pack("<i", value))
        else:
            pending.append((len(head), value))
            head.extend(bytes(4))
    return at


def _uint(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])
