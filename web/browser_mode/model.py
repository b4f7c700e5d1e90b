"""The page's face model, put together from MediaPipe's own: what its task library loads, from what a package has.

The package's attention mesh has seven outputs: the mesh, lips, eyes and irises, each refined by a part of its own, and
whether there is a face. The library wants two. So two operations are appended: all points in a row, and a selection
from it. The order of the refined points is published in MediaPipe's graphs (Apache-2.0). Only those that the service
uses are taken from the refined parts, see face_mesh.py; the others are the mesh's own.
"""

import io
import struct
import zipfile
from itertools import accumulate

from web.browser_mode.flat_buffer import New, Node, Old, Raw, Table, write

IDENTIFIER, METADATA_IDENTIFIER = b"TFL3", b"M001"
METADATA = "TFLITE_METADATA"
# Fields of the tables in TensorFlow Lite's schema.
VERSION, CODES, SUBGRAPHS, DESCRIPTION, BUFFERS, MODEL_METADATA = 0, 1, 2, 3, 4, 6
TENSORS, INPUTS, OUTPUTS, OPERATORS = range(4)
SHAPE, TYPE, BUFFER, NAME = range(4)
CONCATENATION, CONCATENATION_OPTIONS = 2, 10
GATHER, GATHER_OPTIONS = 36, 23
INT32 = 2
RGB, IMAGE_PROPERTIES, NORMALIZATION = 1, 2, 1

MESH_POINTS, POINTS = 468, 478
# The parts in the order of MediaPipe's graph, by their size in points.
PARTS = ("mesh", "lips", "left_eye", "right_eye", "left_iris", "right_iris")
SIZES = {"mesh": 3 * MESH_POINTS, "lips": 160, "left_eye": 142, "right_eye": 142, "left_iris": 10, "right_iris": 10}
# Points of the mesh, and where in a refined part they are.
LIPS = {61: 0, 181: 3, 84: 4, 17: 5, 314: 6, 405: 7, 291: 10, 39: 13, 37: 14, 0: 15, 267: 16, 269: 17}
LIPS |= {78: 20, 87: 24, 14: 25, 317: 26, 308: 30, 82: 34, 13: 35, 312: 36}
LEFT_EYE = {33: 0, 144: 3, 153: 5, 133: 8, 160: 11, 158: 13, 70: 64, 63: 65, 105: 66, 66: 67, 107: 68}
RIGHT_EYE = {263: 0, 373: 3, 380: 5, 362: 8, 387: 11, 385: 13, 300: 64, 293: 65, 334: 66, 296: 67, 336: 68}
EYE_CORNERS = (33, 263)  # as deep in the picture as their irises


def face_landmarker(detector: bytes, attention_mesh: bytes) -> bytes:
    """The library's bundle of both models, with the scaling of their input."""
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        for name, model in (
            ("face_detector.tflite", with_scaling(detector, mean=127.5, deviation=127.5)),
            ("face_landmarks_detector.tflite", with_scaling(in_one_output(attention_mesh), mean=0.0, deviation=255.0)),
        ):
            archive.writestr(zipfile.ZipInfo(name), model)  # without the time: each build is the same
    return bundle.getvalue()


def selection(starts: dict[str, int]) -> list[int]:
    """For x, y and z of each point, which number of the parts in a row it is. starts: each part's first number."""
    chosen = [starts["mesh"] + number for number in range(3 * MESH_POINTS)]
    for part, places in (("lips", LIPS), ("left_eye", LEFT_EYE), ("right_eye", RIGHT_EYE)):
        for point, place in places.items():
            chosen[3 * point : 3 * point + 2] = [starts[part] + 2 * place, starts[part] + 2 * place + 1]
    for part, corner in zip(("left_iris", "right_iris"), EYE_CORNERS, strict=True):
        for place in range(5):
            chosen += [starts[part] + 2 * place, starts[part] + 2 * place + 1, starts["mesh"] + 3 * corner + 2]
    return chosen


def in_one_output(model: bytes) -> bytes:
    """The attention mesh with all points in its first output, and whether there is a face in its second."""
    root = Table.root(model)
    (graph,) = root.tables(SUBGRAPHS)
    tensors, outputs = graph.tables(TENSORS), graph.ints(OUTPUTS)
    ids = _outputs_by_part(tensors, outputs)
    codes, buffers = root.tables(CODES), root.tables(BUFFERS)
    sizes = [SIZES[part] for part in PARTS]
    starts, total = dict(zip(PARTS, accumulate(sizes, initial=0), strict=False)), sum(sizes)
    row, chosen, points = range(len(tensors), len(tensors) + 3)
    new_tensors = [
        _tensor("all_points", [1, 1, 1, total], 0),
        _tensor("selection", [3 * POINTS], len(buffers), INT32),
        _tensor("points", [1, 1, 1, 3 * POINTS], 0),
    ]
    # Both along the last of four axes.
    join = _operator(len(codes), [ids[part] for part in PARTS], row, CONCATENATION_OPTIONS)
    choose = _operator(len(codes) + 1, [row, chosen], points, GATHER_OPTIONS)
    data = New({0: Raw.data(struct.pack(f"<{3 * POINTS}i", *selection(starts)))})
    new_graph = New(
        {
            TENSORS: [*_old(tensors), *new_tensors],
            INPUTS: Raw.ints(graph.ints(INPUTS)),
            OUTPUTS: Raw.ints([points, ids["flag"]]),
            OPERATORS: [*_old(graph.tables(OPERATORS)), join, choose],
        }
    )
    return write(
        New(
            {
                VERSION: root.uint(VERSION),
                CODES: [*_old(codes), _code(CONCATENATION), _code(GATHER)],
                SUBGRAPHS: [new_graph],
                DESCRIPTION: Raw.text(root.text(DESCRIPTION)),
                BUFFERS: [*_old(buffers), data],
            }
        ),
        IDENTIFIER,
        model,
    )


def with_scaling(model: bytes, *, mean: float, deviation: float) -> bytes:
    """The model with the scaling of its input, a picture of bytes, as metadata."""
    root = Table.root(model)
    buffers = root.tables(BUFFERS)
    metadata = New({0: Raw.text(METADATA), 1: len(buffers)})
    return write(
        New(
            {
                VERSION: root.uint(VERSION),
                CODES: _old(root.tables(CODES)),
                SUBGRAPHS: _old(root.tables(SUBGRAPHS)),
                DESCRIPTION: Raw.text(root.text(DESCRIPTION)),
                BUFFERS: [*_old(buffers), New({0: Raw.data(_scaling(mean, deviation))})],
                MODEL_METADATA: [metadata],
            }
        ),
        IDENTIFIER,
        model,
    )


def _outputs_by_part(tensors: list[Table], outputs: list[int]) -> dict[str, int]:
    """The numbers of the output tensors: by part, and of the flag. Left parts come first, as in MediaPipe's graph."""
    left: dict[int, list[str]] = {1: ["flag"]}
    for part in PARTS:
        left.setdefault(SIZES[part], []).append(part)
    found = {}
    for output in outputs:
        *_, size = tensors[output].ints(SHAPE)
        found[left[size].pop(0)] = output
    return found


def _old(tables: list[Table]) -> list[Node]:
    return [Old(table) for table in tables]


def _code(builtin: int) -> New:
    return New({0: builtin, 2: 1, 3: builtin})


def _tensor(name: str, shape: list[int], buffer: int, kind: int = 0) -> New:
    return New({SHAPE: Raw.ints(shape), TYPE: kind, BUFFER: buffer, NAME: Raw.text(name)})


def _operator(code: int, inputs: list[int], output: int, options: int) -> New:
    return New({0: code, 1: Raw.ints(inputs), 2: Raw.ints([output]), 3: options, 4: New({0: 3})})


def _scaling(mean: float, deviation: float) -> bytes:
    normalization = New({0: Raw.floats([mean]), 1: Raw.floats([deviation])})
    image = New({0: IMAGE_PROPERTIES, 1: New({0: RGB})})
    tensor = New({0: Raw.text("image"), 3: image, 4: [New({0: NORMALIZATION, 1: normalization})]})
    graph = New({2: [tensor]})
    return write(New({0: Raw.text("face"), 3: [graph]}), METADATA_IDENTIFIER)
