"""The live documentation: offline, and with an example for every call."""

import re
from typing import Any

import yaml
from django.contrib.staticfiles import finders
from django.test import Client
from rest_framework.test import APIRequestFactory

from detections.schema import GREY_PIXEL
from detections.serializers import FrameField

CALLS = {
    ("/api/accounts/", "post"),
    ("/api/accounts/", "delete"),
    ("/api/accounts/login/", "post"),
    ("/api/accounts/logout/", "post"),
    ("/api/accounts/password/", "put"),
    ("/api/accounts/time/", "get"),
    ("/api/accounts/time/", "put"),
    ("/api/accounts/alarms/", "get"),
    ("/api/accounts/alarms/", "put"),
    ("/api/accounts/time-zone/", "get"),
    ("/api/accounts/time-zone/", "put"),
    ("/api/accounts/archive/", "get"),
    ("/api/accounts/archive/", "put"),
    ("/api/accounts/export/", "get"),
    ("/api/accounts/face/", "get"),
    ("/api/accounts/face/", "delete"),
    ("/api/accounts/frames/", "get"),
    ("/api/accounts/frames/", "delete"),
    ("/api/accounts/frames/{frame_id}/", "get"),
    ("/api/accounts/frames/{frame_id}/", "delete"),
    ("/api/detections/blink/", "post"),
    ("/api/detections/neck/", "post"),
    ("/api/detections/sessions/", "get"),
    ("/api/detections/sessions/", "post"),
    ("/api/detections/sessions/{session_id}/", "get"),
    ("/api/detections/sessions/{session_id}/frames/", "post"),
    ("/api/detections/sessions/{session_id}/pause/", "post"),
    ("/api/detections/sessions/{session_id}/profile/", "post"),
    ("/api/detections/sessions/{session_id}/recalibrate/", "post"),
    ("/api/detections/sessions/{session_id}/resume/", "post"),
    ("/api/detections/sessions/{session_id}/stop/", "post"),
    ("/api/detections/sessions/{session_id}/stretches/", "post"),
    ("/api/detections/profiles/", "get"),
    ("/api/detections/profiles/{profile_id}/", "delete"),
    ("/api/reports/", "get"),
    ("/api/reports/", "post"),
    ("/api/reports/export/", "get"),
    ("/api/reports/summary/", "get"),
    ("/api/reports/{report_id}/", "delete"),
    ("/api/reports/{report_id}/", "get"),
    ("/api/reports/{report_id}/timeline/", "get"),
    ("/api/token/refresh/", "post"),
}


def test_every_call_has_a_summary_and_example(client: Client) -> None:
    schema = yaml.safe_load(client.get("/api/schema/").content)
    operations = {
        (path, method): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if path != "/api/schema/"
    }
    assert set(operations) == CALLS
    for call, operation in operations.items():
        assert operation["summary"], call
        assert _examples(operation) or not _has_json(operation), call


def test_every_call_documents_its_errors(client: Client) -> None:
    paths = yaml.safe_load(client.get("/api/schema/").content)["paths"]
    for path, method in CALLS:
        operation = paths[path][method]
        expected = {"503"} | ({"401"} if "security" in operation else set())
        expected |= {"400", "411", "413"} if "requestBody" in operation else set()
        expected |= {"404"} if "{" in path else set()
        assert expected <= operation["responses"].keys(), path
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["description"], (path, status)
                body = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert body == ("FieldProblems" if status in {"400", "413"} else "Problem"), (path, status)
                assert ("headers" in response) == (status in {"429", "503"}), (path, status)


def test_example_picture_is_accepted() -> None:
    frame = FrameField().to_internal_value(GREY_PIXEL)
    assert (frame.content_type, frame.width, frame.height) == ("image/png", 1, 1)


def test_documentation_page_works_offline(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    for url in loaded:
        assert url.startswith("/static/")
        assert finders.find(url.removeprefix("/static/")), url


def test_home_page_links_the_documentation(client: Client) -> None:
    assert 'href="/api/docs/"' in client.get("/").content.decode()


def test_unknown_api_path_is_404_in_json(client: Client) -> None:
    response = client.get("/api/nothing/")
    assert response.status_code == 404
    assert response.json() == {"detail": "There is nothing here. /api/docs/ lists all calls."}


def test_unknown_page_is_djangos_404(client: Client) -> None:
    response = client.get("/nothing/")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_unexpected_api_error_is_500_in_json() -> None:
    from common.http.errors import server_error

    response: Any = server_error(APIRequestFactory().get("/api/reports/"))
    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/json")


def _has_json(operation: dict[str, Any]) -> bool:
    responses = [response for status, response in operation["responses"].items() if status < "400"]
    return any("application/json" in body.get("content", {}) for body in [operation.get("requestBody", {}), *responses])


def _examples(operation: dict[str, Any]) -> list[Any]:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    contents = [content for body in bodies for content in body.get("content", {}).values()]
    return [example for content in contents for example in content.get("examples", {}).values()]
