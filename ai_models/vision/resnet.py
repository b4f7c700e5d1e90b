"""dlib's face descriptor network as an ONNX graph, read from dlib's own weight file.

The network: a 7 x 7 convolution, then 14 residual blocks of two 3 x 3 convolutions each, the mean over all pixels and a
dense layer to 128 numbers. Each convolution is followed by an affine layer, which is folded into it. The first one also
includes dlib's subtraction of the mean colour and division by 256, so the graph takes the unmodified chip.
Source: dlib's dnn_face_recognition_ex.cpp; padding and order were checked against dlib's own output.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ai_models.identity import DESCRIPTOR_LENGTH
from ai_models.vision.dlib_format import Reader

CHIP_PX: Final = 150
INPUT: Final = "chip"
OUTPUT: Final = "descriptor"

MEAN_RGB: Final = (122.782, 117.001, 104.298)
COLOUR_RANGE: Final = 256
FIRST_CHANNELS: Final = 32
# (channels, number of blocks). The first block of each stage halves the picture, except in the first stage.
BLOCKS: Final = ((32, 3), (64, 4), (128, 3))
# The last blocks, of 16 pixels and fewer, are matrix products with one row per pixel, which is faster.
MATRIX_BLOCKS: Final = ((256, 3), (256, 1))
OPSET: Final = 17
IR_VERSION: Final = 8


class Convolution(NamedTuple):
    """Weights (out, in, height, width) and biases (out,), float32, with the affine layer folded in."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]


def export(weight_file: bytes) -> bytes:
    """The ONNX model: chip, (1, 150, 150, 3) uint8 RGB, to descriptor, (1, 128) float32. Raises DlibFormatError."""
    return _Graph(Reader(weight_file)).build()


class _Graph:
    """The graph under construction, layer by layer in the order of the weight file."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._channels = 3
        self._side = CHIP_PX

    def build(self) -> bytes:
        from onnx import TensorProto, checker, helper

        descriptor = self._dense(self._matrix_blocks(self._blocks(self._stem())))
        graph = helper.make_graph(
            [*self._nodes, helper.make_node("Identity", [descriptor], [OUTPUT])],
            "dlib_face_recognition_resnet",
            [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [1, CHIP_PX, CHIP_PX, 3])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, DESCRIPTOR_LENGTH])],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString())

    def _stem(self) -> str:
        from onnx import TensorProto

        numbers = self._add("Cast", INPUT, to=TensorProto.FLOAT)
        planes = self._add("Transpose", numbers, perm=[0, 3, 1, 2])
        first = _without_colour_mean(self._read_convolution(FIRST_CHANNELS, 7))
        out = self._add("Relu", self._convolve(planes, first, stride=2))
        self._side = (self._side - 3) // 2 + 1
        return self._add("MaxPool", out, kernel_shape=[3, 3], strides=[2, 2])

    def _blocks(self, out: str) -> str:
        for stage, (channels, count) in enumerate(BLOCKS):
            for index in range(count):
                out = self._block(out, channels, halves=stage > 0 and index == 0)
        return out

    def _block(self, block_input: str, channels: int, *, halves: bool) -> str:
        before = self._channels
        out = self._convolve(block_input, self._read_convolution(channels, 3), stride=2 if halves else 1)
        out = self._convolve(self._add("Relu", out), self._read_convolution(channels, 3), stride=1)
        shortcut = block_input
        if halves:
            pooled = self._add("AveragePool", shortcut, kernel_shape=[2, 2], strides=[2, 2])
            shortcut = self._widen(pooled, before, channels)
        return self._add("Relu", self._add("Add", out, shortcut))

    def _widen(self, out: str, channels: int, new_channels: int) -> str:
        # Adds channels of zeros by a convolution that copies: padding would leave ONNX Runtime's fast layout.
        return self._add(
            "Conv", out, self._constant(np.eye(new_channels, channels, dtype=np.float32)[:, :, None, None])
        )

    def _matrix_blocks(self, out: str) -> str:
        channels_last = self._add("Transpose", out, perm=[0, 2, 3, 1])
        rows = self._add("Reshape", channels_last, self._constant(np.array([self._side**2, self._channels])))
        for channels, count in MATRIX_BLOCKS:
            for index in range(count):
                rows = self._matrix_block(rows, channels, halves=index == 0)
        return rows

    def _matrix_block(self, block_input: str, channels: int, *, halves: bool) -> str:
        side_before, channels_before = self._side, self._channels
        out = self._multiply(block_input, self._read_convolution(channels, 3), stride=2 if halves else 1)
        out = self._multiply(self._add("Relu", out), self._read_convolution(channels, 3), stride=1)
        shortcut = block_input
        if halves:
            half = side_before // 2
            shortcut = self._add("MatMul", self._constant(_averages(side_before)), shortcut)
            if channels > channels_before:
                zeros = np.zeros((half**2, channels - channels_before), np.float32)
                shortcut = self._add("Concat", shortcut, self._constant(zeros), axis=1)
            out = self._add("MatMul", self._constant(_into_corner(self._side, half)), out)
            self._side = half
        return self._add("Relu", self._add("Add", out, shortcut))

    def _multiply(self, rows: str, convolution: Convolution, *, stride: int) -> str:
        """A 3 x 3 convolution as one matrix product: each pixel's neighbours side by side, times the weights."""
        outside = self._side**2  # the row of zeros after the last pixel's
        neighbours = _neighbours(self._side, stride, outside)
        used = (neighbours != outside).any(axis=0)  # of a single pixel's neighbours, only itself
        channels, channels_before = convolution.weights.shape[:2]
        by_neighbour = convolution.weights.transpose(2, 3, 1, 0).reshape(9, channels_before, channels)[used]
        padded = self._add("Concat", rows, self._constant(np.zeros((1, channels_before), np.float32)), axis=0)
        gathered = self._add("Gather", padded, self._constant(neighbours[:, used]), axis=0)
        shape = np.array([len(neighbours), used.sum() * channels_before])
        flat = self._add("Reshape", gathered, self._constant(shape))
        self._channels, self._side = channels, math.isqrt(len(neighbours))
        weights = self._constant(by_neighbour.reshape(-1, channels))
        return self._add("Gemm", flat, weights, self._constant(convolution.biases))

    def _dense(self, rows: str) -> str:
        self._reader.skip_past(b"fc_2")
        self._reader.integer(), self._reader.integer()  # the numbers of outputs and inputs
        weights = self._reader.tensor().reshape(self._channels, DESCRIPTOR_LENGTH)
        return self._add("MatMul", self._add("ReduceMean", rows, axes=[0], keepdims=1), self._constant(weights))

    def _read_convolution(self, channels: int, side: int) -> Convolution:
        self._reader.skip_past(b"con_4")
        numbers = self._reader.tensor().astype(np.float64)
        self._reader.skip_past(b"affine_")
        gamma, beta = self._reader.tensor().astype(np.float64).reshape(2, channels)
        weights = numbers[:-channels].reshape(channels, self._channels, side, side)
        biases = numbers[-channels:] * gamma + beta
        return Convolution((weights * gamma[:, None, None, None]).astype(np.float32), biases.astype(np.float32))

    def _convolve(self, out: str, convolution: Convolution, *, stride: int) -> str:
        channels, _, side, _ = convolution.weights.shape
        padding = side // 2 if stride == 1 else 0
        self._channels, self._side = channels, (self._side + 2 * padding - side) // stride + 1
        constants = (self._constant(array) for array in convolution)
        return self._add("Conv", out, *constants, strides=[stride] * 2, pads=[padding] * 4)

    def _add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def _constant(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _without_colour_mean(first: Convolution) -> Convolution:
    """The first convolution, on colours from 0 to 255. It has no padding, so the mean is part of the bias."""
    weights = first.weights.astype(np.float64) / COLOUR_RANGE
    biases = first.biases - np.einsum("oihw,i->o", weights, MEAN_RGB)
    return Convolution(weights.astype(np.float32), biases.astype(np.float32))


def _neighbours(side: int, stride: int, outside: int) -> NDArray[np.int64]:
    """The nine input pixels of each output pixel of a 3 x 3 convolution, row by row; padded if stride is 1."""
    numbers = np.full((side + 2, side + 2), outside)
    numbers[1:-1, 1:-1] = np.arange(side**2).reshape(side, side)
    if stride == 2:
        numbers = numbers[1:-1, 1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(numbers, (3, 3))[::stride, ::stride]
    return windows.reshape(-1, 9).copy()


def _averages(side: int) -> NDArray[np.float32]:
    """The matrix that averages each 2 x 2 pixels: (side² / 4, side²)."""
    one_axis = np.repeat(np.eye(side // 2), 2, axis=1) / 2
    return np.kron(one_axis, one_axis).astype(np.float32)


def _into_corner(side: int, larger_side: int) -> NDArray[np.float32]:
    """The matrix that puts a picture into the top left corner of a larger one of zeros: (larger_side², side²)."""
    one_axis = np.eye(larger_side, side)
    return np.kron(one_axis, one_axis).astype(np.float32)
