"""The descriptor network in 8-bit integers, as ONNX Runtime computes them: rounded where QuantizeLinear says so.

Activations are 8 bits without a sign, with one scale each (resnet_ranges.py). Weights have one scale for each output
channel, and 7 bits: processors without VNNI add pairs of products in 16 bits, and 255 x 64 x 2 is the most that fits.
With 8 bits the sums overflow there, and a descriptor is off by as much as 0.6. What comes after the last convolutions,
and the sums of the matrix blocks, stay in float32. Measured: docs/performance.md.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ai_models.vision import resnet_layers as layers
from ai_models.vision.onnx_format import ModelWriter
from ai_models.vision.resnet_layers import Convolution, Layers, Product
from ai_models.vision.resnet_ranges import RANGES

NAME: Final = "dlib_face_recognition_resnet_int8"
MAX_ACTIVATION: Final = 255
MAX_WEIGHT: Final = 64


class Rounded(NamedTuple):
    """A tensor of uint8: each stands for (value - zero) x scale."""

    name: str
    scale: np.float32
    zero: np.uint8


CHIP: Final = Rounded(layers.INPUT.name, np.float32(1), np.uint8(0))


def export(weight_file: bytes) -> bytes:
    """The ONNX model: chip, (1, 150, 150, 3) uint8 RGB, to descriptor, (1, 128) float32. Raises DlibFormatError."""
    return _Graph(Layers(weight_file)).build()


class _Graph:
    """The graph under construction; layer by layer that of resnet.py."""

    def __init__(self, weights: Layers) -> None:
        self._layers = weights
        self._onnx = ModelWriter()
        self._ranges = iter(RANGES)
        self._channels = 3
        self._side = layers.CHIP_PX

    def build(self) -> bytes:
        rows = self._matrix_blocks(self._blocks(self._stem()))
        mean = self._onnx.add("ReduceMean", rows, axes=[0], keepdims=1)
        dense = self._onnx.constant(self._layers.dense(self._channels))
        self._onnx.add("MatMul", mean, dense, output=layers.OUTPUT.name)
        return self._onnx.model(NAME, [layers.INPUT], [layers.OUTPUT])

    def _stem(self) -> Rounded:
        planes = CHIP._replace(name=self._onnx.add("Transpose", CHIP.name, perm=[0, 3, 1, 2]))
        out = self._round(self._convolve(planes, self._layers.first(), stride=2))
        self._side = (self._side - 3) // 2 + 1
        return out._replace(name=self._onnx.add("MaxPool", out.name, kernel_shape=[3, 3], strides=[2, 2]))

    def _blocks(self, out: Rounded) -> Rounded:
        for stage, (channels, count) in enumerate(layers.BLOCKS):
            for index in range(count):
                out = self._block(out, channels, halves=stage > 0 and index == 0)
        return out

    def _block(self, block_input: Rounded, channels: int, *, halves: bool) -> Rounded:
        before = self._channels
        first = self._convolve(block_input, self._layers.convolution(before, channels), stride=2 if halves else 1)
        out = self._round(first)
        out = self._round(self._convolve(out, self._layers.convolution(channels, channels), stride=1))
        shortcut = self._halve(block_input, before, channels) if halves else block_input
        return self._round(self._onnx.add("Add", self._float(out), self._float(shortcut)))

    def _halve(self, out: Rounded, channels: int, new_channels: int) -> Rounded:
        """The average of each 2 x 2 pixels, with channels of zeros added: a convolution whose weights are exact."""
        quarters = np.full((1, 1, 2, 2), 0.25, np.float32) * np.eye(new_channels, channels)[:, :, None, None]
        weights = self._weights(quarters.astype(np.float32), axis=0)
        averages = self._onnx.add("Conv", self._float(out), weights, strides=[2, 2])
        return self._round_as(averages, out.scale, out.zero)

    def _matrix_blocks(self, out: Rounded) -> str:
        channels_last = self._onnx.add("Transpose", out.name, perm=[0, 2, 3, 1])
        shape = self._onnx.constant(np.array([self._side**2, self._channels]))
        rows = out._replace(name=self._onnx.add("Reshape", channels_last, shape))
        sums = self._float(rows)
        for index, (channels, halves) in enumerate(layers.MATRIX_BLOCKS):
            rows = self._round(sums) if index > 0 else rows
            sums = self._matrix_block(rows, sums, channels, halves=halves)
        return sums

    def _matrix_block(self, rows: Rounded, shortcut: str, channels: int, *, halves: bool) -> str:
        """The block's output in float32; shortcut: its input likewise."""
        side_before, before = self._side, self._channels
        first = self._multiply(rows, self._layers.convolution(before, channels), stride=2 if halves else 1)
        out = self._multiply(self._round(first), self._layers.convolution(channels, channels), stride=1)
        if halves:
            half = side_before // 2
            shortcut = self._onnx.add("MatMul", self._onnx.constant(layers.averages(side_before)), shortcut)
            if channels > before:
                zeros = self._onnx.constant(np.zeros((half**2, channels - before), np.float32))
                shortcut = self._onnx.add("Concat", shortcut, zeros, axis=1)
            out = self._onnx.add("MatMul", self._onnx.constant(layers.into_corner(self._side, half)), out)
            self._side = half
        return self._onnx.add("Relu", self._onnx.add("Add", out, shortcut))

    def _multiply(self, rows: Rounded, convolution: Convolution, *, stride: int) -> str:
        product = Product.of(convolution, self._side, stride)
        zeros = self._onnx.constant(np.full((1, self._channels), rows.zero))
        padded = self._onnx.add("Concat", rows.name, zeros, axis=0)
        gathered = self._onnx.add("Gather", padded, self._onnx.constant(product.pixels), axis=0)
        shape = self._onnx.constant(np.array([len(product.pixels), len(product.matrix)]))
        flat = self._float(rows._replace(name=self._onnx.add("Reshape", gathered, shape)))
        self._channels, self._side = len(convolution.biases), product.side
        matrix = self._weights(product.matrix, axis=1)
        biases = self._biases(convolution.biases, rows.scale * _scales(product.matrix, axis=1))
        return self._onnx.add("Gemm", flat, matrix, biases)

    def _convolve(self, out: Rounded, convolution: Convolution, *, stride: int) -> str:
        channels, _, side, _ = convolution.weights.shape
        padding = side // 2 if stride == 1 else 0
        self._channels, self._side = channels, (self._side + 2 * padding - side) // stride + 1
        weights = self._weights(convolution.weights, axis=0)
        biases = self._biases(convolution.biases, out.scale * _scales(convolution.weights, axis=0))
        return self._onnx.add("Conv", self._float(out), weights, biases, strides=[stride] * 2, pads=[padding] * 4)

    def _round(self, name: str) -> Rounded:
        """Rounds a tensor to its range; where that starts at 0, this cuts off what is negative, like Relu."""
        low, high = next(self._ranges)
        scale = np.float32((high - low) / MAX_ACTIVATION)
        return self._round_as(name, scale, np.uint8(np.rint(-low / scale)))

    def _round_as(self, name: str, scale: np.float32, zero: np.uint8) -> Rounded:
        parameters = self._onnx.constant(np.asarray(scale)), self._onnx.constant(np.asarray(zero))
        return Rounded(self._onnx.add("QuantizeLinear", name, *parameters), scale, zero)

    def _float(self, rounded: Rounded) -> str:
        scale, zero = self._onnx.constant(np.asarray(rounded.scale)), self._onnx.constant(np.asarray(rounded.zero))
        return self._onnx.add("DequantizeLinear", rounded.name, scale, zero)

    def _weights(self, weights: NDArray[np.float32], axis: int) -> str:
        """Weights with one scale for each output channel, which are counted along the axis."""
        scales = _scales(weights, axis)
        rounded = np.rint(weights / np.expand_dims(scales, [each for each in range(weights.ndim) if each != axis]))
        zeros = self._onnx.constant(np.zeros(len(scales), np.int8))
        integers = self._onnx.constant(rounded.astype(np.int8))
        return self._onnx.add("DequantizeLinear", integers, self._onnx.constant(scales), zeros, axis=axis)

    def _biases(self, biases: NDArray[np.float32], scales: NDArray[np.float32]) -> str:
        integers = self._onnx.constant(np.rint(biases / scales).astype(np.int32))
        return self._onnx.add("DequantizeLinear", integers, self._onnx.constant(scales), axis=0)


def _scales(weights: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """The scale of each output channel, (channels,) float32; 1 for a channel of zeros."""
    others = tuple(each for each in range(weights.ndim) if each != axis)
    largest = np.abs(weights).max(axis=others)
    return np.where(largest > 0, largest / np.float32(MAX_WEIGHT), np.float32(1))
