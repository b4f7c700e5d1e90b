"""What files still hold once somebody has left: the raw bytes of a running service's SQLite database and spool."""

import os
import stat
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from tests import pictures
from tests.conftest import PASSWORD
from tests.environment import Service, Template, run_python
from tests.gunicorn_server import Server, serving
from tests.residue import DEADLINE_S, wait_until

OTHERS_MAY = 0o077


@pytest.fixture
def service(template: Template, tmp_path: Path) -> Service:
    return template.service_in(tmp_path, WORKER_TIMEOUT="5")


class Leaver:
    """A user whose name and pictures can be found again in files."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.name = f"leaver{uuid4().hex}"
        self.mark = f"RESIDUE{uuid4().hex}".encode()
        login = {"username": self.name, "password": PASSWORD}
        assert server.post("accounts/", login).status == 201
        self._access = str(server.post("accounts/login/", login).json["access"])

    def send_frame(self) -> None:
        jpeg = pictures.jpeg(pictures.small())
        comment = b"\xff\xfe" + (2 + len(self.mark)).to_bytes(2, "big") + self.mark
        url = pictures.data_url(jpeg[:2] + comment + jpeg[2:])
        body = dict.fromkeys(("face_x", "face_y", "nose_to_center"), "") | {"cnt": 0, "blob_data": url}
        assert self._server.post("detections/neck/", body, access=self._access).status == 200

    def delete(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=DEADLINE_S)
        connection.request("DELETE", f"/api/{path}", headers={"Authorization": f"Bearer {self._access}"})
        return connection.getresponse().status

    def copies_in(self, folder: Path) -> dict[str, int]:
        """How often the name or a picture stands in each file."""
        texts = (self.mark, self.name.encode())
        files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        counts = {name: sum(data.count(text) for text in texts) for name, data in files.items()}
        return {name: count for name, count in counts.items() if count}


def test_withdrawal_leaves_nothing_in_any_file(service: Service, tmp_path: Path) -> None:
    with service.serve() as server:
        leaver = Leaver(server)
        for _ in range(5):
            leaver.send_frame()
        assert leaver.copies_in(tmp_path)
        assert leaver.delete("accounts/") == 204
        wait_until(lambda: not leaver.copies_in(tmp_path))
        server.terminate()
        server.exit_code()
        assert not leaver.copies_in(tmp_path)


def test_deleted_frames_leave_no_picture_in_any_file(service: Service, tmp_path: Path) -> None:
    with service.serve() as server:
        leaver = Leaver(server)
        leaver.send_frame()
        assert leaver.delete("accounts/frames/") == 200
        wait_until(lambda: not _files_with(leaver.mark, tmp_path))


def test_stopped_service_leaves_nothing_in_the_log(service: Service, tmp_path: Path) -> None:
    with service.serve() as server:
        leaver = Leaver(server)
        leaver.send_frame()
        assert leaver.delete("accounts/") == 204
        server.terminate()
        assert server.exit_code() == 0
    assert not leaver.copies_in(tmp_path)


def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    """Under the usual umask, from the first migration on; an existing file is closed at the next start."""
    environment: dict[str, Any] = {
        "DEBUG": "false",
        "SECRET_KEY": "k" * 50,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "SPOOL_DIR": str(tmp_path / "spool"),
        "MODEL_CACHE_DIR": os.environ["MODEL_CACHE_DIR"],
        "HOME": str(tmp_path),
    }
    before = os.umask(0o022)
    try:
        run_python(environment, "manage.py", "migrate", "--verbosity=0")
        assert not _open_to_others(tmp_path)
        (tmp_path / "db.sqlite3").chmod(0o644)
        with serving("", **environment) as server:
            Leaver(server).send_frame()
            assert (tmp_path / "db.sqlite3-wal").exists()
            assert not _open_to_others(tmp_path)
    finally:
        os.umask(before)


def test_static_files_and_texts_stay_readable_for_others(tmp_path: Path) -> None:
    """nginx reads the first, and a service that runs as another user than the installer the others."""
    environment = {"STATIC_ROOT": str(tmp_path / "public" / "static"), "HOME": str(tmp_path)}
    run_python(environment, "manage.py", "collectstatic", "--no-input", "--verbosity=0")
    paths = [tmp_path / "public" / "static", *(tmp_path / "public" / "static").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o755}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o644}
    (source,) = settings.BASE_DIR.glob("locale/ko/LC_MESSAGES/*.po")
    os.utime(source)
    run_python(environment, "manage.py", "compile_texts")
    assert stat.S_IMODE(source.with_suffix(".mo").stat().st_mode) == 0o644


def _files_with(text: bytes, folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and text in path.read_bytes()]


def _open_to_others(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if path.stat().st_mode & OTHERS_MAY]
