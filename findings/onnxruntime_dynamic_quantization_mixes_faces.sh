#!/usr/bin/env bash
# quantize_dynamic makes a network's weights 8-bit, and its activations at run time, with a scale taken from them. Rows
# of a batch are independent, so one expects a face's result not to depend on who else is in the batch: up to the last
# bits, as in float32. But DynamicQuantizeLinear takes one scale for the whole tensor: a row with larger values (a
# brighter face) makes the scale coarser for all. Here the error of a row goes from 3 % of its values alone to over 30 %
# beside a row that is twenty times as large, and an order of batches is an order of results.
# Seen with onnxruntime 1.32.0 and its quantization tool (onnx 1.23.2), on x86-64.
# So: a batch of one for what is compared with stored results, or static quantization, whose scales are in the file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    ml-dtypes==0.6.0 typing-extensions==4.16.0 flatbuffers==25.12.19 packaging==26.4 protobuf==7.36.2 sympy==1.14.0 \
    mpmath==1.3.0
ORT_DISABLE_TELEMETRY=1 "$work/venv/bin/python" - "$work" <<'PY'
import logging
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

logging.disable(logging.WARNING)  # an advice to prepare the model, which has one node
random = np.random.default_rng(0)
weights, faces = (random.normal(size=shape).astype(np.float32) for shape in ((128, 64), (2, 128)))
faces[1] *= 20
plain, quantized = f"{sys.argv[1]}/plain.onnx", f"{sys.argv[1]}/quantized.onnx"
value = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
node = helper.make_node("MatMul", ["x", "w"], ["y"])
constants = [numpy_helper.from_array(weights, "w")]
graph = helper.make_graph([node], "layer", [value("x", 128)], [value("y", 64)], constants)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), plain)
quantize_dynamic(plain, quantized)


def error(path, batch):
    """Of the first face, as a share of its results' spread."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    exact = faces[0].astype(np.float64) @ weights
    return float(np.abs(session.run(None, {"x": batch})[0][0] - exact).max() / exact.std())


errors = {name: [error(path, faces[:1]), error(path, faces)] for name, path in
          {"float32": plain, "quantize_dynamic": quantized}.items()}
for name, (alone, beside) in errors.items():
    print(f"{name}: largest error {alone:.2%} alone, {beside:.2%} beside another face")
print(f"onnxruntime {ort.__version__}")
alone, beside = errors["quantize_dynamic"]
sys.exit(not (max(errors["float32"]) < 1e-5 and alone < 0.05 and beside > 0.3))
PY
