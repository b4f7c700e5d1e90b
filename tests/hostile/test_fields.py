"""Every field of every body, and every parameter of every query, with values that they were not made for."""

import json
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.tokens import tokens_for
from detections.models import Profile
from detections.sessions import codec
from detections.sessions.commands import session_start
from reports.services import report_create
from tests.conftest import ApiClient
from tests.hostile.calls import JSON, Operation, example_bodies, fields, has_json, operations, raw_bodies, schema
from tests.hostile.test_cross_user import BASELINE

TEXTS = ["", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\u202eabc", "😀" * 40, "e\u0301" * 200, "a" * 60_000]
TEXTS += [
    "%s%n%00",
    "'; DROP TABLE accounts_user; --",
    "{{7*7}}",
    "../../etc/passwd",
    "NaN",
    "null",
    "0x10",
    "1_0",
    "٣",
]
TIMES = ["0001-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9998-12-31T23:59:59-23:59"]
TIMES += ["1970-01-01T00:00:00+23:59", "1969-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z"]
TIMES += ["2026-10-25T02:30:00", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00+24:00", "0000000000", "9912312359"]
NUMBERS: list[float] = [0, -1, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400]
NUMBERS += [0.5, -0.0, 1e308, 5e-324, 1e-400, float("nan"), float("inf"), float("-inf")]
OTHERS: list[Any] = [None, True, False, [], {}, [[[]]], {"a": {"b": [None]}}, ["\0"], ["a"] * 5000]
BODIES = [
    "[" * 30_000,
    '{"a":' * 10_000,
    "[]",
    "null",
    "5",
    '"text"',
    "NaN",
    "",
    "\0",
    "{}",
    '{"a": 1, "a": 2}',
    "{'a': 1}",
]
AS_TEXT: list[Any] = ["", "\0", "1_0", "٣", "9" * 5000, "1e400", "-0", "5"]
OF_KIND: dict[str, list[Any]] = {
    "string": [*TEXTS, 5, 0.5],
    "report-time": [*TEXTS, *TIMES, 2203300738],
    "boolean": ["yes", 2, -1],
    "integer": [*NUMBERS, *AS_TEXT],
    "number": [*NUMBERS, *AS_TEXT],
    "array": [*TEXTS, *NUMBERS, [None], [5], [[]], [{}], ["a", "a"]],
}
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
REPORT: dict[str, Any] = {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 1, "study_time": None}
REPORT |= {"start_time": "2611251200", "end_time": "2611251200", "started_at": NOON, "ended_at": NOON}
ENDS_LOGINS = {"/api/accounts/logout/", "/api/accounts/password/"}


class Person:
    """A logged-in user who logs in again when necessary and is never throttled."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._access = tokens_for(user)["access"]
        self._client = Client()

    def fill(self, path: str) -> str:
        """The path with this user's ids in it: a running session, a profile, a report."""
        if "{" not in path:
            return path
        profile = Profile.objects.create(
            user=self._user, name=str(uuid4()), quality=1, baseline=codec.dump_baseline(BASELINE)
        )
        session = session_start(user=self._user, profile_id=profile.pk).session
        report = report_create(user=self._user, **REPORT)
        return path.format(
            session_id=session.pk, alarm_id=1, profile_id=profile.pk, report_id=report.pk, frame_id=uuid4()
        )

    def send(
        self,
        method: str,
        path: str,
        body: str | bytes,
        operation: Operation,
        query: Any = None,
        content_type: str = JSON,
    ) -> Any:
        for cache in caches.all() if "429" in operation["responses"] else ():
            cache.clear()
        if path in ENDS_LOGINS:
            self._user.refresh_from_db()
            self._access = tokens_for(self._user)["access"]
        with transaction.atomic():  # a database error in one request does not affect the next
            response: Any = self._client.generic(
                method.upper(),
                path,
                body,
                content_type=content_type if body else "",
                headers={"Authorization": f"Bearer {self._access}"},
                query_params=query,
            )
            if response.streaming:
                assert b"".join(response)  # the next export can only start once this one has been read
            return response


@pytest.fixture
def person(owner: ApiClient) -> Person:
    return Person(owner.user)


def assert_answered(response: Any, operation: Operation, sent: str) -> None:
    """Assert that the status is documented and below 500, and that an error is readable JSON."""
    assert str(response.status_code) in operation["responses"], (sent[:300], response.content[:500])
    assert response.status_code < 500, (sent[:300], response.content[:500])
    if response.status_code >= 400:
        assert response.json(), sent[:300]


def test_any_field_value_gets_a_response(person: Person) -> None:
    document = schema()
    count = 0
    for method, path, operation in operations(document):
        for name, field in fields(document, operation).items():
            for value in [*OF_KIND.get(field.get("format", ""), OF_KIND[field.get("type", "string")]), *OTHERS]:
                sent = json.dumps(example_bodies(operation)[0] | {name: value})
                response = person.send(method, person.fill(path), sent, operation)
                assert_answered(response, operation, f"{method} {path} {sent}")
                count += 1
    assert count > 500


def test_any_body_gets_a_response(person: Person) -> None:
    for method, path, operation in operations(schema()):
        for sent in BODIES if has_json(operation) else ():
            response = person.send(method, person.fill(path), sent, operation)
            assert_answered(response, operation, f"{method} {path} {sent}")
            assert response.status_code in {200, 201, 204, 400}, (path, sent)


def test_any_parameter_value_gets_a_response(person: Person) -> None:
    for method, path, operation in operations(schema()):
        for parameter, value in product(operation.get("parameters", []), [*TEXTS[:-1], *TIMES, *map(str, NUMBERS)]):
            if parameter["in"] == "query":
                query = {parameter["name"]: value.encode("utf-8", "surrogatepass")}
                body, content_type = next(iter(raw_bodies(operation)), (b"", ""))
                response = person.send(method, person.fill(path), body, operation, query, content_type)
                assert_answered(response, operation, f"{method} {path} {parameter['name']}={value!r}")


@pytest.mark.parametrize("value", [0, 2**31, 2**63 - 1, 2**63, 2**64, 10**30, "٣", "9" * 2000, "-1", "1.0", "%00", "x"])
def test_any_number_in_a_path_is_404(person: Person, value: object) -> None:
    for method, path, operation in operations(schema()):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and parameter["schema"]["type"] == "integer":
                response = person.send(method, path.replace(f"{{{parameter['name']}}}", str(value)), "", operation)
                assert response.status_code == 404, (method, path, value)


FILE_PART = b'--x\r\nContent-Disposition: form-data; name="frames"; filename="a"\r\n\r\n'
BROKEN_FORMS = [b"", b"--", b"--x", b"--x--", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--"]
BROKEN_FORMS += [b'--x\r\nContent-Disposition: form-data; name="frames"\r\n\r\nno file\r\n--x--\r\n']
BROKEN_FORMS += [(FILE_PART + b"\r\n") * 3 + b"--x--\r\n"]
BROKEN_FORMS += [
    b'--x\r\nContent-Disposition: form-data; name="frames"; filename="a"\r\n\r\nx\r\n' * 120 + b"--x--\r\n"
]
BROKEN_FORMS += [b'--x\r\nContent-Disposition: form-data; name="captured_at"\r\n\r\n\xff\0\r\n' * 2000 + b"--x--\r\n"]
BROKEN_FORMS += [b"\0" * 10_000, b"--x\r\n" * 10_000]


@pytest.mark.parametrize("boundary", ["; boundary=x", "", "; boundary=", "; boundary=" + "y" * 500, "; boundary=\xe9"])
def test_any_broken_form_is_400(person: Person, boundary: str) -> None:
    path = "/api/detections/sessions/{session_id}/frames/"
    operation = schema()["paths"][path]["post"]
    for sent in BROKEN_FORMS:
        response = person.send("post", person.fill(path), sent, operation, None, f"multipart/form-data{boundary}")
        assert_answered(response, operation, f"{boundary} {sent[:80]!r}")
        assert response.status_code == 400


@pytest.mark.parametrize("sent", [b"\0", b"no picture", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>"])
def test_any_broken_picture_is_400(person: Person, sent: bytes) -> None:
    path = "/api/detections/sessions/{session_id}/frames/"
    operation = schema()["paths"][path]["post"]
    for kind in ("image/jpeg", "image/png", "image/gif", "image/svg+xml"):
        response = person.send("post", person.fill(path), sent, operation, None, kind)
        assert (response.status_code, list(response.json())) == (400, ["frame"])


def test_too_many_parameters_are_400_in_json(person: Person) -> None:
    response = person.send(
        "get", "/api/accounts/frames/", "", {"responses": {}}, {f"p{number}": "" for number in range(1001)}
    )
    assert (response.status_code, response.json()) == (400, {"detail": "The request cannot be read."})


def test_body_of_unknown_length_is_411(owner: ApiClient) -> None:
    headers = {"Authorization": f"Bearer {owner.access}", "Transfer-Encoding": "chunked"}
    # Its body might hold a wrong password, which must not be ignored.
    response = Client().delete("/api/accounts/", headers=headers)
    assert (response.status_code, response.json()) == (411, {"detail": "Send the body with its Content-Length."})
    assert owner("get", "accounts/time/").status_code == 200


@pytest.mark.parametrize("accept", [{"Accept": "application/xml"}, {"Accept": "image/*"}, {"Accept": "nonsense"}, {}])
@pytest.mark.parametrize("query", [{}, {"format": "xml"}, {"format": "json"}])
def test_response_is_json_whatever_is_requested(owner: ApiClient, accept: dict[str, str], query: Any) -> None:
    headers = {"Authorization": f"Bearer {owner.access}"} | accept
    response = Client().get("/api/reports/", query, headers=headers)
    assert (response.status_code, response.headers["Content-Type"], response.json()) == (200, "application/json", [])


def test_schema_is_available_as_json_and_yaml(client: Client) -> None:
    as_json, as_yaml = client.get("/api/schema/?format=json"), client.get("/api/schema/?format=yaml")
    assert as_json.json()["openapi"].startswith("3.")
    assert as_yaml.content.startswith(b"openapi: 3.")
