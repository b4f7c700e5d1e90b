"""What the tests share: people with a login, and a way to call the API as each of them."""

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
