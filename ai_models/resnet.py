"""dlib's face descriptor network as an ONNX graph, read from dlib's own weight file.

The network: a 7 x 7 convolution, then 14 residual blocks of two 3 x 3 convolutions each, the mean over all pixels and a
dense layer to 128 numbers. Each convolution is followed by an affine layer, which is folded into it, as are the
subtraction of the mean colour and the division by 256 that dlib begins with: the graph takes the chip as it is.
Source: dlib's dnn_face_recognition_ex.cpp; padding and order were checked against dlib's own output.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ai_models.dlib_format import Reader
from ai_models.identity import DESCRIPTOR_LENGTH

CHIP_PX: Final = 150
INPUT: Final = "chip"
OUTPUT: Final = "descriptor"

MEAN_RGB: Final = (122.782, 117.001, 104.298)
COLOUR_RANGE: Final = 256
FIRST_CHANNELS: Final = 32
# How many blocks there are of each number of channels; the first of each but the first halves the picture.
BLOCKS: Final = ((32, 3), (64, 4), (128, 3), (256, 3), (256, 1))
OPSET: Final = 17
IR_VERSION: Final = 8


class Convolution(NamedTuple):
    """Weights (out, in, height, width) and biases (out,), float32, with the affine layer folded in."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]


def export(weight_file: bytes) -> bytes:
    """The ONNX model: chip, (1, 150, 150, 3) uint8 RGB, to descriptor, (1, 128) float32. Raises NotDlib."""
    return _Graph(Reader(weight_file)).build()


class _Graph:
    """The graph while it is built, layer by layer in the order of the weight file."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._channels = 3
        self._side = CHIP_PX

    def build(self) -> bytes:
        from onnx import TensorProto, checker, helper

        descriptor = self._dense(self._blocks(self._stem()))
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
            for place in range(count):
                out = self._block(out, channels, halves=stage > 0 and place == 0)
        return out

    def _block(self, block_input: str, channels: int, *, halves: bool) -> str:
        missing_channels = channels - self._channels
        half_side = self._side // 2
        out = self._convolve(block_input, self._read_convolution(channels, 3), stride=2 if halves else 1)
        out = self._convolve(self._add("Relu", out), self._read_convolution(channels, 3), stride=1)
        shortcut = block_input
        if halves:
            shortcut = self._add("AveragePool", shortcut, kernel_shape=[2, 2], strides=[2, 2])
            if missing_channels:
                shortcut = self._widen(shortcut, channels - missing_channels, channels)
            if self._side < half_side:
                rows = half_side - self._side
                out = self._add("Pad", out, self._constant(np.array([0, 0, 0, 0, 0, 0, rows, rows])))
            self._side = half_side
        return self._add("Relu", self._add("Add", out, shortcut))

    def _widen(self, out: str, channels: int, wanted: int) -> str:
        # More channels, of zeros: a convolution that copies, since padding would leave ONNX Runtime's fast layout.
        return self._add("Conv", out, self._constant(np.eye(wanted, channels, dtype=np.float32)[:, :, None, None]))

    def _dense(self, out: str) -> str:
        self._reader.skip_past(b"fc_2")
        self._reader.integer(), self._reader.integer()  # its numbers of outputs and inputs
        weights = self._reader.tensor().reshape(self._channels, DESCRIPTOR_LENGTH)
        flat = self._add("Flatten", self._add("GlobalAveragePool", out))
        return self._add("MatMul", flat, self._constant(weights))

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
        constants = (self._constant(each) for each in convolution)
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
    """The first convolution, on colours from 0 to 255. It has no padding, so the mean is a bias like any other."""
    weights = first.weights.astype(np.float64) / COLOUR_RANGE
    biases = first.biases - np.einsum("oihw,i->o", weights, MEAN_RGB)
    return Convolution(weights.astype(np.float32), biases.astype(np.float32))
