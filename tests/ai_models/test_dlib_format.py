import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_models.vision.dlib_format import DlibFormatError, Reader, integer_bytes

TENSOR = bytes.fromhex("01020101010201010103")  # version 2; 1 x 2 x 1 x 3
NUMBERS = np.array([0.5, -1.0, 2.0, 0.0, 1e-3, 3.25], "<f4")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("0100", 0),
        ("0101", 1),
        ("01ff", 255),
        ("020001", 256),
        ("02e803", 1000),  # 0x03e8
        ("0400ca9a3b", 1_000_000_000),  # 0x3b9aca00
        ("08ffffffffffffff7f", 2**63 - 1),
        ("8101", -1),
        ("822c01", -300),  # 0x012c
    ],
)
def test_integer_has_signed_length_and_little_endian_bytes(data: str, value: int) -> None:
    reader = Reader(bytes.fromhex(data) + b"more")
    assert reader.integer() == value
    assert reader.position == len(data) // 2


def test_integers_are_read_in_sequence() -> None:
    reader = Reader(bytes.fromhex("01058105020001"))
    assert [reader.integer() for _ in range(3)] == [5, -5, 256]


@pytest.mark.parametrize(
    ("value", "data"), [(0, "0100"), (5, "0105"), (255, "01ff"), (256, "020001"), (1000, "02e803")]
)
def test_integer_is_written_in_fewest_bytes(value: int, data: str) -> None:
    assert integer_bytes(value).hex() == data


@given(value=st.integers(0, 2**64 - 1))
def test_written_integer_is_read_back(value: int) -> None:
    reader = Reader(integer_bytes(value))
    assert (reader.integer(), reader.position) == (value, len(integer_bytes(value)))


@pytest.mark.parametrize("data", ["", "01", "0200", "84000000"])
def test_truncated_integer_is_refused(data: str) -> None:
    with pytest.raises(DlibFormatError, match=r"^The data end too early\.$"):
        Reader(bytes.fromhex(data)).integer()


def test_tensor_has_version_four_dimensions_and_numbers() -> None:
    reader = Reader(b"before" + TENSOR + NUMBERS.tobytes() + b"after", position=6)
    tensor = reader.tensor()
    assert (tensor.dtype.name, tensor.tolist()) == ("float32", NUMBERS.tolist())
    assert reader.data[reader.position :] == b"after"


def test_tensor_of_another_version_is_refused() -> None:
    with pytest.raises(DlibFormatError, match=r"^There is no tensor at byte 2\.$"):
        Reader(b"\x01\x03" + TENSOR[2:] + NUMBERS.tobytes()).tensor()


@pytest.mark.parametrize("length", [0, 1, 5, len(TENSOR), len(TENSOR) + 23])
def test_truncated_tensor_is_refused(length: int) -> None:
    with pytest.raises(DlibFormatError, match=r"^The data end too early\.$"):
        Reader((TENSOR + NUMBERS.tobytes())[:length]).tensor()


def test_reading_continues_after_the_next_name() -> None:
    reader = Reader(b"con_4 \x01\x07 con_4\x01\x09")
    reader.skip_past(b"con_4 ")
    assert reader.integer() == 7
    reader.skip_past(b"con_4")
    assert reader.integer() == 9


def test_missing_name_is_refused() -> None:
    reader = Reader(b"fc_2 con_4", position=1)
    with pytest.raises(DlibFormatError, match=r"^There is no fc_2 after byte 1\.$"):
        reader.skip_past(b"fc_2")
