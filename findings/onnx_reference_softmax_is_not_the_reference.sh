#!/usr/bin/env bash
# ONNX's own ReferenceEvaluator is what one trusts when two engines differ. Before opset 13 Softmax flattened all axes
# from `axis` on; files of older exporters still say so. The evaluator takes such a model and computes
# opset 13's softmax along one axis; so does OpenCV 5's DNN module. ONNX Runtime alone keeps to the operator's version:
# with two against one, the odd one out is right. The sum over each picture shows it: 1 by the specification, 2 here.
# Seen with onnx 1.23.2, opencv-python-headless 5.0.0.93 and onnxruntime 1.32.0.
# So: raise an old model with onnx.version_converter before it is compared or moved (done below: all three then agree).
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
from onnx import TensorProto, helper, version_converter
from onnx.reference import ReferenceEvaluator

scores = np.array([[[0, 1], [2, 3]]], np.float32)  # (pictures, places, classes)
inputs, outputs = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2, 2])] for name in "xy")
graph = helper.make_graph([helper.make_node("Softmax", ["x"], ["y"], axis=1)], "softmax", inputs, outputs)
old = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)
onnx.checker.check_model(old, full_check=True)


def results(model):
    stored = model.SerializeToString()
    network = cv2.dnn.readNetFromONNX(np.frombuffer(stored, np.uint8))
    network.setInput(scores)
    return {
        "ONNX Runtime": ort.InferenceSession(stored, providers=["CPUExecutionProvider"]).run(None, {"x": scores})[0],
        "reference": ReferenceEvaluator(model).run(None, {"x": scores})[0],
        "OpenCV": network.forward(),
    }


specified = (np.exp(scores) / np.exp(scores).sum()).astype(np.float32)
shown = lambda row: [round(float(number), 3) for number in row.ravel()]
before, after = results(old), results(version_converter.convert_version(old, 13))
for name, row in before.items():
    print(f"opset 11, {name}: {shown(row)} sums to {row.sum():.2f}; raised to 13: {shown(after[name])}")
is_right = {name: np.allclose(row, specified, atol=1e-5) for name, row in before.items()}
all_agree = all(np.allclose(row, specified, atol=1e-5) for row in after.values())
sys.exit(is_right != {"ONNX Runtime": True, "reference": False, "OpenCV": False} or not all_agree)
PY
