"""What the tests share: people with a login, and a way to call the API as each of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.services import user_create

PASSWORD = "12341234"


class ApiClient:
    """The test client as one logged-in user, speaking JSON."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._client = Client()
        answer = self._client.post(
            "/api/accounts/login/",
            {"username": user.username, "password": PASSWORD},
            content_type="application/json",
        )
        self.access: str = answer.json()["access"]

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        options = {} if body is None else {"data": body, "content_type": "application/json"}
        call = getattr(self._client, method)
        return call(f"/api/{path}", headers={"Authorization": f"Bearer {self.access}"}, **options)


@pytest.fixture(scope="session", autouse=True)
def _models_in_a_folder_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The descriptor network is exported once a session, whatever lies in the home folder's cache."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.MODEL_CACHE_DIR", folder)
        patch.setenv("MODEL_CACHE_DIR", str(folder))  # for processes that tests start
        yield


@pytest.fixture(autouse=True)
def _fresh_and_fast(settings: Settings) -> None:
    cache.clear()  # of what throttles counted in earlier tests
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.3 s each time


@pytest.fixture
def owner(db: None) -> ApiClient:
    return ApiClient(user_create(username="mina@example.com", password=PASSWORD))


@pytest.fixture
def stranger(db: None) -> ApiClient:
    return ApiClient(user_create(username="stranger", password=PASSWORD))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests recorded as their speed is shown, whether they passed or failed."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = [value for report in reports for name, value in report.user_properties if name == "speed"]
    if lines:
        terminalreporter.section("speed")
    for line in lines:
        terminalreporter.line(str(line))
