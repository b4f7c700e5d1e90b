"""Writes a zip file of any length as a stream, in constant memory.

The standard library holds every entry's record in memory until the end; here the records go to a temporary file, so
that a zip may have a million entries. The format is PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile

STORED, DEFLATED = 0, 8
RECORDS_IN_MEMORY = 1 << 20
COPY_BYTES = 1 << 16

_FLAGS = 0x0808  # sizes follow the data, names are UTF-8
_ZIP64 = 45  # the version of the format that has offsets over 4 GiB
_MADE_BY_UNIX, _OWNER_ONLY = 3 << 8, 0o100600 << 16
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF

_LOCAL = struct.Struct("<4s5H3L2H")
_DESCRIPTOR = struct.Struct("<4s3L")
_RECORD = struct.Struct("<4s6H3L5H2L")
_OFFSET_EXTRA = struct.Struct("<2HQ")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the zip, under 4 GiB; its chunks are read once."""

    name: str
    modified: datetime
    chunks: Iterable[bytes]
    method: int = DEFLATED


def zip_stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The zip's bytes in chunks; each entry is taken from `entries` once the one before it is written."""
    offset = count = 0
    with SpooledTemporaryFile(RECORDS_IN_MEMORY) as records:
        for entry in entries:
            start = offset
            name, dos_time = entry.name.encode(), _dos_time(entry.modified)
            head = _LOCAL.pack(b"PK\3\4", _ZIP64, _FLAGS, entry.method, *dos_time, 0, 0, 0, len(name), 0) + name
            yield head
            crc = size = written = 0
            compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS) if entry.method == DEFLATED else None
            for chunk in entry.chunks:
                crc, size = zlib.crc32(chunk, crc), size + len(chunk)
                compressed = compressor.compress(chunk) if compressor else chunk
                written += len(compressed)
                yield compressed
            rest = compressor.flush() if compressor else b""
            written += len(rest)
            yield rest + _DESCRIPTOR.pack(b"PK\7\10", crc, written, size)
            offset += len(head) + written + _DESCRIPTOR.size
            count += 1
            records.write(_record(name, entry.method, dos_time, crc, written, size, start))
        length = records.tell()
        records.seek(0)
        while part := records.read(COPY_BYTES):
            yield part
    yield _end(count, length, offset)


def _record(name: bytes, method: int, dos: tuple[int, int], crc: int, written: int, size: int, start: int) -> bytes:
    extra = _OFFSET_EXTRA.pack(1, 8, start) if start >= _MAX_32 else b""
    fields = (_MADE_BY_UNIX | _ZIP64, _ZIP64, _FLAGS, method, *dos, crc, written, size)
    tail = (len(name), len(extra), 0, 0, 0, _OWNER_ONLY, min(start, _MAX_32))
    return _RECORD.pack(b"PK\1\2", *fields, *tail) + name + extra


def _end(count: int, length: int, offset: int) -> bytes:
    end = _END.pack(b"PK\5\6", 0, 0, *[min(count, _MAX_16)] * 2, min(length, _MAX_32), min(offset, _MAX_32), 0)
    if count < _MAX_16 and length < _MAX_32 and offset < _MAX_32:
        return end
    body = _END_64.size - 12
    wide = _END_64.pack(b"PK\6\6", body, _MADE_BY_UNIX | _ZIP64, _ZIP64, 0, 0, count, count, length, offset)
    return wide + _LOCATOR_64.pack(b"PK\6\7", 0, offset + length, 1) + end


def _dos_time(modified: datetime) -> tuple[int, int]:
    year = min(max(modified.year, 1980), 2107)
    time = modified.hour << 11 | modified.minute << 5 | modified.second // 2
    return time, (year - 1980) << 9 | modified.month << 5 | modified.day
