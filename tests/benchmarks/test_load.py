"""make bench-load: a short run on real servers, and its users against a server that stalls."""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.load import results
from benchmarks.load.results import MONITORING, Response
from benchmarks.report import Report, Target
from tests.gunicorn_server import ROOT

STALL_S = 2
PYTHON = (sys.executable, "-c")
# As `python -m benchmarks.load`, with SQLite in any case: MariaDB takes long to start.
LOAD = """
import runpy
from tests import mariadb
mariadb.missing = lambda: "no MariaDB in this test"
import locust
from benchmarks.load import run
run.PEOPLE, run.BLINKERS = 2, 1
runpy.run_module("benchmarks.load", run_name="__main__")
"""
# Prints for each response how late it was sent, and its milliseconds from when it was due.
USERS = """
import json, sys
from benchmarks.load.users import Crowd
port, seconds = map(int, sys.argv[1:])
crowd = Crowd(port, [[b"image"]], 1, seconds)
with crowd.posting():
    pass
print(json.dumps([[response.late_ms / 1000, response.ms] for response in crowd.responses]))
"""


def test_short_load_is_measured() -> None:
    options = ["--seconds", "4", "--soak", "0"]
    ran = subprocess.run([*PYTHON, LOAD, *options], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    for text in ("neck, calibrating", "blink", "gunicorn and its workers", "requests that failed"):
        assert text in ran.stdout


def test_slow_response_delays_no_other_request() -> None:
    start: list[float] = []

    class Stalling(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if "detections" in self.path:
                start.append(time.monotonic())
                time.sleep(max(0.0, start[0] + STALL_S - time.monotonic()))
            body = json.dumps({"access": "token", "detection_flag": "detected"}).encode()
            self.send_response(201 if self.path == "/api/accounts/" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Stalling) as server:
        threading.Thread(target=server.serve_forever).start()
        command = [*PYTHON, USERS, str(server.server_port), str(STALL_S)]
        ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        server.shutdown()
    late_s, ms = zip(*json.loads(ran.stdout), strict=True)
    assert len(ms) == 3 * STALL_S
    assert max(late_s) < STALL_S / 2
    assert max(ms) > 600 * STALL_S
    assert sorted(ms)[len(ms) // 2] > 300 * STALL_S  # the stall is in half of the figures, not in one


def test_failed_late_and_lost_requests_miss_their_targets() -> None:
    good, late = Response(MONITORING, 1.0, 0.0, 20.0), Response(MONITORING, 1.0, 2000.0, 2020.0, "no face found")

    def met(*responses: Response, archived: int) -> list[bool]:
        report = Report()
        results.add_responses(report, responses, 30, archived, 0)
        return [target.is_met for target in report.targets]

    assert met(good, archived=1) == [True, True, True]
    assert met(good, late, archived=0) == [False, False, False]
    assert not Target("share", 99, float("nan"), at_least=True).is_met
