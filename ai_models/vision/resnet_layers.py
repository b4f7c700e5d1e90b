"""The layers of dlib's face descriptor network, read from dlib's own weight file.

The network: a 7 x 7 convolution, then 14 residual blocks of two 3 x 3 convolutions each, the mean over all pixels and a
dense layer to 128 numbers. Each convolution is followed by an affine layer, which is folded into it. The first one also
includes dlib's subtraction of the mean colour and division by 256, so the network takes the unmodified chip.
Source: dlib's dnn_face_recognition_ex.cpp; padding and order were checked against dlib's own output.

Sums are exact (math.fsum), the rest is arithmetic on single numbers: so each machine gets the same bytes.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ai_models.identity import DESCRIPTOR_LENGTH
from ai_models.vision.dlib_format import Reader
from ai_models.vision.onnx_format import Value

CHIP_PX: Final = 150
INPUT: Final = Value("chip", np.uint8, (1, CHIP_PX, CHIP_PX, 3))  # RGB
OUTPUT: Final = Value("descriptor", np.float32, (1, DESCRIPTOR_LENGTH))

MEAN_RGB: Final = (122.782, 117.001, 104.298)
COLOUR_RANGE: Final = 256
FIRST_CHANNELS: Final = 32
# (channels, number of blocks). The first block of each stage halves the picture, except in the first stage.
BLOCKS: Final = ((32, 3), (64, 4), (128, 3))
# The last blocks, of 16 pixels and fewer, are matrix products with one row per pixel, which is faster. (channels, True
# if the block halves the picture)
MATRIX_BLOCKS: Final = ((256, True), (256, False), (256, False), (256, True))


class Convolution(NamedTuple):
    """Weights (out, in, height, width) and biases (out,), float32, with the affine layer folded in."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]


class Layers:
    """The weights of one layer after the other, in the order of the file. Methods raise DlibFormatError."""

    def __init__(self, weight_file: bytes) -> None:
        self._reader = Reader(weight_file)

    def first(self) -> Convolution:
        """The first convolution, on colours from 0 to 255. It has no padding, so the mean is part of the bias."""
        first = self.convolution(3, FIRST_CHANNELS, 7)
        weights = first.weights.astype(np.float64) / COLOUR_RANGE
        by_mean = (weights * np.array(MEAN_RGB)[:, None, None]).reshape(FIRST_CHANNELS, -1)
        biases = first.biases - np.array([math.fsum(row) for row in by_mean.tolist()])
        return Convolution(weights.astype(np.float32), biases.astype(np.float32))

    def convolution(self, channels_before: int, channels: int, side: int = 3) -> Convolution:
        self._reader.skip_past(b"con_4")
        numbers = self._reader.tensor().astype(np.float64)
        self._reader.skip_past(b"affine_")
        gamma, beta = self._reader.tensor().astype(np.float64).reshape(2, channels)
        weights = numbers[:-channels].reshape(channels, channels_before, side, side)
        biases = numbers[-channels:] * gamma + beta
        return Convolution((weights * gamma[:, None, None, None]).astype(np.float32), biases.astype(np.float32))

    def dense(self, channels: int) -> NDArray[np.float32]:
        """The last layer's matrix, (channels, 128)."""
        self._reader.skip_past(b"fc_2")
        self._reader.integer(), self._reader.integer()  # the numbers of outputs and inputs
        return self._reader.tensor().reshape(channels, DESCRIPTOR_LENGTH)


def neighbours(side: int, stride: int, outside: int) -> NDArray[np.int64]:
    """The nine input pixels of each output pixel of a 3 x 3 convolution, row by row; padded if stride is 1."""
    numbers = np.full((side + 2, side + 2), outside)
    numbers[1:-1, 1:-1] = np.arange(side**2).reshape(side, side)
    if stride == 2:
        numbers = numbers[1:-1, 1:-1]
    windows = np.lib.stride_tricks.sliding_window_view(numbers, (3, 3))[::stride, ::stride]
    return windows.reshape(-1, 9).copy()


class Product(NamedTuple):
    """A 3 x 3 convolution as one matrix product: each pixel's neighbours side by side, times the weights.

    pixels: the rows to put side by side, (pixels, neighbours); a row of zeros follows the last pixel's. matrix:
    (neighbours x channels before, channels).
    """

    pixels: NDArray[np.int64]
    matrix: NDArray[np.float32]
    side: int

    @classmethod
    def of(cls, convolution: Convolution, side: int, stride: int) -> "Product":
        """For a square of that side."""
        channels, channels_before = convolution.weights.shape[:2]
        outside = side**2
        pixels = neighbours(side, stride, outside)
        used = (pixels != outside).any(axis=0)  # of a single pixel's neighbours, only itself
        matrix = convolution.weights.transpose(2, 3, 1, 0).reshape(9, channels_before, channels)[used]
        return cls(pixels[:, used], matrix.reshape(-1, channels), math.isqrt(len(pixels)))


def averages(side: int) -> NDArray[np.float32]:
    """The matrix that averages each 2 x 2 pixels: (side² / 4, side²)."""
    one_axis = np.repeat(np.eye(side // 2), 2, axis=1) / 2
    return np.kron(one_axis, one_axis).astype(np.float32)


def into_corner(side: int, larger_side: int) -> NDArray[np.float32]:
    """The matrix that puts a picture into the top left corner of a larger one of zeros: (larger_side², side²)."""
    one_axis = np.eye(larger_side, side)
    return np.kron(one_axis, one_axis).astype(np.float32)
