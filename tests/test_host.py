"""A host name that is not in ALLOWED_HOSTS is refused, with advice on what to set."""

import logging

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from common.telemetry import logs

NOT_VALID = "The request names no host, or one that is not valid: letters, digits, hyphens and dots only."


@pytest.fixture(autouse=True)
def _one_allowed_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["pose.example.com"]


def test_page_names_the_setting(client: Client) -> None:
    response = client.get("/", headers={"Host": "pose.local:8000"})
    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")
    page = response.content.decode()
    assert "does not answer to the host name pose.local." in page
    assert "add it to ALLOWED_HOSTS in .env (ALLOWED_HOSTS=localhost,127.0.0.1,pose.local)" in page
    assert "pose.example.com" not in page  # the allowed names are not revealed


def test_api_names_the_setting_in_json(client: Client) -> None:
    response = client.post(
        "/api/accounts/login/", {}, content_type="application/json", headers={"Host": "192.168.0.7:8000"}
    )
    assert response.status_code == 400
    assert "(ALLOWED_HOSTS=localhost,127.0.0.1,192.168.0.7)" in response.json()["detail"]


@pytest.mark.parametrize("secure_redirect", [False, True])
def test_advice_is_translated_to_korean(client: Client, settings: Settings, secure_redirect: bool) -> None:
    settings.SECURE_SSL_REDIRECT = secure_redirect  # refuses before the language is known
    call_command("compile_texts")
    headers = {"Host": "pose.local", "Accept-Language": "ko"}
    page = client.get("/", headers=headers).content.decode()
    assert '<html lang="ko">' in page
    assert "받지 않는 호스트 이름이에요: pose.local." in page
    assert "받지 않는 호스트 이름이에요: pose.local." in client.get("/api/reports/", headers=headers).json()["detail"]


@pytest.mark.parametrize("host", ["<script>alert(1)</script>", 'a"onload="b', "my_host", "pose.local:port", "", "a b"])
def test_invalid_host_is_not_echoed(client: Client, host: str) -> None:
    page = client.get("/", headers={"Host": host})
    api = client.get("/api/reports/", headers={"Host": host})
    assert (page.status_code, api.status_code) == (400, 400)
    assert f"<p>{NOT_VALID}</p>" in page.content.decode()
    assert api.json() == {"detail": NOT_VALID}


def test_host_is_logged_once_without_a_traceback(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        client.get("/", headers={"Host": "logged-once.local"})
    [record] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "You may need to add 'logged-once.local' to ALLOWED_HOSTS." in record.getMessage()
    assert "Traceback" not in logs.LineFormatter().format(record)
