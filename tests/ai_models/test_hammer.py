"""Many threads and processes at once give the answers that one thread gives: every box, landmark and descriptor."""

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

pytestmark = pytest.mark.alone  # it forks, and a process of a parallel run has a thread

THREADS = 8
PROCESSES = 4
ROUNDS = 2

Answer = tuple[Box, list[list[int]], list[float]] | None  # box, landmarks, descriptor


@cache
def frames() -> list[bytes]:
    """Frames as cameras send them: each way of the search ends in some of them."""
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


def response(frame: bytes, network: Network) -> Answer:
    image = decode(read_frame(frame))
    face = find_face(image)
    if face is None:
        return None
    return face.box, face.points.tolist(), describe_face(image, face, network).tolist()


def shuffled_answers(
    sent: list[bytes], seed: int, network: Network, *, rounds: int = ROUNDS
) -> Iterator[tuple[int, Answer]]:
    """Each frame's place and its answer, in an order of one's own."""
    places = list(range(len(sent))) * rounds
    random.Random(seed).shuffle(places)  # noqa: S311 - an order, not a secret
    for place in places:
        yield place, response(sent[place], network)


@cache
def expected() -> list[Answer]:
    """The answers of one thread in one process."""
    network = open_network(settings.MODEL_CACHE_DIR)
    return [response(frame, network) for frame in frames()]


def wrong(responses: list[tuple[int, Answer]]) -> list[int]:
    """The places of the frames that were answered otherwise than by one thread."""
    assert {place for place, _ in responses} == set(range(len(frames())))
    return [place for place, each in responses if each != expected()[place]]


def test_frames_show_nine_different_faces() -> None:
    given = [each for each in expected() if each is not None]
    assert len(given) == 9
    assert len({(box, *descriptor) for box, _, descriptor in given}) == 9


def test_order_does_not_change_the_results() -> None:
    assert wrong(list(shuffled_answers(frames(), 99, open_network(settings.MODEL_CACHE_DIR), rounds=1))) == []


def test_eight_threads_agree_with_one() -> None:
    assert expected()
    network = open_network(settings.MODEL_CACHE_DIR)
    together = Barrier(THREADS)

    def judge(seed: int) -> list[tuple[int, Answer]]:
        together.wait(TIMEOUT_S)
        return list(shuffled_answers(frames(), seed, network))

    with ThreadPoolExecutor(THREADS) as pool:
        assert [wrong(responses) for responses in pool.map(judge, range(THREADS))] == [[]] * THREADS


def test_eight_threads_with_hints_agree_with_one() -> None:
    hints = [each and each[0] for each in expected()]

    def near(place: int) -> list[list[int]] | None:
        face = find_face(decode(read_frame(frames()[place])), near=hints[place])
        return None if face is None else face.points.tolist()

    places = list(range(len(frames())))
    alone = [near(place) for place in places]
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(near, places * THREADS)) == alone * THREADS


def test_eight_threads_can_share_dlibs_network(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_bytes(b"")
    network = open_network(tmp_path / "file" / "models")
    assert len(caplog.records) == 1
    with_face = [frame for frame, each in zip(frames(), expected(), strict=True) if each is not None][::3]
    alone = [response(frame, network) for frame in with_face]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda frame: response(frame, network), with_face * THREADS))
    assert together == alone * THREADS


# --- Processes ---


def judge_alone(sent: list[bytes], folder: Path) -> list[tuple[int, Answer]]:
    """In a process of its own."""
    cv2.setNumThreads(1)
    return list(shuffled_answers(sent, os.getpid(), open_network(folder)))


def judge_in_two_threads(sent: list[bytes], folder: Path) -> list[tuple[int, Answer]]:
    """In a process of its own, as gunicorn's threaded workers."""
    with ThreadPoolExecutor(2) as pool:
        halves = pool.map(lambda seed: list(shuffled_answers(sent, seed, open_network(folder), rounds=1)), range(2))
        return [each for half in halves for each in half]


def preload_and_fork(sent: list[bytes], folder: Path) -> list[list[tuple[int, Answer]]]:
    """In a process of its own: what gunicorn does with --preload."""
    cv2.setNumThreads(1)
    faces.preload()
    open_network(folder)
    responses: list[list[tuple[int, Answer]]] = answers_of("fork", PROCESSES, judge_in_two_threads, sent, folder)
    return responses


def test_four_processes_agree_with_one_thread() -> None:
    expected()  # the export is made by now
    responses = answers_of("spawn", PROCESSES, judge_alone, frames(), settings.MODEL_CACHE_DIR)
    assert [wrong(each) for each in responses] == [[]] * PROCESSES


def test_four_forked_workers_agree_with_one_thread() -> None:
    expected()
    (responses,) = answers_of("spawn", 1, preload_and_fork, frames(), settings.MODEL_CACHE_DIR)
    assert [wrong(each) for each in responses] == [[]] * PROCESSES
