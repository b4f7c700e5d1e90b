import base64
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ai_models.vision import frame as frame_module
from ai_models.vision.frame import (
    JPEG_START,
    MAX_PNG_CHUNKS,
    MAX_PNG_CHUNKS_BESIDE_DATA,
    PNG_DATA_UNCHECKED_BYTES,
    Frame,
    InvalidFrame,
    decode,
    parse_data_url,
    read_frame,
)
from tests import pictures

PICTURE = pictures.small()
HEIGHT, WIDTH = PICTURE.shape[:2]
PNG = pictures.png(PICTURE)
JPEG = pictures.jpeg(PICTURE)
SOF = JPEG.index(b"\xff\xc0")
SOS = JPEG.index(b"\xff\xda")

NOT_BASE64 = "This is not base64. Send the camera's photo as a base64 data URL."
NOT_BASE64_URL = "This data URL is not base64. Send data:image/jpeg;base64,… or data:image/png;base64,…."
EMPTY = "The picture is empty. Send the camera's photo as a base64 data URL."
NEITHER = "This is neither a JPEG nor a PNG picture."
JPEG_CUT = "The JPEG picture is cut off."
JPEG_HEADER = "The JPEG picture's header is damaged."
PNG_CUT = "The PNG picture is cut off."
PNG_HEADER = "The PNG picture's header is damaged."
NO_PIXELS = "The picture has no pixels."
TOO_MANY_SCANS = "The JPEG picture has more than 32 scans. Save it as a baseline JPEG."


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidFrame) as refused:
        read_frame(data)
    return str(refused.value)


def text_refusal(data: str) -> str:
    with pytest.raises(InvalidFrame) as refused:
        parse_data_url(data)
    return str(refused.value)


def with_bytes(data: bytes, position: int, new: bytes) -> bytes:
    return data[:position] + new + data[position + len(new) :]


def too_large(width: int, height: int) -> str:
    return f"The picture is {width} × {height} pixels; at most 4096 a side are accepted. Send a smaller one."


# --- From text to a frame ---


def test_png_data_url_gives_a_frame() -> None:
    assert parse_data_url(pictures.data_url(PNG, "image/png")) == Frame(PNG, "image/png", WIDTH, HEIGHT)


def test_jpeg_data_url_gives_a_frame() -> None:
    assert parse_data_url(pictures.data_url(JPEG, "image/jpeg")) == Frame(JPEG, "image/jpeg", WIDTH, HEIGHT)


@pytest.mark.parametrize("declared", ["image/png", "image/jpeg", "text/plain", "", "image/png;charset=utf-8"])
def test_type_comes_from_bytes_not_declaration(declared: str) -> None:
    assert parse_data_url(pictures.data_url(JPEG, declared)) == Frame(JPEG, "image/jpeg", WIDTH, HEIGHT)
    assert parse_data_url(pictures.data_url(PNG, declared)) == Frame(PNG, "image/png", WIDTH, HEIGHT)


def test_upper_case_data_url_is_accepted() -> None:
    assert parse_data_url(f"DATA:IMAGE/PNG;BASE64,{text(PNG)}") == Frame(PNG, "image/png", WIDTH, HEIGHT)


@pytest.mark.parametrize("data", [PNG, JPEG])
def test_bare_base64_is_accepted(data: bytes) -> None:
    assert parse_data_url(text(data)) == read_frame(data)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", " "])
def test_base64_with_line_breaks_is_accepted(line_break: str) -> None:
    broken = line_break.join(text(JPEG)[start : start + 76] for start in range(0, len(text(JPEG)), 76))
    assert parse_data_url(broken + line_break) == read_frame(JPEG)
    assert parse_data_url("data:image/jpeg;base64," + broken) == read_frame(JPEG)


@pytest.mark.parametrize("sent", ["no picture!", text(PNG)[:-1], text(PNG) + "=", "%%%", "데이터", "\ud800", "\x00"])
def test_invalid_base64_is_refused(sent: str) -> None:
    assert text_refusal(sent) == NOT_BASE64
    assert text_refusal("data:image/png;base64," + sent) == NOT_BASE64


@pytest.mark.parametrize("sent", ["hello", "<svg xmlns='http://www.w3.org/2000/svg'/>", "{}"])
def test_base64_of_text_is_refused(sent: str) -> None:
    assert text_refusal(text(sent.encode())) == NEITHER


@pytest.mark.parametrize("sent", ["", "data:image/png;base64,", "data:;base64,"])
def test_empty_picture_is_refused(sent: str) -> None:
    assert text_refusal(sent) == EMPTY


@pytest.mark.parametrize("sent", ["   ", "\n", "====", "data:image/png;base64,=="])
def test_blanks_or_padding_alone_are_refused(sent: str) -> None:
    assert text_refusal(sent) in {NEITHER, NOT_BASE64, EMPTY}


@pytest.mark.parametrize("header", ["data:", "data:image/png", "data:image/png,", "data:image/png;base64", "data:,"])
def test_data_url_without_base64_is_refused(header: str) -> None:
    sent = header if "," not in header else header + text(PNG)
    assert text_refusal(sent) == NOT_BASE64_URL


# --- From bytes to a frame ---


def test_frame_holds_the_received_bytes() -> None:
    assert read_frame(JPEG).data is JPEG


@pytest.mark.parametrize("data", [PNG, JPEG])
def test_bytes_after_the_picture_are_ignored(data: bytes) -> None:
    frame = read_frame(data + b"\x00\x00trailer")
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    assert decode(frame).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(("data", "pixel_bytes"), [(JPEG, 4), (PNG, 8)])
def test_bytes_behind_the_picture_are_bounded(data: bytes, pixel_bytes: int) -> None:
    limit = 64 * 2**10 + pixel_bytes * WIDTH * HEIGHT + 2**20
    padded = data + bytes(limit - len(data))
    assert read_frame(padded).data == data
    with pytest.raises(InvalidFrame, match=rf"has {limit + 1} bytes, more than {WIDTH} × {HEIGHT} pixels need"):
        read_frame(padded + b"\0")


def test_bytes_of_the_picture_are_bounded_by_its_pixels() -> None:
    comment = b"\xff\xfe\x7f\xff" + bytes(2**15 - 3)
    assert read_frame(JPEG[:2] + comment + JPEG[2:]).data.startswith(JPEG[:2] + comment)
    with pytest.raises(InvalidFrame, match="more than 64 × 48 pixels need"):
        read_frame(JPEG[:2] + 3 * comment + JPEG[2:])
    with pytest.raises(InvalidFrame, match="more than 64 × 48 pixels need"):
        read_frame(png_with(*[chunk(b"tEXt", b"a\0" + b"b" * 2**15)] * 3))


def test_noise_in_the_best_quality_is_accepted() -> None:
    """The most that a camera's picture can take: no two pixels alike."""
    noise = np.random.default_rng(0).integers(0, 2**16, (480, 640, 4), np.uint16)
    assert len(read_frame(encoded(".png", noise, [cv2.IMWRITE_PNG_COMPRESSION, 0])).data) > 8 * 640 * 480
    best = [cv2.IMWRITE_JPEG_QUALITY, 100, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    assert len(read_frame(encoded(".jpg", (noise[:, :, :3] // 256).astype(np.uint8), best)).data) > 2 * 640 * 480


def encoded(kind: str, image: Any, options: list[int]) -> bytes:
    return bytes(cv2.imencode(kind, image, options)[1])


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8", b"\x89PNG", b"GIF89a" + bytes(40), b"BM" + bytes(60)])
def test_other_formats_are_refused(data: bytes) -> None:
    assert refusal(data) == NEITHER


@pytest.mark.parametrize("length", [3, 4, 5, 20, SOF + 2, SOF + 6, SOS, SOS + 1, SOS + 2, SOS + 20, len(JPEG) - 1])
def test_truncated_jpeg_is_refused(length: int) -> None:
    assert refusal(JPEG[:length]) == JPEG_CUT


def test_jpeg_truncated_anywhere_is_refused() -> None:
    assert {refusal(JPEG[:length]) for length in range(3, len(JPEG))} == {JPEG_CUT}


@pytest.mark.parametrize("length", [8, 12, 16, 24, 32])
def test_png_truncated_in_header_is_refused(length: int) -> None:
    assert refusal(PNG[:length]) == PNG_HEADER


@pytest.mark.parametrize("length", [33, 60, len(PNG) // 2, len(PNG) - 12, len(PNG) - 5])
def test_png_truncated_after_header_is_refused(length: int) -> None:
    assert refusal(PNG[:length]) == PNG_CUT


@pytest.mark.parametrize(("width", "height"), [(60000, 60000), (4097, 1), (1, 4097), (2**32 - 1, 2**32 - 1)])
def test_png_with_too_many_pixels_is_refused(width: int, height: int) -> None:
    assert refusal(pictures.png_announcing(width, height)) == too_large(width, height)


@pytest.mark.parametrize(("width", "height"), [(65535, 65535), (4097, 1), (1, 4097)])
def test_jpeg_with_too_many_pixels_is_refused(width: int, height: int) -> None:
    sides = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    assert refusal(with_bytes(JPEG, SOF + 5, sides)) == too_large(width, height)


def test_largest_accepted_side_is_4096() -> None:
    strip = np.zeros((2, 4096, 3), np.uint8)
    for data in (pictures.png(strip), pictures.jpeg(strip)):
        frame = read_frame(data)
        assert (frame.width, frame.height) == (4096, 2)
        assert decode(frame).shape == (2, 4096, 3)


@pytest.mark.parametrize("position", [16, 20])
def test_png_with_a_zero_side_is_refused(position: int) -> None:
    assert refusal(with_bytes(PNG, position, bytes(4))) == NO_PIXELS


@pytest.mark.parametrize("position", [SOF + 5, SOF + 7])
def test_jpeg_with_a_zero_side_is_refused(position: int) -> None:
    assert refusal(with_bytes(JPEG, position, bytes(2))) == NO_PIXELS


END_IN_A_COMMENT = JPEG[:2] + b"\xff\xfe\x00\x08" + b"\xff\xd9\xff\xda\x00\x01" + JPEG[2:]
WITH_RESTARTS = cv2.imencode(".jpg", PICTURE, [cv2.IMWRITE_JPEG_RST_INTERVAL, 1])[1].tobytes()
PROGRESSIVE = cv2.imencode(".jpg", PICTURE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
VIDEO = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda\x00\x0c\xff\xd9" * 100


@pytest.mark.parametrize("picture", [JPEG, END_IN_A_COMMENT, WITH_RESTARTS, PROGRESSIVE, PNG])
@pytest.mark.parametrize("behind", [b"", b"\xff", VIDEO, JPEG, PROGRESSIVE * 40, PNG])
def test_frame_ends_where_its_picture_ends(picture: bytes, behind: bytes) -> None:
    frame = read_frame(picture + behind)
    assert frame.data == picture
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)
    assert decode(frame).shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("picture", [END_IN_A_COMMENT, WITH_RESTARTS, PROGRESSIVE])
def test_picture_of_several_parts_is_refused_if_cut(picture: bytes) -> None:
    for length in range(len(JPEG_START) + 1, len(picture)):
        assert refusal(picture[:length]) in (JPEG_CUT, JPEG_HEADER)


def test_jpeg_with_100_scans_is_refused() -> None:
    scan = JPEG[SOS:-2]
    assert refusal(JPEG[:SOS] + scan * 100 + JPEG[-2:]) == TOO_MANY_SCANS


def test_jpeg_has_at_most_32_scans() -> None:
    scan = JPEG[SOS:-2]
    assert refusal(JPEG[:SOS] + scan * 33 + JPEG[-2:]) == TOO_MANY_SCANS
    assert read_frame(JPEG[:SOS] + scan * 32 + JPEG[-2:]).width == WIDTH


def test_progressive_jpeg_is_accepted() -> None:
    options = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    data = cv2.imencode(".jpg", PICTURE[:, :, ::-1], options)[1].tobytes()
    assert data.count(b"\xff\xda") > 1
    assert decode(read_frame(data)).shape == PICTURE.shape


def test_jpeg_without_a_segment_marker_is_refused() -> None:
    segment_after_app0 = 4 + int.from_bytes(JPEG[4:6], "big")
    assert refusal(with_bytes(JPEG, segment_after_app0, b"\x00")) == JPEG_HEADER


def test_jpeg_with_too_many_segments_is_refused() -> None:
    assert refusal(JPEG[:2] + b"\xff\xfe\x00\x02" * 1001 + JPEG[2:]) == JPEG_HEADER


def test_jpeg_without_frame_header_is_refused() -> None:
    length = int.from_bytes(JPEG[SOF + 2 : SOF + 4], "big")
    assert refusal(JPEG[:SOF] + JPEG[SOF + 2 + length :]) == NO_PIXELS


def test_png_without_a_header_chunk_is_refused() -> None:
    assert refusal(with_bytes(PNG, 12, b"IDAT")) == PNG_HEADER


def png_with(*added: bytes, data: bytes | None = None) -> bytes:
    """The PNG with chunks after its header, and with other data instead of its own."""
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in PICTURE)) if data is None else data
    return PNG[:33] + b"".join(added) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


@pytest.mark.parametrize("kind", [b"IDAT", b"tEXt", b"IEND", b"abcd"])
def test_png_chunk_longer_than_file_is_refused_unread(kind: bytes) -> None:
    # OpenCV would allocate 2 GB.
    assert refusal(png_with((2**31 - 1).to_bytes(4, "big") + kind)) == PNG_CUT


def test_png_data_exceeding_its_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_module, "MAX_METADATA_BYTES", 2**21)
    # 200 MB of zeros: libpng would unpack them all.
    bomb = zlib.compress(bytes(200 * 2**20), level=1)
    assert len(bomb) > PNG_DATA_UNCHECKED_BYTES
    with pytest.raises(InvalidFrame, match="more data than it has pixels"):
        decode(read_frame(png_with(data=bomb)))


def test_png_data_exceeding_its_pixels_is_refused_in_a_burst_however_small_it_is() -> None:
    frame = read_frame(png_with(data=zlib.compress(bytes(2**20), level=9)))
    assert len(frame.data) < 2**12
    with pytest.raises(InvalidFrame, match="more data than it has pixels"):
        decode(frame, in_burst=True)
    assert np.array_equal(decode(read_frame(png_with()), in_burst=True), PICTURE)


def test_large_png_is_accepted() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (500, 600, 3), np.uint8)
    data = pictures.png(noise)
    assert len(data) > PNG_DATA_UNCHECKED_BYTES
    assert np.array_equal(decode(read_frame(data)), noise)


def test_damaged_large_png_is_refused_when_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_module, "MAX_METADATA_BYTES", 2**21)
    frame = read_frame(png_with(data=bytes(2 * PNG_DATA_UNCHECKED_BYTES)))
    with pytest.raises(InvalidFrame, match="damaged"):
        decode(frame)


def test_png_with_usual_extra_chunks_is_accepted() -> None:
    # The header counts as one, too.
    added = [chunk(b"tEXt", b"a\0b")] * (MAX_PNG_CHUNKS_BESIDE_DATA - 1)
    assert np.array_equal(decode(read_frame(png_with(*added))), PICTURE)


def test_png_with_many_extra_chunks_is_refused() -> None:
    # Each of these would unpack to 8 MB.
    added = [chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**23)))] * MAX_PNG_CHUNKS_BESIDE_DATA
    message = "The PNG picture contains too much metadata. Save it without metadata."
    assert refusal(png_with(*added)) == message


@pytest.mark.parametrize("kind", [b"acTL", b"fcTL", b"fdAT"])
def test_animated_png_is_refused(kind: bytes) -> None:
    # OpenCV crashes on some damaged ones.
    assert refusal(png_with(chunk(kind, bytes(26)))) == "The PNG picture is animated. Send a still one."


def test_png_ending_before_its_data_is_refused_unread() -> None:
    # OpenCV would read on, and allocate what the next chunk claims.
    claiming = (2**31 - 1).to_bytes(4, "big") + b"IDAT"
    assert refusal(PNG[:33] + chunk(b"IEND", b"") + claiming + bytes(100)) == PNG_CUT


def test_png_with_too_many_chunks_is_refused() -> None:
    message = f"The PNG picture has more than {MAX_PNG_CHUNKS} chunks. Save it with larger ones."
    assert refusal(png_with(*[chunk(b"IDAT", b"")] * MAX_PNG_CHUNKS)) == message


# --- From a frame to an image ---


def test_png_decodes_to_its_exact_pixels() -> None:
    image = decode(read_frame(PNG))
    assert (image.shape, image.dtype.name) == ((HEIGHT, WIDTH, 3), "uint8")
    assert np.array_equal(image, PICTURE)


def test_jpeg_decodes_close_to_its_pixels() -> None:
    image = decode(read_frame(JPEG))
    assert (image.shape, image.dtype.name) == ((HEIGHT, WIDTH, 3), "uint8")
    assert np.abs(image.astype(int) - PICTURE).mean() < 6


def test_red_stays_red() -> None:
    red = np.zeros((16, 16, 3), np.uint8)
    red[:, :, 0] = 255
    assert decode(read_frame(pictures.png(red)))[0, 0].tolist() == [255, 0, 0]


def test_grey_png_gives_three_equal_channels() -> None:
    grey = PICTURE[:, :, 0]
    image = decode(read_frame(cv2.imencode(".png", grey)[1].tobytes()))
    assert np.array_equal(image, np.dstack([grey, grey, grey]))


def test_grey_jpeg_gives_three_channels() -> None:
    image = decode(read_frame(cv2.imencode(".jpg", PICTURE[:, :, 0])[1].tobytes()))
    assert (image.shape, image.dtype.name) == (PICTURE.shape, "uint8")


def test_16_bit_png_gives_8_bits() -> None:
    deep = PICTURE[:, :, ::-1].astype(np.uint16) * 257
    image = decode(read_frame(cv2.imencode(".png", deep)[1].tobytes()))
    assert image.dtype == np.uint8
    assert np.array_equal(image, PICTURE)


@pytest.mark.parametrize("alpha", [0, 128, 255])
def test_alpha_channel_is_dropped(alpha: int) -> None:
    transparent = np.dstack([PICTURE[:, :, ::-1], np.full((HEIGHT, WIDTH), alpha, np.uint8)])
    image = decode(read_frame(cv2.imencode(".png", transparent)[1].tobytes()))
    assert np.array_equal(image, PICTURE)


def test_exif_orientation_turns_the_picture_upright() -> None:
    plain = decode(read_frame(JPEG))
    frame = read_frame(pictures.exif_orientation(JPEG, 6))
    assert (frame.width, frame.height) == (WIDTH, HEIGHT)  # as stored
    assert np.array_equal(decode(frame), np.rot90(plain, -1))


@pytest.mark.parametrize(("orientation", "quarter_turns"), [(1, 0), (3, 2), (8, 1)])
def test_every_camera_rotation_is_undone(orientation: int, quarter_turns: int) -> None:
    plain = decode(read_frame(JPEG))
    turned = decode(read_frame(pictures.exif_orientation(JPEG, orientation)))
    assert np.array_equal(turned, np.rot90(plain, quarter_turns))


@pytest.mark.parametrize(
    "data",
    [
        png_with(data=zlib.compress(b"")),  # no pixels at all
        with_bytes(JPEG, SOF + 4, b"\x03"),  # three bits a sample do not exist
        with_bytes(JPEG, SOF + 9, b"\x09"),  # more components than the header describes
    ],
)
def test_undecodable_picture_is_refused(data: bytes) -> None:
    frame = read_frame(data)
    with pytest.raises(InvalidFrame, match=r"^The picture is damaged and cannot be decoded\.$"):
        decode(frame)


# --- Arbitrary input ---


def check_bytes(data: bytes) -> None:
    """Assert that decoding gives an InvalidFrame, or an image of no more pixels than the header announces."""
    try:
        frame = read_frame(data)
        image = decode(frame)
    except InvalidFrame as error:
        assert str(error).endswith(".")  # noqa: PT017 - either outcome is right
        return
    assert image.dtype == np.uint8
    assert image.shape in {(frame.height, frame.width, 3), (frame.width, frame.height, 3)}


@given(data=st.binary(max_size=200), start=st.sampled_from([b"", JPEG[:3], JPEG[:20], PNG[:8], PNG[:33], JPEG[:SOS]]))
@settings(max_examples=200)
def test_arbitrary_bytes_raise_only_invalid_frame(data: bytes, start: bytes) -> None:
    check_bytes(start + data)


@given(bits=st.lists(st.integers(0, len(JPEG) * 8 - 1), min_size=1, max_size=4))
@example(bits=[(SOF + 5) * 8 + 3])
@settings(max_examples=200)
def test_jpeg_bit_flips_raise_only_invalid_frame(bits: list[int]) -> None:
    check_bytes(flipped(JPEG, bits))


@given(bits=st.lists(st.integers(0, len(PNG) * 8 - 1), min_size=1, max_size=4))
@example(bits=[20 * 8])
@settings(max_examples=200)
def test_png_bit_flips_raise_only_invalid_frame(bits: list[int]) -> None:
    check_bytes(flipped(PNG, bits))


@given(sent=st.text(max_size=100), start=st.sampled_from(["", "data:", "data:image/png;base64,", text(PNG)[:60]]))
@settings(max_examples=200)
def test_arbitrary_text_raises_only_invalid_frame(sent: str, start: str) -> None:
    with pytest.raises(InvalidFrame):
        parse_data_url(start + sent)


def flipped(data: bytes, bits: list[int]) -> bytes:
    damaged = bytearray(data)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)
