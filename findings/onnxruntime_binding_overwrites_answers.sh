#!/usr/bin/env bash
# With IOBinding and bind_output("y"), no array of one's own, ONNX Runtime allocates the output. What one reads from it
# after a run, get_outputs()[0].numpy(), should be an answer that stays: session.run's does.
# The array is a view of the binding's buffer. The next run_with_iobinding writes into it: the descriptor that was kept
# of the first face becomes the second face's, and the distance of the two is 0: the same person, always.
# copy_outputs_to_cpu(), which on the CPU has nothing to move, does copy.
# Seen with onnxruntime 1.32.0, CPU (onnx 1.23.2).
# So: copy_outputs_to_cpu(), or .numpy().copy().
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

SIDE = 128
weights = np.random.default_rng(0).normal(size=(SIDE, SIDE)).astype(np.float32)
inputs, outputs = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, SIDE])] for name in "xy")
node = helper.make_node("MatMul", ["x", "w"], ["y"])
graph = helper.make_graph([node], "descriptor", inputs, outputs, [numpy_helper.from_array(weights, "w")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
faces = [np.full((1, SIDE), value, np.float32) for value in (1, 2)]

ways = {
    "get_outputs()[0].numpy()": lambda binding: binding.get_outputs()[0].numpy(),
    "copy_outputs_to_cpu()[0]": lambda binding: binding.copy_outputs_to_cpu()[0],
    "get_outputs()[0].numpy().copy()": lambda binding: binding.get_outputs()[0].numpy().copy(),
}


def distance(read):
    """Between the answers for two faces, by one binding."""
    binding = session.io_binding()
    binding.bind_output("y")
    answers = []
    for face in faces:
        binding.bind_cpu_input("x", face)
        session.run_with_iobinding(binding)
        answers.append(read(binding))
    return float(np.linalg.norm(answers[0] - answers[1]))


by_run = [session.run(None, {"x": face})[0] for face in faces]
expected = float(np.linalg.norm(by_run[0] - by_run[1]))
distances = {name: distance(read) for name, read in ways.items()}
print(f"onnxruntime {ort.__version__}, distance of two faces' descriptors: session.run {expected:.1f}")
for name, found in distances.items():
    print(f"{name}: {found:.1f}")
view, *copies = distances.values()
sys.exit(not (view == 0 < expected and np.allclose(copies, expected)))
PY
