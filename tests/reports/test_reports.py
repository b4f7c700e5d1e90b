"""GET and POST /api/reports/"""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from reports.models import Report
from tests.conftest import ApiClient

PATH = "reports/"
SENT = {
    "blink_cnt": 412,
    "neck_cnt": 3,
    "stretching_cnt": 1,
    "start_time": "2203300738",
    "end_time": "2203301308",
    "study_time": "0530",
}
ISO = {"start_time": "2022-04-08T01:12:00.000Z", "end_time": "2022-04-08T06:42:00.000Z"}
COUNTS = ["blink_cnt", "neck_cnt", "stretching_cnt"]


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in SENT.items() if name != field}


def assert_refused(person: ApiClient, body: Any, field: str) -> None:
    response = person("post", PATH, body)
    assert (response.status_code, set(response.json())) == (400, {field})
    assert not Report.objects.exists()


@pytest.mark.parametrize("times", [{}, ISO, {"start_time": ISO["start_time"], "end_time": "2204081542"}])
def test_report_is_returned_exactly_as_sent(owner: ApiClient, times: dict[str, str]) -> None:
    response = owner("post", PATH, SENT | times)
    stored = {"id": Report.objects.get().pk, **SENT, **times}
    assert (response.status_code, response.json()) == (201, stored)
    assert owner("get", PATH).json() == [stored]


@pytest.mark.parametrize("study_time", ["0530", "", " 5 h ", None])
def test_study_time_is_returned_as_sent(owner: ApiClient, study_time: str | None) -> None:
    response = owner("post", PATH, SENT | {"study_time": study_time})
    assert (response.status_code, response.json()["study_time"]) == (201, study_time)


def test_missing_study_time_is_null(owner: ApiClient) -> None:
    response = owner("post", PATH, without("study_time"))
    stored = {"id": Report.objects.get().pk, **SENT, "study_time": None}
    assert (response.status_code, response.json()) == (201, stored)


def send_with_key(person: ApiClient, key: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {person.access}", "Idempotency-Key": key}
    return Client().post(f"/api/{PATH}", body, content_type="application/json", headers=headers)


def test_report_sent_again_with_its_key_is_stored_once(owner: ApiClient) -> None:
    first, again = (send_with_key(owner, "a", SENT) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert owner("get", PATH).json() == [first.json()]
    assert send_with_key(owner, "b", SENT).json()["id"] != first.json()["id"]


def test_key_is_the_users_own(owner: ApiClient, stranger: ApiClient) -> None:
    assert send_with_key(owner, "a", SENT).json()["id"] != send_with_key(stranger, "a", SENT).json()["id"]
    assert Report.objects.count() == 2


def test_reports_without_a_key_are_all_stored(owner: ApiClient) -> None:
    for key in ("", ""):
        assert send_with_key(owner, key, SENT).status_code == 201
    assert Report.objects.count() == 2


def test_long_key_is_refused(owner: ApiClient) -> None:
    response = send_with_key(owner, "a" * 256, SENT)
    assert (response.status_code, set(response.json())) == (400, {"Idempotency-Key"})


def test_times_without_a_zone_are_in_seoul(owner: ApiClient) -> None:
    owner("post", PATH, SENT)
    report = Report.objects.get()
    assert report.started_at == datetime(2022, 3, 29, 22, 38, tzinfo=UTC)
    assert report.ended_at == datetime(2022, 3, 30, 4, 8, tzinfo=UTC)
    assert report.day == date(2022, 3, 30)


def test_day_is_that_of_seoul(owner: ApiClient) -> None:
    owner("post", PATH, SENT | {"start_time": "2022-04-07T22:12:00.000Z", "end_time": "2022-04-07T22:13:00.000Z"})
    report = Report.objects.get()
    assert report.started_at == datetime(2022, 4, 7, 22, 12, tzinfo=UTC)
    assert report.day == date(2022, 4, 8)


BAD_TIMES: list[Any] = [
    "",
    "abc",
    "2213300738",
    "2203320738",
    "2202290738",
    "2203302438",
    "2203300760",
    "2022-04-08",
    "22-03-30",
    "22033007388",
    "220330073",
    "2203300738\n",
    " 2203300738",
    "-203300738",
    "6912312359",
    "٢٢٠٣٣٠٠٧٣٨",
    "0001-01-01T00:00:00+09:00",
    "9999-12-31T23:59:59-09:00",
    "2022-04-08T25:12:00.000Z",
    "2022-04-08T01:12:00+99:99",
    "2022-02-30T01:12:00Z",
    "2022-W14-5T01:12:00Z",
    "2022-04-08T01:12:00.000Z" + "0" * 40,
    "22033007\x0038",
    "\ud800",
    None,
    True,
    [],
    {},
    2203300738,
    2203300738.0,
    float("nan"),
]


@pytest.mark.refused
@pytest.mark.parametrize("time", BAD_TIMES, ids=ascii)
@pytest.mark.parametrize("field", ["start_time", "end_time"])
def test_invalid_time_is_named(owner: ApiClient, field: str, time: Any) -> None:
    assert_refused(owner, SENT | {field: time}, field)


@pytest.mark.parametrize(
    "times",
    [
        {"start_time": "2203300738", "end_time": "2203300737"},
        {"start_time": ISO["end_time"], "end_time": ISO["start_time"]},
        {"start_time": "2022-04-08T01:12:00.001Z", "end_time": "2022-04-08T01:12:00.000Z"},
        {"start_time": "2204081013", "end_time": "2022-04-08T01:12:00.000Z"},
    ],
)
def test_end_before_the_start_is_refused(owner: ApiClient, times: dict[str, str]) -> None:
    assert_refused(owner, SENT | times, "end_time")


def test_session_may_end_in_its_first_minute(owner: ApiClient) -> None:
    assert owner("post", PATH, SENT | {"end_time": SENT["start_time"]}).status_code == 201
    same = {"start_time": "2204081012", "end_time": "2022-04-08T01:12:00.000Z"}
    assert owner("post", PATH, SENT | same).status_code == 201


@pytest.mark.refused
@pytest.mark.parametrize(
    "value", [-1, "", "abc", None, True, [], {}, 1.5, 2**31, 10**30, float("nan"), float("inf")], ids=repr
)
@pytest.mark.parametrize("field", COUNTS)
def test_invalid_count_is_named(owner: ApiClient, field: str, value: Any) -> None:
    assert_refused(owner, SENT | {field: value}, field)


@pytest.mark.parametrize("field", [*COUNTS, "start_time", "end_time"])
def test_missing_field_is_named(owner: ApiClient, field: str) -> None:
    response = owner("post", PATH, without(field))
    assert (response.status_code, response.json()) == (400, {field: ["This field is required."]})
    assert not Report.objects.exists()


@pytest.mark.parametrize("study_time", [True, [], {}, "0" * 41, "\0", "\ud800"])
def test_invalid_study_time_is_refused(owner: ApiClient, study_time: Any) -> None:
    assert_refused(owner, SENT | {"study_time": study_time}, "study_time")


def test_zero_is_a_valid_count(owner: ApiClient) -> None:
    assert owner("post", PATH, SENT | dict.fromkeys(COUNTS, 0)).status_code == 201


def test_new_user_has_no_reports(owner: ApiClient) -> None:
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, [])


def test_users_see_only_their_own_reports(owner: ApiClient, stranger: ApiClient) -> None:
    first = owner("post", PATH, SENT).json()
    strangers = stranger("post", PATH, SENT).json()
    second = owner("post", PATH, SENT | ISO).json()
    assert owner("get", PATH).json() == [first, second]
    assert stranger("get", PATH).json() == [strangers]


def test_id_and_user_in_the_request_are_ignored(owner: ApiClient, stranger: ApiClient) -> None:
    strangers = stranger("post", PATH, SENT).json()
    others = {"id": strangers["id"], "user": stranger.user.pk, "user_id": stranger.user.pk, "flag": True}
    response = owner("post", PATH, SENT | ISO | others)
    assert response.status_code == 201
    assert response.json() == {"id": Report.objects.get(user=owner.user).pk, **SENT, **ISO}
    assert response.json()["id"] != strangers["id"]
    assert stranger("get", PATH).json() == [strangers]


@pytest.mark.parametrize("header", [None, "Bearer garbage", "Bearer"])
def test_anonymous_is_refused(client: Client, db: None, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert client.get(f"/api/{PATH}", headers=headers).status_code == 401
    assert client.post(f"/api/{PATH}", SENT, content_type="application/json", headers=headers).status_code == 401
    assert not Report.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_reports_cannot_be_changed(owner: ApiClient, method: str) -> None:
    assert owner(method, PATH, SENT).status_code == 405
