"""CORS: the origins whose pages may call the API from a browser."""

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
def _one_allowed_origin(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [OURS]


def preflight(origin: str, method: str = "POST", path: str = NECK) -> Any:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
    }
    return Client().options(f"/api/{path}", headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_allowed_origin_may_send_tokens_and_keys(method: str) -> None:
    response = preflight(OURS, method)
    assert (response.status_code, response[ALLOWED]) == (200, OURS)
    assert {"authorization", "content-type", "idempotency-key"} <= set(
        response["Access-Control-Allow-Headers"].split(", ")
    )
    assert method in response["Access-Control-Allow-Methods"].split(", ")


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_origin_gets_no_cors_headers(origin: str) -> None:
    response = preflight(origin)
    assert not [name for name in response.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("origin", [OURS, *FOREIGN])
def test_only_the_allowed_origin_reads_a_response(db: None, origin: str) -> None:
    body = {"username": "testuser", "password": PASSWORD}
    response = Client(headers={"Origin": origin}).post("/api/accounts/", body, content_type="application/json")
    assert response.status_code == 201
    assert response.get(ALLOWED) == (OURS if origin == OURS else None)
    assert "origin" in response["Vary"].lower()


def test_allowed_origin_can_read_the_link_header(owner: ApiClient) -> None:
    headers = {"Origin": OURS, "Authorization": f"Bearer {owner.access}"}
    response = Client().get("/api/reports/?page_size=1", headers=headers)
    assert "link" in response["Access-Control-Expose-Headers"].split(", ")


def test_allowed_origin_can_read_errors(owner: ApiClient) -> None:
    headers = {"Origin": OURS, "Authorization": "Bearer garbage", "Idempotency-Key": "1"}
    body = neck_body(pictures.jpeg(pictures.small()))
    response = Client().post(f"/api/{NECK}", body, content_type="application/json", headers=headers)
    assert (response.status_code, response[ALLOWED]) == (401, OURS)


def test_credentials_are_not_allowed(db: None) -> None:
    assert "Access-Control-Allow-Credentials" not in preflight(OURS).headers


def test_no_origin_is_allowed_by_default(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = []
    assert ALLOWED not in preflight(OURS).headers
