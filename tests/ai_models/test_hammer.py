"""Many threads and processes at once give the results of one thread: every box, landmark and descriptor."""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Barrier

import cv2
import pytest
from django.conf import settings

from ai_models.landmarks import Box
from ai_models.vision import faces
from ai_models.vision.descriptor import Network, describe_face, open_network
from ai_models.vision.faces import find_face
from ai_models.vision.frame import decode, read_frame
from tests import pictures
from tests.processes import TIMEOUT_S, answers_of

THREADS = 8
PROCESSES = 4
ROUNDS = 2

Result = tuple[Box, list[list[int]], list[float]] | None  # box, landmarks, descriptor


@cache
def frames() -> list[bytes]:
    """Frames as cameras send them; together they take every path of the search."""
    far, near = (pictures.framed(face_px, (180, 240), size=(360, 480)) for face_px in (100, 190))
    return [
        pictures.png(pictures.astronaut()),
        pictures.jpeg(pictures.astronaut(), 60),
        pictures.png(pictures.coffee()),
        pictures.jpeg(pictures.coffee()),
        pictures.png(pictures.eyes_closed()),
        pictures.png(pictures.small()),
        pictures.jpeg(pictures.framed(85, (150, 330)), 40),
        pictures.jpeg(pictures.framed(150, (400, 200), turn_deg=10)),
        pictures.png(pictures.framed(260, (300, 240), noise=5)),
        pictures.jpeg(pictures.framed(110, (150, 120), size=(320, 240))),
        pictures.jpeg(pictures.framed(240, (900, 380), size=(1280, 720))),
        pictures.jpeg(pictures.beside(far, near)),
    ]


def describe_frame(frame: bytes, network: Network) -> Result:
    image = decode(read_frame(frame))
    face = find_face(image)
    if face is None:
        return None
    return face.box, face.points.tolist(), describe_face(image, face, network).tolist()


def shuffled_results(
    sent: list[bytes], seed: int, network: Network, *, rounds: int = ROUNDS
) -> Iterator[tuple[int, Result]]:
    """Each frame's index and its result, in an order that depends on the seed."""
    indices = list(range(len(sent))) * rounds
    random.Random(seed).shuffle(indices)  # noqa: S311 - an order, not a secret
    for index in indices:
        yield index, describe_frame(sent[index], network)


@cache
def expected() -> list[Result]:
    """The results of one thread in one process."""
    network = open_network(settings.MODEL_CACHE_DIR)
    return [describe_frame(frame, network) for frame in frames()]


def wrong(results: list[tuple[int, Result]]) -> list[int]:
    """The indices of the frames whose result differs from that of one thread."""
    assert {index for index, _ in results} == set(range(len(frames())))
    return [index for index, result in results if result != expected()[index]]


def test_frames_show_nine_different_faces() -> None:
    faces_found = [result for result in expected() if result is not None]
    assert len(faces_found) == 9
    assert len({(box, *descriptor) for box, _, descriptor in faces_found}) == 9


def test_order_does_not_change_the_results() -> None:
    assert wrong(list(shuffled_results(frames(), 99, open_network(settings.MODEL_CACHE_DIR), rounds=1))) == []


def test_eight_threads_agree_with_one() -> None:
    assert expected()
    network = open_network(settings.MODEL_CACHE_DIR)
    together = Barrier(THREADS)

    def judge(seed: int) -> list[tuple[int, Result]]:
        together.wait(TIMEOUT_S)
        return list(shuffled_results(frames(), seed, network))

    with ThreadPoolExecutor(THREADS) as pool:
        assert [wrong(results) for results in pool.map(judge, range(THREADS))] == [[]] * THREADS


def test_eight_threads_with_hints_agree_with_one() -> None:
    hints = [result and result[0] for result in expected()]

    def landmarks(index: int) -> list[list[int]] | None:
        face = find_face(decode(read_frame(frames()[index])), near=hints[index])
        return None if face is None else face.points.tolist()

    indices = list(range(len(frames())))
    alone = [landmarks(index) for index in indices]
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(landmarks, indices * THREADS)) == alone * THREADS


def test_eight_threads_can_share_dlibs_network(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    network = open_network(tmp_path / "file" / "models")
    assert len(caplog.records) == 1
    with_face = [frame for frame, result in zip(frames(), expected(), strict=True) if result is not None][::3]
    alone = [describe_frame(frame, network) for frame in with_face]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda frame: describe_frame(frame, network), with_face * THREADS))
    assert together == alone * THREADS


# --- Processes ---


def judge_alone(sent: list[bytes], folder: Path) -> list[tuple[int, Result]]:
    """Run in its own process."""
    cv2.setNumThreads(1)
    return list(shuffled_results(sent, os.getpid(), open_network(folder)))


def judge_in_two_threads(sent: list[bytes], folder: Path) -> list[tuple[int, Result]]:
    """Run in its own process, like a threaded worker of gunicorn."""
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(lambda seed: list(shuffled_results(sent, seed, open_network(folder), rounds=1)), range(2))
        return [result for half in halves for result in half]


def preload_and_fork(sent: list[bytes], folder: Path) -> list[list[tuple[int, Result]]]:
    """Run in its own process, which does what gunicorn does with --preload."""
    cv2.setNumThreads(1)
    faces.preload()
    open_network(folder)
    results: list[list[tuple[int, Result]]] = answers_of("fork", PROCESSES, judge_in_two_threads, sent, folder)
    return results


def test_four_processes_agree_with_one_thread() -> None:
    expected()  # creates the export
    results = answers_of("spawn", PROCESSES, judge_alone, frames(), settings.MODEL_CACHE_DIR)
    assert [wrong(result) for result in results] == [[]] * PROCESSES


def test_four_forked_workers_agree_with_one_thread() -> None:
    expected()
    (results,) = answers_of("spawn", 1, preload_and_fork, frames(), settings.MODEL_CACHE_DIR)
    assert [wrong(result) for result in results] == [[]] * PROCESSES
