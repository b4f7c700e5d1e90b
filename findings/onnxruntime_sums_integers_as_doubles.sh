#!/usr/bin/env bash
# ReduceSum of int64 is integer arithmetic: one expects it exact, and to wrap around at its limits as Add, CumSum and
# numpy do (and ONNX's reference evaluator). ONNX Runtime's ReduceSum goes through float64: above 2**53 the sum is
# rounded (one nanosecond is lost), and at the limits it stays at the largest value, of int32 too.
# Add and CumSum, in the same model, are exact: two ways to sum the same numbers differ.
# Seen with onnxruntime 1.32.0 (onnx 1.23.2, opset 17), with and without graph optimization.
# So: times in nanoseconds, ids and hashes are summed outside the model, or by CumSum, of which one takes the last.
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
from onnx.reference import ReferenceEvaluator

nodes = [
    helper.make_node("ReduceSum", ["x"], ["reduced"], keepdims=0),
    helper.make_node("CumSum", ["x", "axis"], ["running"]),
]


def sums(values, level):
    kind = helper.np_dtype_to_tensor_dtype(values.dtype)
    value = lambda name, shape: helper.make_tensor_value_info(name, kind, shape)
    axis = numpy_helper.from_array(np.int64(0), "axis")
    outputs = [value("reduced", []), value("running", [len(values)])]
    graph = helper.make_graph(nodes, "sums", [value("x", [len(values)])], outputs, [axis])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    options = ort.SessionOptions()
    options.graph_optimization_level = level
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    reduced, running = session.run(None, {"x": values})
    with np.errstate(over="ignore"):
        return [int(reduced), int(running[-1]), int(ReferenceEvaluator(model).run(None, {"x": values})[0])]


levels = ort.GraphOptimizationLevel
cases = {
    "a time in ns, and 1": np.array([1767225600000000000, 1], np.int64),
    "the largest int64, and 1": np.array([2**63 - 1, 1], np.int64),
    "the largest int32, and 1": np.array([2**31 - 1, 1], np.int32),
}
seen = []
for name, values in cases.items():
    found = sums(values, levels.ORT_ENABLE_ALL)
    seen.append(found[0])
    print(f"{name}: ReduceSum {found[0]}, CumSum {found[1]}, reference {found[2]}")
    assert found[1] == found[2] == int(values.sum(dtype=values.dtype))
    assert sums(values, levels.ORT_DISABLE_ALL) == found
print(f"onnxruntime {ort.__version__}")
sys.exit(seen != [1767225600000000000, 2**63 - 1, 2**31 - 1])
PY
