#!/usr/bin/env bash
# A quantized network rounds where its QuantizeLinear nodes say: that is the point of simulating it before. Optimizing
# may fuse nodes, but not leave a rounding out. ONNX Runtime's default level does: of two neighbouring pairs of quantize
# and dequantize it drops the first, whose rounding and zeros are gone: 0.5, which the model makes 0, comes out as 0.6.
# ORT_DISABLE_ALL and arithmetic by hand agree with each other. Already ORT_ENABLE_BASIC differs.
# Seen with onnxruntime 1.32.0 (onnx 1.23.2, opset 17); no warning.
# So: judge an int8 network by ONNX Runtime's own output at the level that serves, never by a simulation.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    ml-dtypes==0.6.0 typing-extensions==4.16.0 flatbuffers==25.12.19 packaging==26.4 protobuf==7.36.2
ORT_DISABLE_TELEMETRY=1 "$work/venv/bin/python" - <<'PY'
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

COARSE, FINE = 1.0, 0.3
x = np.array([[0.4, 0.5, 1.4, 2.5, -0.5]], np.float32)
nodes = [
    helper.make_node("QuantizeLinear", ["x", "coarse", "zero"], ["q1"]),
    helper.make_node("DequantizeLinear", ["q1", "coarse", "zero"], ["x1"]),
    helper.make_node("QuantizeLinear", ["x1", "fine", "zero"], ["q2"]),
    helper.make_node("DequantizeLinear", ["q2", "fine", "zero"], ["y"]),
]
values = {"coarse": np.float32(COARSE), "fine": np.float32(FINE), "zero": np.int8(0)}
inputs, outputs = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 5])] for name in "xy")
constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]
graph = helper.make_graph(nodes, "two_pairs", inputs, outputs, constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)


def output(level):
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


levels = ort.GraphOptimizationLevel
none, basic = output(levels.ORT_DISABLE_ALL), output(levels.ORT_ENABLE_BASIC)
default = output(levels.ORT_ENABLE_ALL)
by_hand = np.round(np.round(x / COARSE) * COARSE / FINE) * FINE
first_left_out = np.round(x / FINE) * FINE
for name, row in {"in": x, "by hand": by_hand, "no optimizing": none, "basic": basic, "default": default}.items():
    print(f"{name:>14}: {row.ravel().round(2).tolist()}")
close = np.allclose
is_so = close(none, by_hand) and close(basic, default) and close(default, first_left_out) and not close(default, none)
sys.exit(not is_so)
PY
