"""Other libraries in a process of their own, whose Python has them: answers frames on its standard input.

A request is a line with a way's name and a length, and then a JPEG; its answer is a line of JSON: the milliseconds of
processor time, of all threads, and whether there was a face. Decoding is not part of them.
"""

import json
import os
import sys
import time
from typing import Any

os.environ["GLOG_minloglevel"] = "3"  # noqa: SIM112
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what the libraries print is no answer

import cv2  # noqa: E402
import face_recognition  # type: ignore[import-not-found]  # noqa: E402
import mediapipe  # type: ignore[import-not-found]  # noqa: E402
import numpy as np  # noqa: E402

_meshes = {
    tracked: mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=not tracked, max_num_faces=1)
    for tracked in (False, True)
}


def _landmarks(image: Any, _: object) -> list[Any]:
    located: list[Any] = face_recognition.face_locations(image)
    face_recognition.face_landmarks(image, located)
    return located


# Each way, and what it is given without being timed.
WAYS: dict[str, tuple[Any, Any]] = {
    "mediapipe": (lambda image, _: _meshes[False].process(image).multi_face_landmarks, None),
    "mediapipe tracked": (lambda image, _: _meshes[True].process(image).multi_face_landmarks, None),
    "face_recognition": (_landmarks, None),
    "face_recognition descriptor": (face_recognition.face_encodings, face_recognition.face_locations),
}

for line in sys.stdin.buffer:
    name, _, length = line.decode().rpartition(" ")
    data = np.frombuffer(sys.stdin.buffer.read(int(length)), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1].copy()  # type: ignore[index]
    way, prepare = WAYS[name]
    given = prepare(picture) if prepare else None
    start = time.process_time_ns()
    found = way(picture, given)
    ms = (time.process_time_ns() - start) / 1e6
    print(json.dumps([ms, bool(found)]), file=ANSWERS, flush=True)
