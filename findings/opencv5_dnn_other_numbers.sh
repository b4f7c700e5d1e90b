#!/usr/bin/env bash
# A network moved from ONNX Runtime to OpenCV 5's new DNN engine should give the same numbers, or be refused: the
# importer raises for much that it cannot do. Three everyday nodes give other numbers, silently: a linear Resize by
# scales of an odd size takes the ratio of the sizes for the scale (2.5 instead of 2), one with antialias=1 is computed
# without it, and an AveragePool with ceil_mode and count_include_pad also counts the rim beyond the picture.
# ONNX Runtime and ONNX's own reference evaluator agree with each other on all three.
# Seen with opencv-python-headless 5.0.0.93 beside onnxruntime 1.32.0 and onnx 1.23.2.
# So: a pyramid or a pooling of odd sizes (a chip of 150 pixels has them) must be compared number by number first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93 \
    onnx==1.23.2 onnxruntime==1.32.0 ml-dtypes==0.6.0 typing-extensions==4.16.0 flatbuffers==25.12.19 packaging==26.4 \
    protobuf==7.36.2
ORT_DISABLE_TELEMETRY=1 "$work/venv/bin/python" - <<'PY'
import sys

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

picture = np.arange(25, dtype=np.float32).reshape(1, 1, 5, 5)
half = numpy_helper.from_array(np.array([1, 1, 0.5, 0.5], np.float32), "scales")
pooling = {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1, "count_include_pad": 1}
cases = {
    "Resize, linear": (2, helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="linear")),
    "Resize, antialias": (2, helper.make_node("Resize", ["x", "", "scales"], ["y"], mode="linear", antialias=1)),
    "AveragePool, ceil_mode, count_include_pad": (3, helper.make_node("AveragePool", ["x"], ["y"], **pooling)),
}
as_expected = []
for name, (side, node) in cases.items():
    value = lambda name, side: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, side, side])
    constants = [half] if node.op_type == "Resize" else []
    graph = helper.make_graph([node], "one_node", [value("x", 5)], [value("y", side)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    stored = model.SerializeToString()
    runtime = ort.InferenceSession(stored, providers=["CPUExecutionProvider"]).run(None, {"x": picture})[0]
    reference = ReferenceEvaluator(model).run(None, {"x": picture})[0]
    network = cv2.dnn.readNetFromONNX(np.frombuffer(stored, np.uint8))
    network.setInput(picture)
    opencv = network.forward()
    print(f"{name}: OpenCV {opencv.ravel().tolist()}, ONNX Runtime {runtime.ravel().tolist()}")
    as_expected.append(np.allclose(runtime, reference) and not np.allclose(opencv, runtime))
sys.exit(not all(as_expected))
PY
