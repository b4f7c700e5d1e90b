"""Which pages of other hosts a browser lets call the API."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests import pictures
from tests.conftest import PASSWORD, ApiClient
from tests.detections.frames import NECK, neck_body

OURS = "https://app.example.com"
FOREIGN = ["https://evil.example.com", "https://app.example.com.evil.example", "http://app.example.com", "null"]
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture(autouse=True)
def _one_origin_is_allowed(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [OURS]


def preflight(origin: str, method: str = "POST", path: str = NECK) -> Any:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }
    return Client().options(f"/api/{path}", headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_the_allowed_origin_may_send_tokens_and_idempotency_keys(method: str) -> None:
    response = preflight(OURS, method)
    assert (response.status_code, response[ALLOWED]) == (200, OURS)
    assert {"authorization", "content-type", "idempotency-key"} <= set(
        response["Access-Control-Allow-Headers"].split(", ")
    )
    assert method in response["Access-Control-Allow-Methods"].split(", ")


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_origin_is_allowed_nothing(origin: str) -> None:
    response = preflight(origin)
    assert not [name for name in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("origin", [OURS, *FOREIGN])
def test_only_the_allowed_origin_reads_an_answer(db: None, origin: str) -> None:
    body = {"username": "testuser", "password": PASSWORD}
    response = Client(headers={"Origin": origin}).post("/api/accounts/", body, content_type="application/json")
    assert response.status_code == 201
    assert response.get(ALLOWED) == (OURS if origin == OURS else None)
    assert "origin" in response["Vary"].lower()


def test_a_page_there_can_turn_over_to_the_next_one(owner: ApiClient) -> None:
    headers = {"Origin": OURS, "Authorization": f"Bearer {owner.access}"}
    response = Client().get("/api/reports/?page_size=1", headers=headers)
    assert "link" in response["Access-Control-Expose-Headers"].split(", ")


def test_an_error_is_readable_there_too(owner: ApiClient) -> None:
    headers = {"Origin": OURS, "Authorization": "Bearer garbage", "Idempotency-Key": "1"}
    body = neck_body(pictures.jpeg(pictures.small()))
    response = Client().post(f"/api/{NECK}", body, content_type="application/json", headers=headers)
    assert (response.status_code, response[ALLOWED]) == (401, OURS)


def test_no_cookie_is_let_through(db: None) -> None:
    assert "Access-Control-Allow-Credentials" not in preflight(OURS).headers


def test_by_default_no_origin_is_allowed(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = []
    assert ALLOWED not in preflight(OURS).headers
