"""common.http.zip_stream: its output can be read by the standard library, and by unzip if it is installed."""

import io
import shutil
import struct
import subprocess
import tracemalloc
import zipfile
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.http.zip_stream import DEFLATED, STORED, Entry, zip_stream

MOMENT = datetime(2026, 11, 23, 9, 30, 58, tzinfo=UTC)
TEXT = b"the same words again and again, " * 1000
MIB = 2**20
ZEROS = bytes(64 * MIB)

UNZIP = shutil.which("unzip") or ""
needs_unzip = pytest.mark.skipif(not UNZIP, reason="unzip is not installed")


def entry(name: str, *chunks: bytes, method: int = DEFLATED, modified: datetime = MOMENT) -> Entry:
    return Entry(name, modified, chunks, method)


def make_zip(*entries: Entry) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_stream(entries))))
    assert archive.testzip() is None
    return archive


def assert_unzip_accepts(path: Path) -> None:
    result = subprocess.run([UNZIP, "-tq", str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_entries_give_an_empty_zip() -> None:
    assert make_zip().namelist() == []


@pytest.mark.parametrize("method", [STORED, DEFLATED])
@pytest.mark.parametrize("chunks", [(), (b"",), (b"a",), (b"", b"a", b"", b"b"), (TEXT, TEXT), (bytes(range(256)),)])
def test_chunks_are_joined(method: int, chunks: tuple[bytes, ...]) -> None:
    archive = make_zip(entry("file", *chunks, method=method))
    info = archive.getinfo("file")
    assert archive.read("file") == b"".join(chunks)
    assert (info.compress_type, info.file_size) == (method, len(b"".join(chunks)))


def test_only_deflated_entries_are_smaller() -> None:
    archive = make_zip(entry("deflated", TEXT), entry("stored", TEXT, method=STORED))
    assert archive.getinfo("deflated").compress_size < len(TEXT) / 10
    assert archive.getinfo("stored").compress_size == len(TEXT)


def test_entries_keep_order_names_and_times() -> None:
    names = ["account.json", "frames/2026-11-23/09-30-58.jpg", "미나/보고서.json", "ß ' \" \n.txt", "n" * 1000]
    archive = make_zip(*(entry(name, name.encode()) for name in names))
    assert archive.namelist() == names
    for info in archive.infolist():
        assert archive.read(info) == info.filename.encode()
        assert info.date_time == (2026, 11, 23, 9, 30, 58)


def test_unpacked_files_are_readable_only_by_owner() -> None:
    info = make_zip(entry("file", b"a")).getinfo("file")
    assert (info.create_system, info.external_attr >> 16) == (3, 0o100600)


@pytest.mark.parametrize(
    ("year", "expected"),
    [(1, 1980), (1970, 1980), (1979, 1980), (1980, 1980), (2107, 2107), (2108, 2107), (9998, 2107)],
)
def test_year_is_clamped_to_the_zip_range(year: int, expected: int) -> None:
    archive = make_zip(entry("file", b"a", modified=MOMENT.replace(year=year)))
    assert archive.getinfo("file").date_time == (expected, 11, 23, 9, 30, 58)


@needs_unzip
def test_unzip_accepts_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    entries = [entry("미나.txt", TEXT), entry("empty"), entry("stored", TEXT, method=STORED)]
    path.write_bytes(b"".join(zip_stream(entries)))
    assert_unzip_accepts(path)


def test_entries_are_requested_lazily() -> None:
    requested = []

    def entries() -> Iterator[Entry]:
        for name in "ab":
            requested.append(name)
            yield entry(name, b"chunk", method=STORED)

    stream = zip_stream(entries())
    assert not requested
    received = b""
    while b"chunk" not in received:
        received += next(stream)
    assert requested == ["a"]
    assert b"".join(stream).count(b"chunk") == 1
    assert requested == ["a", "b"]


@pytest.mark.parametrize(("count", "is_zip64"), [(65_534, False), (65_535, True), (70_000, True)])
def test_any_number_of_entries_is_readable(count: int, is_zip64: bool, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    entries = (entry(f"{n}", str(n).encode(), method=STORED) for n in range(count))
    with path.open("wb") as file:
        file.writelines(zip_stream(entries))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [str(n) for n in range(count)]
        for n in (0, count // 2, count - 1):
            assert archive.read(str(n)) == str(n).encode()
    tail = path.read_bytes()[-98:]
    assert (b"PK\6\6" in tail, b"PK\6\7" in tail) == (is_zip64, is_zip64)
    if is_zip64:
        assert struct.unpack_from("<2Q", tail, 24) == (count, count)
        assert struct.unpack_from("<2H", tail, 76 + 8) == (0xFFFF, 0xFFFF)


@needs_unzip
def test_unzip_reads_more_than_65535_entries(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with path.open("wb") as file:
        file.writelines(zip_stream(entry(f"{n}", b"a", method=STORED) for n in range(66_000)))
    assert_unzip_accepts(path)


def write_with_holes(path: Path, chunks: Iterable[bytes], zeros: bytes) -> None:
    """Write the chunks to a file, with a hole on the disk for each chunk of zeros."""
    with path.open("wb") as file:
        for chunk in chunks:
            if chunk is zeros:
                file.seek(len(zeros), io.SEEK_CUR)
            else:
                file.write(chunk)


@pytest.fixture(scope="module")
def large_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip file of more than 4 GiB, nearly all of them holes. To compute its checksums takes a second."""
    path = tmp_path_factory.mktemp("large") / "large.zip"
    large = [entry(name, *[ZEROS] * 33, method=STORED) for name in ("first", "second")]  # 2.06 GiB each
    write_with_holes(path, zip_stream([*large, entry("third", b"last"), entry("fourth", TEXT)]), ZEROS)
    return path


def test_entry_beyond_4_gib_is_readable(large_zip: Path) -> None:
    assert large_zip.stat().st_size > 2**32
    with zipfile.ZipFile(large_zip) as archive:
        assert archive.namelist() == ["first", "second", "third", "fourth"]
        offsets = [info.header_offset for info in archive.infolist()]
        assert offsets[1] < 2**32 < offsets[2] < offsets[3]
        assert [info.file_size for info in archive.infolist()][:2] == [len(ZEROS) * 33] * 2
        assert (archive.read("third"), archive.read("fourth")) == (b"last", TEXT)
        with archive.open("second") as file:
            assert file.read(MIB) == ZEROS[:MIB]


@needs_unzip
def test_unzip_reads_an_entry_beyond_4_gib(large_zip: Path) -> None:
    result = subprocess.run([UNZIP, "-p", str(large_zip), "fourth"], capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (0, TEXT)


def peak_memory(entries: Iterable[Entry]) -> int:
    """The peak memory in bytes while the zip is streamed."""
    tracemalloc.start()
    try:
        for _ in zip_stream(entries):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_entries() -> None:
    few, many = (
        peak_memory(entry(f"{n:0200}", b"a", method=STORED) for n in range(count)) for count in (10_000, 15_000)
    )
    assert few < 4 * MIB  # the records of the first entries are held in memory
    assert many < few + 64 * 1024


def test_memory_does_not_grow_with_entry_size() -> None:
    chunk = bytes(64 * 1024)
    small, large = (peak_memory([Entry("file", MOMENT, (chunk for _ in range(count)), STORED)]) for count in (10, 1000))
    assert large < small + 64 * 1024


def test_closed_stream_deletes_its_records() -> None:
    stream = zip_stream(entry(f"{n:0200}", method=STORED) for n in range(10_000))
    for _ in range(9000 * 2):
        next(stream)
    assert isinstance(stream, Generator)
    stream.close()  # a file left open would be a warning, and so an error
