"""Broken pictures: real ones with something wrong in them, and headers that lie."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from random import Random

import cv2
from PIL import Image as Pillow

from tests import pictures

JPEG_MARKERS = bytes(
    [0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xDA, 0xDB, 0xDC, 0xDD, 0xD0, 0xD8, 0xD9, 0xE0, 0xE1, 0xE2, 0xFE]
)
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KINDS = [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"iCCP", b"sRGB", b"pHYs", b"sBIT", b"bKGD", b"hIST"]
PNG_KINDS += [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"cHRM", b"oFFs", b"ruSt"]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of PNG's colour types
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SIDES = [0, 1, 2, 7, 8, 48, 63, 64, 65, 255, 256, 1000, 4095, 4096, 4097, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1]
TEXT_BYTES = 3 * 2**20  # the size of a compressed text once unpacked

Mutation = Callable[[Random, bytes], bytes]


def cases(seed: int) -> Iterator[tuple[str, bytes]]:
    """Endless (description, picture) pairs, the same ones for the same seed."""
    random = Random(seed)  # noqa: S311
    valid = originals()
    while True:
        name, data = random.choice(list(valid.items()))
        mutations = random.choices(
            [*ANY, *(JPEG if name.startswith("jpeg") else PNG)], k=random.choice([1, 1, 1, 1, 2, 4])
        )
        for mutate in mutations:
            data = mutate(random, data)
        if name.startswith("png") and random.random() < 0.5:
            data = joined(chunks(data))  # with correct lengths and checksums, so that decoding reaches the fault
        yield f"{name}: {', '.join(mutate.__name__ for mutate in mutations)}", data


@cache
def originals() -> dict[str, bytes]:
    """Valid pictures of every accepted kind."""
    image = pictures.small()
    as_jpeg = {
        "baseline": [],
        "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
        "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 2],
        "full colour": [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
    }
    result = {f"jpeg {name}": cv2.imencode(".jpg", image, options)[1].tobytes() for name, options in as_jpeg.items()}
    result["jpeg turned"] = pictures.exif_orientation(result["jpeg baseline"], 6)
    result["jpeg grey"] = cv2.imencode(".jpg", image[:, :, 0])[1].tobytes()
    result["jpeg four inks"] = _as_jpeg(Pillow.fromarray(image).convert("CMYK"))
    result["png of a camera"] = pictures.png(image)
    for colour, depths in DEPTHS.items():
        for depth, interlaced in product(depths, (0, 1)):
            result[f"png {colour} {depth} {interlaced}"] = png(64, 48, depth, colour, interlaced)
    return result


# --- PNG, by hand ---


def png(width: int, height: int, depth: int, colour: int, interlaced: int, *extra: bytes) -> bytes:
    """A valid PNG of a gradient; extra chunks precede the image data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    palette = chunk(b"PLTE", bytes(range(256)) * 3) if colour == 3 else b""
    rows = b""
    for left, top, right_step, down_step in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns, lines = -(-(width - left) // right_step), -(-(height - top) // down_step)
        row = -(-columns * CHANNELS[colour] * depth // 8)
        rows += b"".join(b"\0" + bytes((column + line) % 256 for column in range(row)) for line in range(lines))
    data = chunk(b"IDAT", zlib.compress(rows))
    return PNG_START + header + palette + b"".join(extra) + data + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """A PNG's chunks, as far as they can be read."""
    found, position = [], len(PNG_START)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        found.append((data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def joined(parts: list[tuple[bytes, bytes]]) -> bytes:
    return PNG_START + b"".join(chunk(kind, body) for kind, body in parts)


def animated() -> bytes:
    """An animated PNG of two pictures."""
    control = struct.pack(">IIIIIHHBB", 0, 64, 48, 0, 0, 1, 10, 0, 0)
    parts = chunks(png(64, 48, 8, 2, 0, chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", control)))
    data = next(body for kind, body in parts if kind == b"IDAT")
    again = [(b"fcTL", b"\0\0\0\1" + control[4:]), (b"fdAT", b"\0\0\0\2" + data)]
    return joined([*parts[:-1], *again, parts[-1]])


def _as_jpeg(image: Pillow.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


# --- Any bytes ---


def flip_bits(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 5, 50])):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def flip_header_bits(random: Random, data: bytes) -> bytes:
    return flip_bits(random, data[:700]) + data[700:]


def swap_bytes(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice([1, 3, 20])):
        if changed:
            first, second = random.randrange(len(changed)), random.randrange(len(changed))
            changed[first], changed[second] = changed[second], changed[first]
    return bytes(changed)


def overwrite(random: Random, data: bytes) -> bytes:
    at, value = random.randrange(len(data) + 1), random.choice([b"\0", b"\xff", b"\x7f", b"\x80"])
    length = random.choice([1, 2, 4, 16])
    return data[:at] + value * length + data[at + length :]


def cut_off(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def cut_out(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.choice([1, 2, 7, 100]) :]


def insert(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice([1, 2, 4, 64, 5000])) + data[at:]


def repeat(random: Random, data: bytes) -> bytes:
    start, stop = sorted(random.randrange(len(data) + 1) for _ in "ab")
    return data[:stop] + data[start:stop] * random.choice([1, 2, 30]) + data[stop:]


def splice(random: Random, data: bytes) -> bytes:
    """The start of one picture and the end of another, of any kinds."""
    other = random.choice(list(originals().values()))
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other)) :]


# --- JPEG ---


def jpeg_size_lie(random: Random, data: bytes) -> bytes:
    frame = _jpeg_frame(data)
    sides = struct.pack(">HH", *(random.choice(SIDES) % 65536 for _ in "wh"))
    return data[: frame + 5] + sides + data[frame + 9 :] if frame else data


def jpeg_frame_lie(random: Random, data: bytes) -> bytes:
    """A different coding, sample depth, number of components, sampling or table."""
    frame = _jpeg_frame(data)
    at = frame + random.choice([1, 4, 9, *range(10, 19)])
    value = random.choice([0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0, 1, 2, 3, 4, 8, 12, 16, 17, 34, 68, 255])
    return data[:at] + bytes([value]) + data[at + 1 :] if frame else data


def jpeg_segment(random: Random, data: bytes) -> bytes:
    """One more segment, with a correct or wrong length, or only of bytes to skip."""
    body = random.choice(
        [b"", b"Exif\0\0MM\0*" + random.randbytes(40), b"ICC_PROFILE\0\1\1", b"Adobe\0d\0\0\0\0\2", bytes(64)]
    )
    length = random.choice([len(body) + 2, len(body) + 2, 0, 1, 2, 65535])
    segment = b"\xff" + bytes([random.choice(JPEG_MARKERS)]) + struct.pack(">H", length) + body
    at = random.choice([2, _jpeg_scan(data) or 2, random.randrange(len(data) + 1)])
    return data[:at] + segment * random.choice([1, 1, 3, 2000]) + data[at:]


def jpeg_scans(random: Random, data: bytes) -> bytes:
    """The scans repeated."""
    start, end = _jpeg_scan(data), data.rfind(b"\xff\xd9")
    return data[:end] + data[start:end] * random.choice([1, 3, 20, 40]) + data[end:] if 0 < start < end else data


def jpeg_huge_scans(random: Random, data: bytes) -> bytes:
    """As many scans as are accepted, over as many pixels as are accepted."""
    return jpeg_scans(random, _with_sides(data, 4096, 4096)) if random.random() < 0.05 else data


def _with_sides(data: bytes, width: int, height: int) -> bytes:
    frame = _jpeg_frame(data)
    return data[: frame + 5] + struct.pack(">HH", height, width) + data[frame + 9 :] if frame else data


def _jpeg_frame(data: bytes) -> int:
    return max(0, *(data.find(marker) for marker in (b"\xff\xc0", b"\xff\xc2")))


def _jpeg_scan(data: bytes) -> int:
    return max(0, data.find(b"\xff\xda"))


# --- PNG ---


def png_header_lie(random: Random, data: bytes) -> bytes:
    """Different sides, depth, colour type, compression, filter or interlacing, with a correct checksum."""
    parts = chunks(data)
    if not parts or len(parts[0][1]) != 13:
        return data
    fields = list(struct.unpack(">IIBBBBB", parts[0][1]))
    for index in random.sample(range(7), random.choice([1, 1, 2])):
        fields[index] = random.choice(SIDES) if index < 2 else random.choice([0, 1, 2, 3, 4, 6, 8, 16, 255])
    return joined([(b"IHDR", struct.pack(">IIBBBBB", *fields)), *parts[1:]])


def png_length_lie(random: Random, data: bytes) -> bytes:
    """A chunk that claims to be longer or shorter than it is."""
    at = len(PNG_START)
    for _, body in chunks(data)[: random.randrange(4)]:
        at += 12 + len(body)
    length = random.choice([0, 1, 12, 13, 14, 255, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 1])
    return data[:at] + struct.pack(">I", length) + data[at + 4 :]


def png_chunk(random: Random, data: bytes) -> bytes:
    """One more chunk with a correct checksum, anywhere."""
    bodies = [
        b"",
        bytes(1),
        bytes(4),
        bytes(768),
        random.randbytes(26),
        struct.pack(">II", 2**31 - 1, 0),
        _packed_text(),
    ]
    added = (random.choice(PNG_KINDS), random.choice(bodies))
    parts = chunks(data)
    at = random.randrange(len(parts) + 1)
    return joined(
        [*parts[:at], *[added] * random.choice([1, 1, 2, 20, 3000 if len(added[1]) < 30 else 2]), *parts[at:]]
    )


def png_order(random: Random, data: bytes) -> bytes:
    first, *parts = chunks(data) or [(b"IHDR", b"")]
    random.shuffle(parts)
    return joined([first, *parts])


def png_data(random: Random, data: bytes) -> bytes:
    """New image data: too little, too much, with filters that do not exist, in many chunks."""
    rows = bytes([random.choice([0, 1, 2, 3, 4, 5, 255])]) + random.randbytes(192)
    packed = zlib.compress(rows * random.choice([0, 1, 48, 100, 50_000]))
    size = random.choice([1, 100, 2**20])
    pieces = [(b"IDAT", packed[at : at + size]) for at in range(0, len(packed), size)]
    parts = chunks(data)
    first = next((index for index, (kind, _) in enumerate(parts) if kind == b"IDAT"), len(parts))
    return joined([*parts[:first], *pieces, *(part for part in parts[first:] if part[0] != b"IDAT")])


def png_frame_control(random: Random, data: bytes) -> bytes:
    """An animation whose frames lie anywhere."""
    control = struct.pack(
        ">IIIIIHHBB", 0, *(random.choice(SIDES) for _ in "whxy"), 0, 0, random.randrange(4), random.randrange(3)
    )
    parts = [(kind, control if kind == b"fcTL" else body) for kind, body in chunks(data)]
    animation = (b"acTL", struct.pack(">II", random.choice(SIDES), 0))
    return joined([*parts[:1], animation, (b"fcTL", control), *parts[1:]])


@cache
def _packed_text() -> bytes:
    return b"a\0\0" + zlib.compress(bytes(TEXT_BYTES), 9)


ANY: list[Mutation] = [flip_bits, flip_header_bits, swap_bytes, overwrite, cut_off, cut_out, insert, repeat, splice]
JPEG: list[Mutation] = [jpeg_size_lie, jpeg_frame_lie, jpeg_segment, jpeg_scans, jpeg_huge_scans]


def png_animated(random: Random, data: bytes) -> bytes:
    """An animation instead, sometimes with one kind of chunk replaced by an unknown kind."""
    valid = animated()
    return valid.replace(random.choice([b"acTL", b"fcTL", b"fdAT"]), b"teSt", random.choice([0, 1, 2]))


PNG: list[Mutation] = [png_header_lie, png_length_lie, png_chunk, png_order, png_data, png_frame_control, png_animated]
