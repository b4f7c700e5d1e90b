"""What the benchmark and its people, who are another process, tell each other: an order, and what came of it."""

import json
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Self

CALIBRATING, MONITORING, BLINK = "neck, calibrating", "neck, monitoring", "blink"
SESSION_FRAME, SESSION_BURST = "session, frame", "session, burst"
CALLS = (CALIBRATING, MONITORING, BLINK, SESSION_FRAME, SESSION_BURST)
KEPT = (CALIBRATING, MONITORING, SESSION_FRAME)  # calls whose frame the archive keeps
OK = 200
CLOCK = "clock"  # the word before the moment in which it starts; a line without it: somebody has signed in


@dataclass(frozen=True, slots=True)
class Order:
    """So many people post a neck frame a second, for so many seconds; the first of them two blink frames a second, too.

    With sessions, all of them post a frame a second into a session of theirs instead, and once a minute a burst in
    place of the frames of its three seconds.
    frames: a folder with one of JPEGs for each person. answers: the file that tells how it went.
    """

    host: str
    people: int
    blinkers: int
    seconds: float
    frames: str
    responses: str
    sessions: bool = False
    seed: int = 5

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def text(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """Seconds since the clock started: when a request was due, when it was sent, and when its answer was there.

    status: HTTP's, or 0 where there was no answer. problem: what was wrong with the answer, or nothing.
    """

    call: str
    due_s: float
    sent_s: float
    answered_s: float
    status: int
    problem: str
    face_found: bool

    @property
    def ms(self) -> float:
        """From when it was due, whoever was late."""
        return 1000 * (self.answered_s - self.due_s)

    @property
    def ms_sent(self) -> float:
        """From when it was sent."""
        return 1000 * (self.answered_s - self.sent_s)

    @property
    def outcome(self) -> str:
        told = str(self.status) if self.status else "no answer"
        return f"{told}, {self.problem}" if self.problem else told

    def line(self) -> str:
        return json.dumps(astuple(self)) + "\n"


def read_responses(path: Path) -> list[TimedResponse]:
    with path.open() as lines:
        return [TimedResponse(*json.loads(line)) for line in lines]
