"""The descriptor network in 8-bit integers: near float32 everywhere, and with its verdicts."""

import numpy as np
import onnx
import pytest
from django.conf import settings

from ai_models.identity import (
    GUARD_BAND,
    SAME_PERSON_MAX_DISTANCE,
    Descriptor,
    Enrolment,
    FaceDescriptor,
    distance,
    is_owner,
)
from ai_models.vision import resnet, weights
from ai_models.vision.descriptor import face_chip, open_network, open_quick_network, open_session
from ai_models.vision.export import exported_network
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.resnet_int8 import MAX_WEIGHT
from ai_models.vision.resnet_ranges import RANGES
from tests import pictures

MAX_ERROR = 0.11  # of the 128 numbers together; distances to other faces are off by a quarter of that at most
FACES = {
    "astronaut": pictures.astronaut(),
    "eyes closed": pictures.eyes_closed(),
    "nearer": pictures.warped(scale=1.3),
    "tilted": pictures.warped(turn_deg=15),
    "small": pictures.framed(82, (200, 300)),
    "noisy": pictures.framed(300, (320, 240), noise=8),
    "poor JPEG": pictures.framed(120, (400, 200), quality=20),
    "dark": pictures.astronaut() // 3,
}


def chip_of(image: Image) -> Image:
    face = find_face(image)
    assert face is not None
    return face_chip(image, face)


def exact(chip: Image) -> Descriptor:
    return open_network(settings.MODEL_CACHE_DIR)(chip)


def quick(chip: Image) -> Descriptor:
    network = open_quick_network(settings.MODEL_CACHE_DIR, "int8")
    assert network is not None
    return network(chip)


def exact_chips() -> dict[str, Image]:
    return {name: chip_of(image) for name, image in FACES.items()}


@pytest.mark.parametrize("name", FACES)
def test_descriptor_is_near_float32s(name: str) -> None:
    chip = chip_of(FACES[name])
    assert quick(chip).shape == (128,)
    assert 0 < distance(quick(chip), exact(chip)) < MAX_ERROR


def test_distances_between_faces_are_off_by_less_than_the_guard_band() -> None:
    chips = exact_chips()
    enrolled = [exact(chip) for chip in chips.values()]
    errors = [
        abs(distance(quick(chip), mean) - distance(exact(chip), mean))
        for chip in chips.values()
        for mean in enrolled
        if distance(exact(chip), mean) > 0.1  # what an enrolled picture's own distance, 0, becomes decides nothing
    ]
    assert len(errors) >= 30
    assert max(errors) < GUARD_BAND


def test_verdicts_are_float32s_at_every_distance() -> None:
    """Enrolments between two faces and beyond, so that distances cross the threshold."""
    chips = list(exact_chips().values())
    first = exact(chips[0]).astype(np.float64)
    direction = first - exact(chips[4])
    verdicts = []
    for step in np.linspace(-4, 4, 81):
        enrolment = Enrolment(first + step * direction, 1)
        for chip in chips[:3]:
            guarded = FaceDescriptor(lambda chip=chip: exact(chip), quick(chip))  # type: ignore[misc]
            expected = distance(exact(chip), enrolment.mean) <= SAME_PERSON_MAX_DISTANCE
            verdicts.append((is_owner(enrolment, guarded), expected))
    assert {expected for _, expected in verdicts} == {True, False}
    assert [verdict for verdict in verdicts if verdict[0] != verdict[1]] == []


def test_sums_of_two_products_fit_in_16_bits() -> None:
    """Else they overflow on processors without VNNI."""
    graph = onnx.load_from_string(exported_network(settings.MODEL_CACHE_DIR, "int8")).graph
    largest = [
        np.abs(onnx.numpy_helper.to_array(constant).astype(int)).max()
        for constant in graph.initializer
        if constant.data_type == onnx.TensorProto.INT8
    ]
    assert max(largest) == MAX_WEIGHT
    assert 2 * 255 * max(largest) < 2**15


def test_every_convolution_is_in_integers() -> None:
    graph = onnx.load_from_string(exported_network(settings.MODEL_CACHE_DIR, "int8")).graph
    made_by = {name: node.op_type for node in graph.node for name in node.output}
    inputs = [[made_by.get(name) for name in node.input[:2]] for node in graph.node if node.op_type in {"Conv", "Gemm"}]
    assert inputs == [["DequantizeLinear"] * 2] * (1 + 2 * 10 + 2 + 2 * 4)


def test_each_rounded_value_has_a_range() -> None:
    model, names = resnet.export_with_activations(weights.weight_path(weights.DESCRIPTOR_FILE).read_bytes())
    chip = chip_of(pictures.astronaut())
    activations = open_session(model).run(names, {"chip": chip[None]})
    assert len(names) == len(RANGES)
    for activation, (low, high) in zip(activations, RANGES, strict=True):
        assert (low == 0) == (activation.min() >= 0)
        assert 0.2 * high < activation.max() < 1.3 * high
