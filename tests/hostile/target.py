"""A real gunicorn to fuzz, on its own databases, and schemathesis's runs against it."""

import http.client
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.environment import run_python
from tests.gunicorn_server import DEADLINE_S, ROOT

# Run in a separate process, on prepared databases: adds users, the first with frames.
ADD_PEOPLE = """
import django; django.setup()
import json, sys
from uuid import uuid4
from django.contrib.auth.hashers import make_password
from msgspec.structs import replace
from accounts.models import User
from accounts.tokens import tokens_for
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.events import EventLog
from ai_models.vision.frame import parse_data_url
from detections.models import Episode, Profile
from detections.schema import GREY_PIXEL
from detections.sessions import codec
from detections.sessions.commands import session_start
from mongos import archive
from reports.models import Report
people, frames = (int(argument) for argument in sys.argv[1:])
password = make_password("12341234")
User.objects.bulk_create([User(username=f"person-{number}", password=password) for number in range(people)])
mina, *others = User.objects.filter(username__startswith="person-").order_by("pk")
ids = [uuid4() for _ in range(frames)]
for id in ids:
    frame = parse_data_url(GREY_PIXEL)
    archive.store(user_id=mina.pk, frame=frame, face_found=False, captured_at=archive.now(), frame_id=id)
access, saver, *spare = [tokens_for(user)["access"] for user in (mina, *others)]
baseline = codec.dump_baseline(Baseline(0.24, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, quality=0.9))
profiles = Profile.objects.bulk_create(
    [Profile(user=mina, name=f"profile {number}", quality=0.9, baseline=baseline) for number in range(15)]
)
ended, running = [session_start(user=mina, profile_id=profiles[0].pk).session for _ in range(2)]
# An alarm to answer, and a calibration to go back to.
state = codec.load_state(running.state)
running.state = codec.dump_state(replace(state, events=EventLog(count=1), former_baseline=state.baseline))
running.save()
Episode.objects.create(session=running, number=1, kind="neck", started_at=running.started_at)
kept = Profile.objects.create(user=others[0], name="profile", quality=0.9, baseline=baseline)
calibrated = session_start(user=others[0], profile_id=kept.pk).session
columns = {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 1, "start_time": "2611250900", "end_time": "2611251000"}
columns |= {"started_at": ended.started_at, "ended_at": ended.started_at, "day": ended.started_at.date()}
reports = Report.objects.bulk_create([Report(user=mina, **columns) for _ in range(frames)])
found = {"frames": ids, "profiles": [row.pk for row in profiles[1:]], "reports": [row.pk for row in reports]}
found |= {"running": running.pk, "ended": ended.pk, "calibrated": calibrated.pk}
print(json.dumps({"access": access, "saver": saver, "spare": spare, **found}, default=str))
"""
PEOPLE, FRAMES = 400, 200
UNLIMITED = dict.fromkeys(
    ("FRAME_RATE", "BLINK_RATE", "WRITE_RATE", "LOGIN_RATE", "SIGN_UP_RATE", "PASSWORD_RESET_RATE"), "1000000/min"
)
CHECKS_OFF = [
    "negative_data_rejection",  # as DRF does, we accept "5" for 5 and 0 for false, and clients rely on it
    "ensure_resource_availability",  # a resource is only available to the user who created it
    "positive_data_acceptance",  # refused_for_a_known_reason is stricter
]


@dataclass(frozen=True, slots=True)
class Given:
    """schemathesis's users: one for most calls, a spare one for each destructive call; and the first one's data.

    saver: whose calibrated session is for saving profiles alone; the first one's is calibrated again by other calls.
    """

    access: str = ""
    saver: str = ""
    spare: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    profiles: tuple[int, ...] = ()
    reports: tuple[int, ...] = ()
    running: str = ""
    ended: str = ""
    calibrated: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    exit_code: int
    output: str
    statuses: dict[str, Counter[int]]  # by operation

    def table(self) -> list[str]:
        """A line for each operation: the number of responses with each status."""
        width = max(len(label) for label in self.statuses)
        return [
            f"{label:{width}}  " + "  ".join(f"{status}: {count}" for status, count in sorted(counted.items()))
            for label, counted in sorted(self.statuses.items())
        ]


def add_people(environment: dict[str, str]) -> Given:
    return Given(**json.loads(run_python(environment, "-c", ADD_PEOPLE, str(PEOPLE), str(FRAMES))))


def schema_of(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    try:
        connection.request("GET", "/api/schema/?format=json")
        schema: dict[str, Any] = json.loads(connection.getresponse().read())
        return schema
    finally:
        connection.close()


def fuzz(port: int, schema: dict[str, Any], given: Given, folder: Path, seed: int, *options: str) -> Run:
    """Run schemathesis's requests from a schema."""
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "given.json").write_text(json.dumps(asdict(given)))
    counts = folder / "counts.json"
    fixed = ["--no-color", "--generation-database", "none", "--request-timeout", str(DEADLINE_S), "--seed", str(seed)]
    fixed += ["--suppress-health-check", "all", "--continue-on-failure", "--no-shrink", "--exclude-checks"]
    # Without a login the response is a 401, whatever the method.
    fixed += [",".join(CHECKS_OFF if given.access else [*CHECKS_OFF, "unsupported_method"])]
    result = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", "schema.json", "--url", f"http://127.0.0.1:{port}"]
        + fixed
        + [*options],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.hostile.hooks",
            "FUZZ_GIVEN": str(folder / "given.json"),
            "FUZZ_COUNTS": str(counts),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert counts.exists(), result.stdout
    statuses: dict[str, Counter[int]] = {}
    for label, status, count in json.loads(counts.read_text()):
        statuses.setdefault(label, Counter())[status] += count
    return Run(result.returncode, result.stdout, statuses)
