"""gunicorn.conf.py, and the service as a real gunicorn serves it."""

import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from common.telemetry import metric_files
from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, neck_body
from tests.gunicorn_server import ROOT, Answer, Server, serving

# In a process of its own, as deployment does it: the database made, a user signed up, the network exported.
PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.services import user_create
from rest_framework_simplejwt.tokens import AccessToken
print(AccessToken.for_user(user_create(username="mina@example.com", password="12341234")))
from django.db import connections
connections.close_all()  # the file alone is the whole database then
from detections import vision
vision.preload()
"""
READ_CONF = """
import json, os, runpy, sys
conf = runpy.run_path("gunicorn.conf.py")
plain = {name: value for name, value in conf.items() if isinstance(value, (int, str))}
print(json.dumps({"conf": plain, "environ": dict(os.environ), "modules": list(sys.modules)}))
"""
POOLS = ["OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"]
OWN_MEMORY_LIMIT_KB = 80 * 1024  # the bar of issue 3

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="this system does not show its processes in /proc"
)

Serve = Callable[..., AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Prepared:
    folder: Path
    access: str
    environment: dict[str, str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("gunicorn")
    environment = {
        "DEBUG": "false",
        "SECRET_KEY": "k" * 50,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "MODEL_CACHE_DIR": str(folder / "models"),
        "SPOOL_DIR": str(folder / "spool"),
    }
    always = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "DJANGO_SETTINGS_MODULE": "posesmart.settings",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        env=always | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Prepared(folder, ran.stdout.strip(), environment)


def serve_in(folder: Path, prepared: Prepared, *options: str, **environment: str) -> AbstractContextManager[Server]:
    """gunicorn on a fresh database with the prepared user in it; the network is exported already."""
    database = folder / "db.sqlite3"
    shutil.copy(prepared.folder / "db.sqlite3", database)
    own = {"DATABASE_URL": f"sqlite:///{database}", "HOME": str(folder)}
    return serving(prepared.access, *options, **(prepared.environment | own | environment))


@pytest.fixture
def serve(prepared: Prepared, tmp_path: Path) -> Serve:
    return partial(serve_in, tmp_path, prepared)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home: Path, prepared: Prepared) -> Iterator[Server]:
    """Three workers that have all served; for tests that leave them as they are."""
    with serve_in(home, prepared, WEB_CONCURRENCY="3") as running:
        running.started_workers(3)
        for path, body in ((NECK, a_neck_body()), (BLINK, a_blink_body())):
            assert_all_see_a_face(running.post_to_every_worker(3, path, body))
        yield running


def a_neck_body() -> dict[str, Any]:
    return neck_body(pictures.jpeg(pictures.at_desk()))


def a_blink_body() -> dict[str, Any]:
    return blink_body(pictures.jpeg(pictures.at_desk()))


def read_conf(**environment: str) -> dict[str, Any]:
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": "/nonexistent", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", READ_CONF], cwd=ROOT, env=clean | environment, stdout=subprocess.PIPE, check=True
    )
    response: dict[str, Any] = json.loads(ran.stdout)
    return response


def thread_count(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def own_memory_kb(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty):\s*(\d+) kB", text, re.MULTILINE))


def open_files(pid: int) -> set[str]:
    return {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}


def assert_all_see_a_face(responses: list[Answer]) -> None:
    assert {(each.status, each.json["detection_flag"]) for each in responses} == {(200, "detected")}


# --- The configuration ---


def test_there_is_a_worker_for_every_usable_core_and_never_fewer_than_two() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert read_conf()["conf"]["workers"] == max(2, cores)


def test_the_configuration_comes_from_the_environment() -> None:
    given = {"BIND": "unix:/run/p.sock", "WEB_CONCURRENCY": "7", "WORKER_TIMEOUT": "11", "GRACEFUL_TIMEOUT": "12"}
    conf = read_conf(**given, MAX_REQUESTS="13", MAX_REQUESTS_JITTER="0")["conf"]
    names = ["bind", "workers", "timeout", "graceful_timeout", "max_requests", "max_requests_jitter"]
    assert [conf[name] for name in names] == ["unix:/run/p.sock", 7, 11, 12, 13, 0]


def test_the_configuration_comes_from_the_settings_file_too(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_text("WEB_CONCURRENCY=5\nBIND=127.0.0.1:8001\n")
    conf = read_conf(ENV_FILE=str(file), BIND="127.0.0.1:8002")["conf"]
    assert (conf["workers"], conf["bind"]) == (5, "127.0.0.1:8002")


def test_thread_pools_are_capped_before_the_libraries_that_have_them_are_imported() -> None:
    read = read_conf(OMP_NUM_THREADS="2")
    assert {name: read["environ"][name] for name in POOLS} == dict.fromkeys(POOLS, "1") | {"OMP_NUM_THREADS": "2"}
    assert {"numpy", "cv2", "dlib", "onnxruntime"} & set(read["modules"]) == set()


# --- Serving ---


def test_a_new_user_signs_up_logs_in_and_has_a_frame_judged(server: Server) -> None:
    person = {"username": "new@example.com", "password": "12341234"}
    assert server.post("accounts/", person, access="").status == 201
    access = server.post("accounts/login/", person, access="").json["access"]
    response = server.post(NECK, a_neck_body(), access=access)
    assert (response.status, response.json["detection_flag"], response.json["cnt"]) == (200, "detected", 1)


@needs_proc
def test_who_forks_has_one_thread_and_a_worker_has_housekeeping_besides(server: Server) -> None:
    assert [thread_count(pid) for pid in (server.pid, *server.started_workers())] == [1, 2, 2, 2]


@needs_proc
def test_workers_share_what_vision_needs(server: Server) -> None:
    assert max(own_memory_kb(pid) for pid in server.started_workers()) < OWN_MEMORY_LIMIT_KB


@needs_proc
def test_no_database_is_open_where_workers_fork_from(server: Server) -> None:
    opened = [path for path in open_files(server.pid) if metric_files.PREFIX not in path]
    assert [path for path in opened if "sqlite" in path or path.endswith(".db")] == []


def test_nothing_is_written_into_the_home_folder(server: Server, home: Path) -> None:
    assert server.started_workers(3)
    assert {path.name.partition("-")[0] for path in home.iterdir()} == {"db.sqlite3"}  # which the test put there


@pytest.mark.skipif(not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="this system hands over silent connections, too")
def test_connections_that_say_nothing_keep_nobody_waiting(server: Server) -> None:
    with ExitStack() as silent:
        for _ in range(2 * len(server.started_workers(3))):
            silent.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert server.post(BLINK, a_blink_body(), within_s=10).status == 200


# --- Workers that come and go ---


def test_recycled_workers_leave_no_request_unanswered(serve: Serve) -> None:
    requests, at_most_each = 150, 20
    body = a_blink_body()
    with serve(WEB_CONCURRENCY="2", MAX_REQUESTS="15", MAX_REQUESTS_JITTER="5") as server:
        with ThreadPoolExecutor(3) as clients:
            responses = list(clients.map(partial(server.post, BLINK), [body] * requests))
        workers = server.started_workers(math.ceil(requests / at_most_each))
    assert len(responses) == requests
    assert_all_see_a_face(responses)
    assert len(set(workers)) == len(workers)


def test_a_graceful_stop_answers_what_was_accepted(serve: Serve) -> None:
    body = a_neck_body()
    with serve(WEB_CONCURRENCY="2") as server:
        with server.hold(NECK, body) as first, server.hold(NECK, body) as second:
            server.terminate()
            for held in (first, second):
                held.send_body()
            assert_all_see_a_face([first.response(), second.response()])
        assert server.exit_code(within_s=10) == 0


def test_a_killed_worker_is_replaced(serve: Serve) -> None:
    with serve(WEB_CONCURRENCY="2") as server:
        os.kill(server.started_workers(2)[0], signal.SIGKILL)
        assert len(set(server.started_workers(3))) == 3
        assert_all_see_a_face(server.post_to_every_worker(2, BLINK, a_blink_body()))


# --- What may be missing ---


def test_four_workers_that_start_on_a_cold_cache_at_once_all_serve(serve: Serve, tmp_path: Path) -> None:
    conf = tmp_path / "without_preload.py"
    conf.write_text(
        f"__file__ = {str(ROOT / 'gunicorn.conf.py')!r}\nexec(open(__file__).read())\npreload_app = False\n"
    )
    models = tmp_path / "models"
    with serve("--config", str(conf), WEB_CONCURRENCY="4", MODEL_CACHE_DIR=str(models)) as server:
        server.started_workers(4)
        assert_all_see_a_face(server.post_to_every_worker(4, NECK, a_neck_body()))
        assert "WARNING" not in server.log
    assert [path.suffix for path in models.iterdir()] == [".onnx"]


def test_a_cache_that_cannot_be_written_is_one_warning_and_frames_are_judged(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with serve(WEB_CONCURRENCY="2", MODEL_CACHE_DIR=str(file / "models")) as server:
        server.started_workers(2)
        assert_all_see_a_face(server.post_to_every_worker(2, NECK, a_neck_body()))
        (warning,) = re.findall("WARNING .*", server.log)
    assert str(file / "models") in warning
    assert "set MODEL_CACHE_DIR" in warning


def test_missing_weights_are_one_error_and_the_rest_is_served(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "face_recognition_models").mkdir()  # an empty package of this name hides the real one
    (tmp_path / "face_recognition_models" / "__init__.py").touch()
    with serve(WEB_CONCURRENCY="2", PYTHONPATH=str(tmp_path)) as server:
        server.started_workers(2)
        (error,) = re.findall("ERROR .*", server.log)
        response = server.post(NECK, a_neck_body())
    assert "No frame can be judged: The weight file" in error
    assert (response.status, list(response.json)) == (503, ["detail"])
