"""Fixtures: a camera, a browser that uses it, and a running session."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import Browser, Playwright

from ai_models.monitoring.calibration import FRAMES_NEEDED
from tests.detections.sessions.desk import upright
from tests.gunicorn_server import DEADLINE_S
from tests.web.browser import Visits
from tests.web.conftest import PASSWORD, Site
from tests.web.desk.desk import PROFILE, Desk
from tests.web.desk.fake_camera import SLOWER, FakeCamera
from tests.web.shared_browsers import browsers

AtDesk = Callable[..., Desk]
# A user with a copy of a profile.
RETURNING = """
from accounts.models import User
from accounts.services import user_create
from detections.models import Profile

profile = Profile.objects.get(pk={profile})
profile.pk, profile.user = None, user_create(username={username!r}, password={password!r})
profile.save()
"""


@pytest.fixture(scope="session")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeCamera]:
    with FakeCamera(tmp_path_factory.mktemp("camera") / "camera.y4m") as camera:
        yield camera


@pytest.fixture
def fast_camera(camera: FakeCamera) -> Iterator[FakeCamera]:
    """The camera for tests in which blinks are seen."""
    camera.every = 1
    yield camera
    camera.every = SLOWER


@pytest.fixture(scope="module")
def with_camera(playwright: Playwright, camera: FakeCamera) -> Browser:
    return browsers.chromium(*camera.options)


@pytest.fixture(scope="session")
def profile(site: Site) -> int:
    """The id of a profile that was calibrated on the person in front of the camera."""
    with requests.Session() as somebody:

        def post(path: str, **options: Any) -> Any:
            response = somebody.post(f"{site.address}/api/{path}", timeout=DEADLINE_S, **options)
            assert response.ok, response.text
            return response.json()

        credentials = {"username": f"{uuid4()}@example.com", "password": PASSWORD}
        post("accounts/", json=credentials)
        somebody.headers["Authorization"] = f"Bearer {post('accounts/login/', json=credentials)['access']}"
        session = f"detections/sessions/{post('detections/sessions/', json={})['id']}"
        for _frame in range(FRAMES_NEEDED):
            post(f"{session}/frames/", data=upright(), headers={"Content-Type": "image/jpeg"})
        return int(post(f"{session}/profile/", json={"name": PROFILE})["id"])


@pytest.fixture
def returning(site: Site, profile: int, username: str) -> str:
    """The name of a user with a saved profile: calibration takes ten seconds, and is the subject of few tests."""
    site.run(RETURNING.format(profile=profile, username=username, password=PASSWORD))
    return username


@pytest.fixture
def at_desk(visit: Visits, with_camera: Browser, camera: FakeCamera, returning: str) -> AtDesk:
    """Starts a session with the given alarm settings."""

    def sit_down(**alarms: Any) -> Desk:
        desk = Desk(visit(browser=with_camera), camera)
        desk.come_back(returning, **alarms)
        desk.start()
        return desk

    return sit_down
