"""The live documentation: offline, and with an example for every call."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIRequestFactory

from detections.schema import GREY_PIXEL
from detections.serializers import FrameField

SNAPSHOT = settings.BASE_DIR / "docs" / "openapi.yaml"


@cache
def _operations() -> dict[tuple[str, str], Any]:
    """The documented calls by path and method, without the schema's own. JSON is read faster than YAML."""
    paths = Client().get("/api/schema/?format=json").json()["paths"]
    calls = {(path, method): operation for path, methods in paths.items() for method, operation in methods.items()}
    return {call: operation for call, operation in calls.items() if call[0] != "/api/schema/"}


def test_snapshot_is_the_schema(tmp_path: Path) -> None:
    """A changed call shows as a changed line of docs/openapi.yaml in the commit."""
    current = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(current))
    is_current = current.read_text() == SNAPSHOT.read_text()
    assert is_current, "docs/openapi.yaml is not the schema: run `make openapi`"


def test_every_call_has_a_summary_and_example() -> None:
    operations = _operations()
    assert operations
    for call, operation in operations.items():
        assert operation["summary"], call
        assert _examples(operation) or not _has_json(operation), call


def test_every_call_documents_its_errors() -> None:
    for (path, _), operation in _operations().items():
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
