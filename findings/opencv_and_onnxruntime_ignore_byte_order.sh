#!/usr/bin/env bash
# PNG, PGM and most network formats store 16-bit and float values with the high byte first, and numpy reads them as
# that: np.frombuffer(data, ">u2"). A library that takes numpy arrays should honour the dtype's byte order, or refuse it
# as it refuses other types that it does not know. OpenCV and ONNX Runtime accept such an array and read its bytes in
# the machine's order: a depth of 300 becomes 11265, and a ratio of 0.3 becomes -6e-23. numpy prints the array right, so
# nothing shows before the result. dlib raises TypeError.
# Seen with opencv-python-headless 5.0.0.93, onnxruntime 1.32.0 and dlib 20.0.1 (dlib-bin 20.0.1.post1) on x86-64.
# So: .astype(np.uint16) (it swaps; .view does not) right where the bytes are read.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps numpy==2.4.6 opencv-python-headless==5.0.0.93 \
    dlib-bin==20.0.1.post1 onnx==1.23.2 onnxruntime==1.32.0 ml-dtypes==0.6.0 typing-extensions==4.16.0 \
    flatbuffers==25.12.19 packaging==26.4 protobuf==7.36.2
ORT_DISABLE_TELEMETRY=1 "$work/venv/bin/python" - <<'PY'
import sys

import cv2
import dlib
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

inputs, outputs = ([helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 2])] for name in "xy")
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", inputs, outputs)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def refused(call, *arguments):
    try:
        call(*arguments)
    except TypeError:
        return True
    return False


depth, ratio = np.full((2, 2), 300, ">u2"), np.full((2, 2), 0.3, ">f4")
swapped_depth, swapped_ratio = depth.view("<u2")[0, 0], ratio.view("<f4")[0, 0]
by_opencv = cv2.transpose(depth)[0, 0], cv2.transpose(ratio)[0, 0]
by_runtime = session.run(None, {"x": ratio})[0][0, 0]
by_dlib = [refused(dlib.resize_image, picture, 4, 4) for picture in (depth, ratio)]
native = dlib.resize_image(depth.astype(np.uint16), 4, 4)[0, 0]
print(f"numpy: {depth[0, 0]} and {ratio[0, 0]}")
print(f"OpenCV {cv2.__version__}: {by_opencv[0]} and {by_opencv[1]}, ONNX Runtime {ort.__version__}: {by_runtime}")
print(f"dlib {dlib.__version__} refuses: {by_dlib}, takes the native one as {native}")
is_raw = bool(by_opencv == (swapped_depth, swapped_ratio) and by_runtime == swapped_ratio)
sys.exit(not is_raw or int(swapped_depth) != 11265 or by_dlib != [True, True] or int(native) != 300)
PY
