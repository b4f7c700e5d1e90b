"""The load: people who sign in, and then post their frames by the clock, while the service is watched."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import frames
from benchmarks.frames import FRAMES_A_SEQUENCE
from benchmarks.load.stage import Stage
from benchmarks.load.watch import Used, Watch
from benchmarks.load.wire import CLOCK, KEPT, OK, Order, TimedResponse, read_responses
from benchmarks.memory import Memory
from benchmarks.serving import ROOT, Server
from benchmarks.stats import Progress

PEOPLE, BLINKERS = 50, 10
LOOK_EVERY_S = 2.0
END_WITHIN_S = 90.0  # after the clock has stopped: the last answers, and writing down all


class CrowdFailed(RuntimeError):
    """The people could not sign in, or their process ended early; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How many people come, how many of them send blink frames, too, and how long they stay."""

    people: int
    blinkers: int
    seconds: int
    sessions: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. samples: of each worker's memory, by its process id, with the clock's seconds."""

    amount: Amount
    responses: list[TimedResponse]
    used: Used
    samples: dict[int, list[tuple[float, Memory]]]
    kept: int | None
    waiting: int

    @property
    def acknowledged(self) -> int:
        """Frames that were answered as they should be, each of which the archive has to keep."""
        return sum(each.status == OK and each.call in KEPT for each in self.responses)


def bear(stage: Stage, server: Server, amount: Amount, progress: Progress, host: str) -> Load:
    """Let them post to the host, which is the server, or stands in front of it."""
    pictures, told = stage.place.folder / "frames", stage.place.folder / "answers.jsonl"
    _write_pictures(pictures, amount.people)
    order = Order(host, amount.people, amount.blinkers, amount.seconds, str(pictures), str(told), amount.sessions)
    with _people(order, stage.place.folder / "people.log") as people:
        begin = _clock_of(people, progress)
        watch = Watch(server, people.pid)
        _sleep_until(begin)
        before = watch.cpu()
        _look_on(watch, begin, amount.seconds, progress)
        used = watch.cpu().since(before)
        if people.wait(END_WITHIN_S):
            raise CrowdFailed("The people's process ended with an error.")
    return Load(amount, read_responses(told), used, watch.samples, stage.frames_kept(), stage.frames_waiting())


def _write_pictures(folder: Path, people: int) -> None:
    for place, sequence in enumerate(frames.made(people * FRAMES_A_SEQUENCE)):
        own = folder / str(place)
        own.mkdir(parents=True)
        for number, data in enumerate(sequence.frames):
            (own / f"{number}.jpg").write_bytes(data)


@contextmanager
def _people(order: Order, log: Path) -> Iterator[subprocess.Popen[str]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load.people", order.text()],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    try:
        yield process
    except (CrowdFailed, subprocess.TimeoutExpired) as error:
        raise CrowdFailed(f"{error}\n{log.read_text()[-3000:]}") from error
    finally:
        process.kill()
        process.communicate()


def _clock_of(people: subprocess.Popen[str], progress: Progress) -> float:
    """When the clock starts, by this machine's own, once all have signed in."""
    for line in people.stdout or ():
        if line.startswith(CLOCK):
            return float(line.split()[1])
        progress.update()
    raise CrowdFailed("Not all people could sign in.")


def _look_on(watch: Watch, begin: float, seconds: float, progress: Progress) -> None:
    second = 0.0
    while True:
        watch.look(second)
        if second >= seconds:
            return
        step = min(LOOK_EVERY_S, seconds - second)
        second += step
        _sleep_until(begin + second)
        progress.update(step)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
