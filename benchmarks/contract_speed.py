"""The contract's own speed: a hundred requests in a row with Django's test client, in one process.

Run as a program it measures and prints JSON; it needs a migrated database in its environment.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.client import frame_body
from benchmarks.serving import Place, python
from benchmarks.stats import Bar, number
from evaluation.tables import Table

REQUESTS = 100
LIMIT_S = 2.5
WARM_UP = 5
CALLS = {
    "neck": ("/api/detections/neck/", {"cnt": 4, "face_x_mean": 150, "face_y_mean": 240, "nose_mean": 20}),
    "blink": ("/api/detections/blink/", {"count": 0, "total": 0, "time": 0}),
}


def measure(place: Place, frames: list[bytes]) -> dict[str, float]:
    """Seconds for a hundred requests of each call, in a process of its own."""
    folder = place.folder / "contract_frames"
    folder.mkdir(exist_ok=True)
    for number_, data in enumerate(frames):
        (folder / f"{number_:04}.jpg").write_bytes(data)
    seconds: dict[str, float] = json.loads(python("-m", "benchmarks.contract_speed", str(folder), place=place))
    return seconds


def table(seconds: dict[str, float]) -> Table:
    rows = [[call, number(taken), number(1000 * taken / REQUESTS, 1)] for call, taken in seconds.items()]
    return Table("100 requests in a row, Django's test client in one process", ("call", "seconds", "ms each"), rows)


def bars(seconds: dict[str, float]) -> list[Bar]:
    return [Bar(f"100 {call} requests in a row", LIMIT_S, taken, " s") for call, taken in seconds.items()]


def main(folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posesmart.settings")
    import django

    django.setup()
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    credentials = {"username": "contract@example.com", "password": "12341234"}
    client.post("/api/accounts/", credentials, content_type="application/json")
    access = client.post("/api/accounts/login/", credentials, content_type="application/json").json()["access"]
    frames = [path.read_bytes() for path in sorted(folder.iterdir())]
    for data in frames[:4]:
        _post(client, access, CALLS["neck"][0], frame_body(data, cnt=0))
    seconds = {}
    for call, (path, fields) in CALLS.items():
        bodies = [frame_body(frames[place % len(frames)], **fields) for place in range(REQUESTS)]
        for body in bodies[:WARM_UP]:
            _post(client, access, path, body)
        start = time.perf_counter()
        for body in bodies:
            _post(client, access, path, body)
        seconds[call] = time.perf_counter() - start
    print(json.dumps(seconds))


def _post(client: Any, access: str, path: str, body: bytes) -> None:
    response = client.post(path, body, content_type="application/json", headers={"Authorization": f"Bearer {access}"})
    if response.json().get("detection_flag") != "detected":
        raise RuntimeError(f"{path} answered {response.status_code}: {response.content[:300]!r}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
