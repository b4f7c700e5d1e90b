"""dlib's face descriptor network as an ONNX graph of float32; resnet_layers.py describes the network."""

import numpy as np

from ai_models.vision import resnet_layers as layers
from ai_models.vision.onnx_format import ModelWriter, Value, data_type
from ai_models.vision.resnet_layers import Convolution, Layers, Product

NAME = "dlib_face_recognition_resnet"


def export(weight_file: bytes) -> bytes:
    """The ONNX model: chip, (1, 150, 150, 3) uint8 RGB, to descriptor, (1, 128) float32. Raises DlibFormatError."""
    return _Graph(Layers(weight_file)).build()


def export_with_activations(weight_file: bytes) -> tuple[bytes, list[str]]:
    """The model, and the names of more outputs: what resnet_int8.py rounds, in order. Raises DlibFormatError."""
    graph = _Graph(Layers(weight_file))
    return graph.build(shows_activations=True), graph.activations


class _Graph:
    """The graph under construction, layer by layer in the order of the weight file."""

    def __init__(self, weights: Layers) -> None:
        self._layers = weights
        self._onnx = ModelWriter()
        self._channels = 3
        self._side = layers.CHIP_PX
        self.activations: list[str] = []

    def build(self, *, shows_activations: bool = False) -> bytes:
        rows = self._matrix_blocks(self._blocks(self._stem()))
        mean = self._onnx.add("ReduceMean", rows, axes=[0], keepdims=1)
        dense = self._onnx.constant(self._layers.dense(self._channels))
        self._onnx.add("MatMul", mean, dense, output=layers.OUTPUT.name)
        shown = [Value(name, np.float32) for name in self.activations] if shows_activations else []
        return self._onnx.model(NAME, [layers.INPUT], [layers.OUTPUT, *shown])

    def _stem(self) -> str:
        numbers = self._onnx.add("Cast", layers.INPUT.name, to=data_type(np.float32))
        planes = self._onnx.add("Transpose", numbers, perm=[0, 3, 1, 2])
        out = self._activation(self._onnx.add("Relu", self._convolve(planes, self._layers.first(), stride=2)))
        self._side = (self._side - 3) // 2 + 1
        return self._onnx.add("MaxPool", out, kernel_shape=[3, 3], strides=[2, 2])

    def _blocks(self, out: str) -> str:
        for stage, (channels, count) in enumerate(layers.BLOCKS):
            for index in range(count):
                out = self._block(out, channels, halves=stage > 0 and index == 0)
        return out

    def _block(self, block_input: str, channels: int, *, halves: bool) -> str:
        before = self._channels
        out = self._convolve(block_input, self._layers.convolution(before, channels), stride=2 if halves else 1)
        out = self._activation(self._onnx.add("Relu", out))
        out = self._activation(self._convolve(out, self._layers.convolution(channels, channels), stride=1))
        shortcut = block_input
        if halves:
            pooled = self._onnx.add("AveragePool", shortcut, kernel_shape=[2, 2], strides=[2, 2])
            shortcut = self._widen(pooled, before, channels)
        return self._activation(self._onnx.add("Relu", self._onnx.add("Add", out, shortcut)))

    def _widen(self, out: str, channels: int, new_channels: int) -> str:
        # Adds channels of zeros by a convolution that copies: padding would leave ONNX Runtime's fast layout.
        copy = np.eye(new_channels, channels, dtype=np.float32)[:, :, None, None]
        return self._onnx.add("Conv", out, self._onnx.constant(copy))

    def _matrix_blocks(self, out: str) -> str:
        channels_last = self._onnx.add("Transpose", out, perm=[0, 2, 3, 1])
        shape = self._onnx.constant(np.array([self._side**2, self._channels]))
        rows = self._onnx.add("Reshape", channels_last, shape)
        for index, (channels, halves) in enumerate(layers.MATRIX_BLOCKS):
            block_input = self._activation(rows) if index > 0 else rows
            rows = self._matrix_block(block_input, channels, halves=halves)
        return rows

    def _matrix_block(self, block_input: str, channels: int, *, halves: bool) -> str:
        side_before, before = self._side, self._channels
        out = self._multiply(block_input, self._layers.convolution(before, channels), stride=2 if halves else 1)
        out = self._activation(self._onnx.add("Relu", out))
        out = self._multiply(out, self._layers.convolution(channels, channels), stride=1)
        shortcut = block_input
        if halves:
            half = side_before // 2
            shortcut = self._onnx.add("MatMul", self._onnx.constant(layers.averages(side_before)), shortcut)
            if channels > before:
                zeros = np.zeros((half**2, channels - before), np.float32)
                shortcut = self._onnx.add("Concat", shortcut, self._onnx.constant(zeros), axis=1)
            out = self._onnx.add("MatMul", self._onnx.constant(layers.into_corner(self._side, half)), out)
            self._side = half
        return self._onnx.add("Relu", self._onnx.add("Add", out, shortcut))

    def _multiply(self, rows: str, convolution: Convolution, *, stride: int) -> str:
        product = Product.of(convolution, self._side, stride)
        zeros = self._onnx.constant(np.zeros((1, self._channels), np.float32))
        padded = self._onnx.add("Concat", rows, zeros, axis=0)
        gathered = self._onnx.add("Gather", padded, self._onnx.constant(product.pixels), axis=0)
        shape = self._onnx.constant(np.array([len(product.pixels), len(product.matrix)]))
        flat = self._onnx.add("Reshape", gathered, shape)
        self._channels, self._side = len(convolution.biases), product.side
        return self._onnx.add(
            "Gemm", flat, self._onnx.constant(product.matrix), self._onnx.constant(convolution.biases)
        )

    def _convolve(self, out: str, convolution: Convolution, *, stride: int) -> str:
        channels, _, side, _ = convolution.weights.shape
        padding = side // 2 if stride == 1 else 0
        self._channels, self._side = channels, (self._side + 2 * padding - side) // stride + 1
        constants = (self._onnx.constant(array) for array in convolution)
        return self._onnx.add("Conv", out, *constants, strides=[stride] * 2, pads=[padding] * 4)

    def _activation(self, name: str) -> str:
        self.activations.append(name)
        return name
