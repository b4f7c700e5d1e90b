"""A disk that is really full: frames are judged and counted, and people can log in, stop, delete and leave."""

import json
import os
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests import pictures
from tests.conftest import PASSWORD
from tests.environment import Service, Template
from tests.gunicorn_server import Server
from tests.residue import wait_until
from tests.watched import get

DISK_MB = 64
CHUNK = bytes(64 * 1024)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Until not a byte more can be written."""
    with (folder / "fill").open("ab", buffering=0) as file:
        try:
            while file.write(CHUNK):
                pass
        except OSError:
            return


def call(server: Server, method: str, path: str, access: str) -> int:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request(method, f"/api/{path}", headers={"Authorization": f"Bearer {access}"})
    return connection.getresponse().status


def neck(server: Server, access: str, **more: Any) -> int:
    body = dict.fromkeys(("face_x", "face_y", "nose_to_center"), "") | {"cnt": 4}
    means = dict.fromkeys(("face_x_mean", "face_y_mean", "nose_mean"), 1)
    url = pictures.data_url(pictures.jpeg(pictures.small()))
    return server.post("detections/neck/", body | means | {"blob_data": url}, access=access).status


def test_everybody_can_leave_a_full_disk(template: Template, small_disk: Path) -> None:
    service: Service = template.service_in(small_disk)
    mina, junho = service.people
    with service.serve() as server:
        assert neck(server, junho.access) == 200
        session = server.post("detections/sessions/", {}).json["id"]
        wait_until(lambda: (small_disk / "db.sqlite3-reserve").exists())
        fill(small_disk)
        wait_until(lambda: not (small_disk / "db.sqlite3-reserve").exists())
        assert neck(server, mina.access) == 200  # judged, not kept
        assert server.post("accounts/login/", {"username": "mina", "password": PASSWORD}).status == 200
        assert server.post(f"detections/sessions/{session}/stop/", {}).status == 200
        assert call(server, "DELETE", "accounts/frames/", junho.access) == 200
        assert call(server, "DELETE", "accounts/", junho.access) == 204
        assert call(server, "DELETE", "accounts/", mina.access) == 204
        ready = json.loads(get(server, "/readyz").text)
        assert (ready["status"], ready["disk"]["status"]) == ("degraded", "degraded")
        assert ready["spool"]["dropped"] == 1


def test_frames_that_a_full_spool_disk_drops_are_counted(template: Template, tmp_path: Path, small_disk: Path) -> None:
    fill(small_disk)
    service = template.service_in(tmp_path, SPOOL_DIR=str(small_disk / "spool"), MONGODB_URI="mongodb://127.0.0.1:1")
    with service.serve(MONGODB_TIMEOUT_MS="100") as server:
        assert [neck(server, service.access) for _ in range(5)] == [200] * 5
        spool = json.loads(get(server, "/readyz").text)["spool"]
        assert (spool["dropped"], spool["status"]) == (5, "degraded")
