"""gunicorn.conf.py, and the service as a real gunicorn serves it."""

import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from common.telemetry import metric_files
from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, neck_body
from tests.environment import Template
from tests.gunicorn_server import ROOT, Response, Server

READ_CONF = """
import json, os, runpy, sys
conf = runpy.run_path("gunicorn.conf.py")
plain = {name: value for name, value in conf.items() if isinstance(value, (int, str))}
print(json.dumps({"conf": plain, "environ": dict(os.environ), "modules": list(sys.modules)}))
"""
POOLS = ["OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"]
OWN_MEMORY_LIMIT_KB = 80 * 1024  # the limit of issue 3

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="this system does not show its processes in /proc"
)

Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture
def serve(template: Template, tmp_path: Path) -> Serve:
    return template.service_in(tmp_path).serve


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home: Path, template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Three workers that have all served requests; for tests that do not change them."""
    service = template.service_in(tmp_path_factory.mktemp("gunicorn"), HOME=str(home), WEB_CONCURRENCY="3")
    with service.serve() as running:
        running.started_workers(3)
        for path, body in ((NECK, make_neck_body()), (BLINK, make_blink_body())):
            assert_all_see_a_face(running.post_to_every_worker(3, path, body))
        yield running


def make_neck_body() -> dict[str, Any]:
    return neck_body(pictures.jpeg(pictures.at_desk()))


def make_blink_body() -> dict[str, Any]:
    return blink_body(pictures.jpeg(pictures.at_desk()))


def read_conf(**environment: str) -> dict[str, Any]:
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent", "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-c", READ_CONF], cwd=ROOT, env=clean | environment, stdout=subprocess.PIPE, check=True
    )
    conf: dict[str, Any] = json.loads(result.stdout)
    return conf


def thread_count(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def own_memory_kb(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty):\s*(\d+) kB", text, re.MULTILINE))


def open_files(pid: int) -> set[str]:
    return {os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}


def assert_all_see_a_face(responses: list[Response]) -> None:
    assert {(response.status, response.json["detection_flag"]) for response in responses} == {(200, "detected")}


# --- The configuration ---


def test_each_core_gets_a_worker_and_at_least_two() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert read_conf()["conf"]["workers"] == max(2, cores)


def test_configuration_comes_from_the_environment() -> None:
    given = {"BIND": "unix:/run/p.sock", "WEB_CONCURRENCY": "7", "WORKER_TIMEOUT": "11", "GRACEFUL_TIMEOUT": "12"}
    conf = read_conf(**given, MAX_REQUESTS="13", MAX_REQUESTS_JITTER="0")["conf"]
    names = ["bind", "workers", "timeout", "graceful_timeout", "max_requests", "max_requests_jitter"]
    assert [conf[name] for name in names] == ["unix:/run/p.sock", 7, 11, 12, 13, 0]


def test_configuration_comes_from_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("WEB_CONCURRENCY=5\nBIND=127.0.0.1:8001\n")
    conf = read_conf(ENV_FILE=str(file), BIND="127.0.0.1:8002")["conf"]
    assert (conf["workers"], conf["bind"]) == (5, "127.0.0.1:8002")


def test_thread_pools_are_limited_before_the_imports() -> None:
    read = read_conf(OMP_NUM_THREADS="2")
    assert {name: read["environ"][name] for name in POOLS} == dict.fromkeys(POOLS, "1") | {"OMP_NUM_THREADS": "2"}
    assert {"numpy", "cv2", "dlib", "onnxruntime"} & set(read["modules"]) == set()


# --- Serving ---


def test_new_user_can_have_a_frame_judged(server: Server) -> None:
    person = {"username": "new@example.com", "password": "12341234"}
    assert server.post("accounts/", person, access="").status == 201
    access = server.post("accounts/login/", person, access="").json["access"]
    response = server.post(NECK, make_neck_body(), access=access)
    assert (response.status, response.json["detection_flag"], response.json["cnt"]) == (200, "detected", 1)


@needs_proc
def test_parent_has_one_thread_and_workers_two(server: Server) -> None:
    assert [thread_count(pid) for pid in (server.pid, *server.started_workers())] == [1, 2, 2, 2]


@needs_proc
def test_workers_share_the_memory_of_vision(server: Server) -> None:
    assert max(own_memory_kb(pid) for pid in server.started_workers()) < OWN_MEMORY_LIMIT_KB


@needs_proc
def test_parent_has_no_open_database(server: Server) -> None:
    opened = [path for path in open_files(server.pid) if metric_files.PREFIX not in path]
    assert [path for path in opened if "sqlite" in path or path.endswith(".db")] == []


def test_home_folder_stays_empty(server: Server, home: Path) -> None:
    assert server.started_workers(3)
    assert list(home.iterdir()) == []


@pytest.mark.skipif(not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="this system also hands over silent connections")
def test_silent_connections_do_not_block_others(server: Server) -> None:
    with ExitStack() as silent:
        for _ in range(2 * len(server.started_workers(3))):
            silent.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert server.post(BLINK, make_blink_body(), within_s=10).status == 200


# --- Workers that start and end ---


def test_recycled_workers_drop_no_request(serve: Serve) -> None:
    requests, at_most_each = 150, 20
    body = make_blink_body()
    with serve(WEB_CONCURRENCY="2", MAX_REQUESTS="15", MAX_REQUESTS_JITTER="5") as server:
        with ThreadPoolExecutor(3) as clients:
            responses = list(clients.map(partial(server.post, BLINK), [body] * requests))
        workers = server.started_workers(math.ceil(requests / at_most_each))
    assert len(responses) == requests
    assert_all_see_a_face(responses)
    assert len(set(workers)) == len(workers)


def test_graceful_stop_answers_accepted_requests(serve: Serve) -> None:
    body = make_neck_body()
    with serve(WEB_CONCURRENCY="2") as server:
        with server.hold(NECK, body) as first, server.hold(NECK, body) as second:
            server.terminate()
            for held in (first, second):
                held.send_body()
            assert_all_see_a_face([first.response(), second.response()])
        assert server.exit_code() == 0


def test_killed_worker_is_replaced(serve: Serve) -> None:
    with serve(WEB_CONCURRENCY="2") as server:
        os.kill(server.started_workers(2)[0], signal.SIGKILL)
        assert len(set(server.started_workers(3))) == 3
        assert_all_see_a_face(server.post_to_every_worker(2, BLINK, make_blink_body()))


# --- Missing files ---


def test_workers_can_share_a_cold_cache(serve: Serve, tmp_path: Path) -> None:
    conf = tmp_path / "without_preload.py"
    conf.write_text(
        f"__file__ = {str(ROOT / 'gunicorn.conf.py')!r}\nexec(open(__file__).read())\npreload_app = False\n"
    )
    models = tmp_path / "models"
    with serve("--config", str(conf), WEB_CONCURRENCY="4", MODEL_CACHE_DIR=str(models)) as server:
        server.started_workers(4)
        assert_all_see_a_face(server.post_to_every_worker(4, NECK, make_neck_body()))
        assert "WARNING" not in server.log
    assert {path.suffix for path in models.iterdir()} <= {".onnx", ".json", ".bin"}  # nothing half written


def test_unwritable_cache_is_only_a_warning(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with serve(WEB_CONCURRENCY="2", MODEL_CACHE_DIR=str(file / "models")) as server:
        server.started_workers(2)
        assert_all_see_a_face(server.post_to_every_worker(2, NECK, make_neck_body()))
        warnings = re.findall("WARNING .*", server.log)
    assert any("set MODEL_CACHE_DIR" in warning for warning in warnings)
    assert all(str(file / "models") in warning for warning in warnings), warnings


def test_missing_weights_fail_only_frames(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "face_recognition_models").mkdir()  # an empty package of this name hides the real one
    (tmp_path / "face_recognition_models" / "__init__.py").touch()
    with serve(WEB_CONCURRENCY="2", PYTHONPATH=str(tmp_path)) as server:
        server.started_workers(2)
        (error,) = re.findall("ERROR .*", server.log)
        response = server.post(NECK, make_neck_body())
    assert "No frame can be judged: The weight file" in error
    assert (response.status, list(response.json)) == (503, ["detail"])
