#!/usr/bin/env bash
# The mean of no rows is not a number: numpy says NaN and warns, ONNX's reference evaluator says NaN, and a threshold
# then fails, as it should. A batch that is empty is valid for ONNX Runtime, and its ReduceMean answers 0.0, without a
# word: a mean descriptor of no frames is the origin, and with unit descriptors its distance to everybody is 1, a number
# like any other. ReduceMax and ReduceMin of none are -inf and inf, as in the reference: only the mean hides it.
# Seen with onnxruntime 1.32.0 (onnx 1.23.2, opset 18).
# So: count the rows before the network is run.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    ml-dtypes==0.6.0 typing-extensions==4.16.0 flatbuffers==25.12.19 packaging==26.4 protobuf==7.36.2
ORT_DISABLE_TELEMETRY=1 "$work/venv/bin/python" - <<'PY'
import sys
import warnings

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

warnings.simplefilter("ignore")  # numpy's own, about the mean of nothing
frames = np.zeros((0, 3), np.float32)


def reduced(operator):
    """Over no rows: ONNX Runtime's answer and the reference's."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["frames", 3])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])]
    axes = numpy_helper.from_array(np.array([0]), "axes")
    node = helper.make_node(operator, ["x", "axes"], ["y"], keepdims=0)
    graph = helper.make_graph([node], "reduce", inputs, outputs, [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": frames})[0].tolist(), ReferenceEvaluator(model).run(None, {"x": frames})[0].tolist()


found = {operator: reduced(operator) for operator in ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum")}
for operator, (runtime, reference) in found.items():
    print(f"{operator} of no rows: ONNX Runtime {runtime}, reference {reference}")
print(f"onnxruntime {ort.__version__}, numpy's mean: {frames.mean(axis=0).tolist()}")
runtime, reference = found.pop("ReduceMean")
others_agree = all(runtime == reference for runtime, reference in found.values())
sys.exit(runtime != [0.0] * 3 or not np.isnan(reference).all() or not others_agree)
PY
