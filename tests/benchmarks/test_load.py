"""The load that the benchmark makes is what it says, and what it tells is what happened."""

import json
import math
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.load import soak, tables
from benchmarks.load.crowd import Amount, CrowdFailed, Load, bear
from benchmarks.load.drawing import load_chart, windows
from benchmarks.load.soak import growth_percent
from benchmarks.load.stage import Stage, in_front, stage
from benchmarks.load.watch import CLIENTS, SERVICE, Used
from benchmarks.load.wire import BLINK, CALIBRATING, MONITORING, Order, TimedResponse, read_responses
from benchmarks.memory import Memory
from benchmarks.serving import ROOT, Server, serving
from tests import mariadb, mongod, pictures
from tests.mongod import free_port

AMOUNT = Amount(people=3, blinkers=1, seconds=6)
STALL_S = 3.0
PROMPT_S = 1.5  # on a busy machine; half of the stall
ALMOST = 1e-9


class Steps:
    def __init__(self) -> None:
        self.count = 0.0

    def update(self, n: float | None = 1) -> None:
        self.count += n or 0


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("stage")) as made:
        yield made


@pytest.fixture(scope="module")
def server(staged: Stage) -> Iterator[Server]:
    with serving(staged.place, workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def load(staged: Stage, server: Server) -> Load:
    """A short load on real servers."""
    steps = Steps()
    with in_front(server, staged, nginx=False) as (host, _):
        told = bear(staged, server, AMOUNT, steps, host)
    assert steps.count == AMOUNT.people + AMOUNT.seconds
    return told


def answered(ms: float = 20.0, *, call: str = MONITORING, due_s: float = 0.0, status: int = 200) -> TimedResponse:
    return TimedResponse(call, due_s, due_s, due_s + ms / 1000, status, "", face_found=True)


def memory(own: float) -> Memory:
    return Memory(share=own + 100, own=own, resident=own + 250)


def load_of(responses: list[TimedResponse], kept: int | None = None) -> Load:
    samples = {7: [(float(second), memory(50)) for second in range(31)], 8: [(0.0, memory(40)), (30.0, memory(60))]}
    return Load(Amount(50, 10, 30), responses, Used(60.0, {SERVICE: 30.0, CLIENTS: 3.0}), samples, kept, 0)


def told_bars(load: Load) -> dict[str, bool]:
    return {bar.name: bar.holds for bar in tables.bars(load)}


def test_each_person_posts_by_their_own_clock(load: Load) -> None:
    counted = Counter(each.call == BLINK for each in load.responses)
    assert counted == {False: AMOUNT.people * AMOUNT.seconds, True: AMOUNT.blinkers * AMOUNT.seconds * 2}
    necks = sorted(each.due_s % 1 for each in load.responses if each.call != BLINK)
    for first in range(0, len(necks), AMOUNT.seconds):
        moments = necks[first : first + AMOUNT.seconds]
        assert max(moments) - min(moments) < ALMOST
    assert all(each.due_s - ALMOST <= each.sent_s < each.answered_s for each in load.responses)


def test_people_calibrate_first_and_are_monitored_then(load: Load) -> None:
    assert {each.outcome for each in load.responses} == {"200"}
    calls = Counter(each.call for each in load.responses)
    assert calls[CALIBRATING] >= 4 * AMOUNT.people
    assert calls[MONITORING]
    assert min(each.due_s for each in load.responses if each.call == MONITORING) > 3


def test_archive_has_every_acknowledged_frame(load: Load, staged: Stage) -> None:
    assert load.acknowledged == AMOUNT.people * AMOUNT.seconds
    assert load.kept == (load.acknowledged if staged.mongodb_uri else None)


def test_processor_time_is_told_by_who_used_it(load: Load) -> None:
    assert load.used.groups[SERVICE] > load.used.groups[CLIENTS] > 0
    for name, reason in (("mariadbd", mariadb.missing()), ("mongod", mongod.missing())):
        assert bool(load.used.groups.get(name)) != bool(reason), name
    assert sum(load.used.groups.values()) <= load.used.all_s * 1.1  # the clock ticks 100 times a second


def test_each_worker_s_memory_is_watched_over_time(load: Load) -> None:
    assert len(load.samples) == 2
    for samples in load.samples.values():
        assert [second for second, _ in samples] == [0, 2, 4, 6]
        assert all(10 < each.own < each.share < each.resident for _, each in samples)


def test_real_load_is_told_and_drawn(load: Load) -> None:
    texts = [table.text() for table in tables.tables(load)]
    assert all(call in texts[0] for call in (CALIBRATING, MONITORING, BLINK))
    ElementTree.fromstring(load_chart(load))  # noqa: S314 - our own


def test_soak_asks_one_worker_and_looks_at_its_memory(staged: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "PEOPLE", 1)
    steps = Steps()
    soaked = soak.soak(staged, 30, steps)
    assert (soaked.errors, soaked.frames) == (0, steps.count)
    assert 30 <= soaked.frames < 60
    assert [served for served, _ in soaked.samples] == [0, soaked.frames // 3, 2 * soaked.frames // 3, soaked.frames]
    assert "own" in soak.table(soaked).text()


def test_without_servers_everything_is_in_sqlite_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mariadb, "missing", lambda: "no mariadbd")
    monkeypatch.setattr(mongod, "missing", lambda: "no mongod")
    with stage(tmp_path) as embedded:
        assert embedded.facts == [
            "Users and reports in SQLite, as there is no mariadbd.",
            "Frames in the same database, as there is no mongod.",
        ]
        environment = embedded.place.environment()
        assert "MONGODB_URI" not in environment
        assert "FRAME_RATE" not in environment  # as by default
        assert embedded.frames_kept() is None


# --- The clients, against a server that behaves as the test wants ---

Behaviour = Callable[["Toy"], None]


class Toy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behave: Behaviour

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/accounts/":
            self.reply(201, {})
        elif self.path == "/api/accounts/login/":
            self.reply(200, {"access": "token"})
        else:
            type(self).behave(self)

    def reply(self, status: int, told: object) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        pass


@contextmanager
def toy(behave: Behaviour) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), type("OneToy", (Toy,), {"behave": staticmethod(behave)})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def answers_of(behave: Behaviour, folder: Path, seconds: float) -> list[TimedResponse]:
    """What one person, with blink frames, tells of such a server."""
    (folder / "0").mkdir()
    (folder / "0" / "0.jpg").write_bytes(pictures.jpeg(pictures.small()))
    with toy(behave) as host:
        order = Order(host, 1, 1, seconds, str(folder), str(folder / "answers.jsonl"))
        command = [sys.executable, "-m", "benchmarks.load.people", order.text()]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=60)
    return read_responses(folder / "answers.jsonl")


def test_slow_answer_puts_no_other_request_off(tmp_path: Path) -> None:
    begin: list[float] = []

    def stall(request: Toy) -> None:
        begin.append(time.monotonic())
        time.sleep(max(0.0, begin[0] + STALL_S - time.monotonic()))  # until then nobody is answered
        request.reply(200, {"detection_flag": "detected"})

    responses = answers_of(stall, tmp_path, STALL_S)
    assert len(responses) == 3 * STALL_S
    assert max(each.sent_s - each.due_s for each in responses) < PROMPT_S
    waited = sorted(each.ms for each in responses)
    assert waited[-1] >= 1000 * STALL_S - ALMOST
    assert waited[len(waited) // 2] > 300 * STALL_S  # the stall is in half of the numbers, not in one


def test_request_that_waits_for_a_connection_counts_from_when_it_was_due() -> None:
    late = TimedResponse(MONITORING, due_s=1.0, sent_s=3.0, answered_s=3.5, status=200, problem="", face_found=True)
    assert (late.ms, late.ms_sent) == (2500, 500)


def test_whatever_is_no_proper_answer_is_told(tmp_path: Path) -> None:
    replies = iter([(503, {}), (429, {}), (200, b"not JSON"), (200, {"detail": "no flag"}), None])
    lock = threading.Lock()

    def behave(request: Toy) -> None:
        with lock:
            reply = next(replies, (200, {"detection_flag": "false"}))
        if reply is None:
            request.close_connection = True  # without a word
        else:
            request.reply(*reply)

    responses = answers_of(behave, tmp_path, 3)
    counted = Counter(each.outcome for each in responses)
    closed = next(outcome for outcome in counted if outcome.startswith("no answer"))
    others = {"503": 1, "429": 1, "200, no JSON": 1, "200, not what was asked for": 1, "200": 4}
    assert counted == others | {closed: 1}
    assert sum(tables.is_good(each) for each in responses) == 4
    assert not any(each.face_found for each in responses)


def test_people_who_cannot_sign_in_end_the_benchmark(staged: Stage, server: Server, tmp_path: Path) -> None:
    elsewhere = replace(staged, place=replace(staged.place, folder=tmp_path))
    with pytest.raises(CrowdFailed, match=r"(?s)sign in.*/api/accounts/ answered 0"):
        bear(elsewhere, server, Amount(1, 0, 1), Steps(), f"http://127.0.0.1:{free_port()}")


# --- Numbers by hand ---


def test_growth_compares_the_medians_of_both_ends() -> None:
    flat = [50.0, 50, 50, 50, 90, 70, 51, 51, 51, 51, 10]
    assert growth_percent(flat) == pytest.approx(2.0)
    assert math.isnan(growth_percent(flat[:9]))


def test_bars_hold_for_a_good_load() -> None:
    assert set(told_bars(load_of([answered(), answered(call=BLINK)], kept=1)).values()) == {True}


@pytest.mark.parametrize(
    ("bad", "bar"),
    [
        (answered(status=500), "requests that failed"),
        (replace(answered(), status=0, problem="ConnectionResetError"), "requests that failed"),
        (replace(answered(), problem="no JSON"), "requests that failed"),
        (answered(ms=500), "neck request, 99th percentile"),
        (answered(ms=500, call=CALIBRATING), "neck request, 99th percentile"),
        (answered(ms=500, call=BLINK), "blink request, 99th percentile"),
    ],
)
def test_bar_is_missed_where_a_request_failed_or_was_late(bad: TimedResponse, bar: str) -> None:
    others = [answered(), answered(call=BLINK)] * 10
    told = told_bars(load_of([*others, bad]))
    assert [name for name, holds in told.items() if not holds] == [bar]


def test_bar_is_missed_where_the_archive_lacks_an_acknowledged_frame() -> None:
    told = told_bars(load_of([answered(), answered(call=CALIBRATING), answered(call=BLINK)], kept=1))
    assert [name for name, holds in told.items() if not holds] == ["acknowledged frames that the archive does not have"]


def test_soak_s_bar_is_missed_where_memory_grows() -> None:
    def bars(last: float) -> list[bool]:
        grown = [(500 * place, memory(40 if place < 2 else 50 if place < 20 else last)) for place in range(41)]
        return [bar.holds for bar in soak.bars(soak.Soaked(grown, 0, 60.0))]

    assert bars(51.0) == [True, True]
    assert bars(51.1) == [False, True]


def test_chart_shows_each_span_s_percentiles_and_the_limit() -> None:
    load = load_of([answered(ms=10 + second, due_s=second) for second in range(30)])
    assert [second for second, _ in windows(load)] == [1 + 2 * place for place in range(15)]
    assert windows(load)[0][1] == [pytest.approx(10), pytest.approx(11)]
    drawn = load_chart(load)
    ElementTree.fromstring(drawn)  # noqa: S314 - our own
    for label in ("median", "99th percentile", "250 ms", "60", "30"):
        assert f">{label}<" in drawn, label
