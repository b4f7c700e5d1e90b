"""What stays of a session in browser mode: nothing of a picture, in any file, in either database or in the log.

The same search finds pictures everywhere they are once the user keeps them, so it can fail.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymongo
import pytest

from tests import pictures
from tests.conftest import PASSWORD
from tests.detections.sessions.desk import upright
from tests.detections.sessions.landmarks import as_mesh, observation, points_of
from tests.environment import Service, Template, run_python
from tests.gunicorn_server import Server
from tests.residue import DEADLINE_S, wait_until

# How a JPEG and a PNG start, as they are, and in base64: anywhere in a text, in both its alphabets, and as hex.
SIGNATURES = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]|\x89PNG\r\n\x1a\n|[/_]9j[/_-]4AAQ|iVBORw0KGgo|ffd8ffe0|89504e470d0a1a0a", re.IGNORECASE
)
DATABASE = "posesmart_browser"


@pytest.fixture(params=["embedded", "mongodb"])
def service(request: pytest.FixtureRequest, template: Template, tmp_path: Path) -> Iterator[Service]:
    noisy = {"LOG_FORMAT": "json", "LOG_LEVEL": "debug", "LOG_ACCESS": "true"}
    if request.param == "embedded":
        yield template.service_in(tmp_path, **noisy)
        return
    uri = request.getfixturevalue("mongod_server").uri
    service = template.service_in(tmp_path, MONGODB_URI=uri, MONGODB_NAME=DATABASE, **noisy)
    run_python(service.environment, "manage.py", "prepare_archive")
    try:
        yield service
    finally:
        with pymongo.MongoClient[dict[str, Any]](uri) as client:
            client.drop_database(DATABASE)


class Sitter:
    """A user with a session, and all that the service keeps of both."""

    def __init__(self, service: Service, server: Server, folder: Path, privacy: str) -> None:
        self._service, self._server, self._folder = service, server, folder
        login = {"username": uuid4().hex, "password": PASSWORD}
        assert server.post("accounts/", login | {"privacy": privacy}).status == 201
        self._access = str(server.post("accounts/login/", login).json["access"])
        self._session = f"detections/sessions/{self.post('detections/sessions/', {})['id']}/"
        self._now = datetime.now(UTC)

    def post(self, path: str, body: Any) -> Any:
        response = self._server.post(path, body, access=self._access)
        assert response.status in {200, 201}, response
        return response.json

    def send_picture(self) -> int:
        """The status of the answer to a picture."""
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=DEADLINE_S)
        headers = {"Authorization": f"Bearer {self._access}", "Content-Type": "image/jpeg"}
        connection.request("POST", f"/api/{self._session}frames/", upright(), headers)
        with connection.getresponse() as response:
            response.read()
            return response.status

    def send_seconds(self, count: int) -> Any:
        """The answer to the last of some seconds of landmarks."""
        points = as_mesh(points_of(upright()))
        answer: Any = None
        for _ in range(count):
            moments = [self._now + timedelta(seconds=number / 15) for number in range(1, 16)]
            self._now = moments[-1]
            observations = [observation(points, moment, faces=1, brightness=0.5) for moment in moments]
            answer = self.post(f"{self._session}landmarks/", {"observations": observations, "model": "test@1"})
        return answer

    def stop(self) -> Any:
        return self.post(f"{self._session}stop/", {})

    def places_of_pictures(self) -> set[str]:
        """The files, collections and logs in which a picture starts."""
        found = {path.name for path in self._folder.rglob("*") if path.is_file() and _shows(path.read_bytes())}
        if _shows(self._server.log.encode()):
            found.add("log")
        if uri := self._service.environment.get("MONGODB_URI"):
            with pymongo.MongoClient[dict[str, Any]](uri) as client:
                database = client[DATABASE]
                for name in database.list_collection_names():
                    batches: Any = database[name].find_raw_batches()
                    if any(_shows(batch) for batch in batches):
                        found.add(name)
        return found


def _shows(data: bytes) -> bool:
    return SIGNATURES.search(data) is not None


@pytest.mark.parametrize("form", [bytes, b64encode, urlsafe_b64encode, lambda data: data.hex().encode()])
@pytest.mark.parametrize("picture", [upright(), pictures.png(pictures.small())])
def test_search_finds_a_picture_in_each_form(form: Callable[[bytes], bytes], picture: bytes) -> None:
    assert _shows(b'{"a": "' + form(picture))


def test_session_in_the_browser_leaves_no_picture(service: Service, tmp_path: Path) -> None:
    with service.serve() as server:
        sitter = Sitter(service, server, tmp_path, "browser")
        answer = sitter.send_seconds(4)
        assert (answer["state"], answer["identity"]["state"]) == ("monitoring", "not_asked")
        assert sitter.send_picture() == 409
        assert sitter.send_seconds(2)["posture"]["state"] == "good"
        assert sitter.stop()["report"]["active_s"] > 4
        assert sitter.places_of_pictures() == set()
        server.terminate()
        server.exit_code()
        assert sitter.places_of_pictures() == set()


def test_same_search_finds_pictures_that_are_kept(service: Service, tmp_path: Path) -> None:
    with service.serve() as server:
        sitter = Sitter(service, server, tmp_path, "kept")
        assert sitter.send_picture() == 200
        wait_until(lambda: bool(sitter.places_of_pictures()))
        is_remote = "MONGODB_URI" in service.environment
        assert sitter.places_of_pictures() & ({"mongos_frame"} if is_remote else {"db.sqlite3", "db.sqlite3-wal"})
