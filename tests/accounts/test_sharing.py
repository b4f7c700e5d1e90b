"""GET and PUT /api/accounts/sharing/"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Sharing, User
from accounts.sharing import services
from accounts.sharing.serializers import MAX_DAYS
from reports.models import Report
from tests.conftest import PASSWORD, ApiClient

SHARING = "accounts/sharing/"
REPORTS = "/api/admin/reports/report/"
NOTHING: dict[str, Any] = {"with": "staff", "what": [], "until": None, "in_team_sums": True}


def later(**span: float) -> str:
    return (timezone.now() + timedelta(**span)).isoformat()


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password=PASSWORD))
    return client


@pytest.fixture
def report(owner: ApiClient) -> Report:
    moment = timezone.now()
    columns: dict[str, Any] = {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 1, "started_at": moment}
    columns |= {"start_time": "2611250900", "end_time": "2611251000", "ended_at": moment, "day": moment.date()}
    return Report.objects.create(user=owner.user, **columns)


def seen(client: Client) -> int:
    return len(client.get(REPORTS).context["cl"].result_list)


def test_nobody_shares_anything_by_default(owner: ApiClient, boss: Client, report: Report) -> None:
    assert owner("get", SHARING).json() == NOTHING
    assert seen(boss) == 0
    assert boss.get(f"{REPORTS}{report.pk}/change/").status_code == 302  # as if there were none


def test_what_is_shared_is_seen_until_it_is_taken_back(owner: ApiClient, boss: Client, report: Report) -> None:
    until = later(days=3)
    shared = owner("put", SHARING, {"what": ["reports"], "until": until})
    assert shared.status_code == 200
    assert shared.json()["what"] == ["reports"]
    assert datetime.fromisoformat(shared.json()["until"]) == datetime.fromisoformat(until)
    assert owner("get", SHARING).json() == shared.json()
    assert seen(boss) == 1
    assert owner("put", SHARING, {"what": []}).json() == NOTHING
    assert seen(boss) == 0


def test_it_ends_by_itself(owner: ApiClient, boss: Client, report: Report) -> None:
    owner("put", SHARING, {"what": ["reports"], "until": later(days=3), "in_team_sums": False})
    Sharing.objects.update(until=timezone.now())
    assert owner("get", SHARING).json() == NOTHING | {"in_team_sums": False}
    assert seen(boss) == 0
    assert services.delete_expired() == 1
    assert Sharing.objects.values("reports", "sessions", "until", "in_team_sums").get() == {
        "reports": False,
        "sessions": False,
        "until": None,
        "in_team_sums": False,
    }


def test_end_without_a_zone_is_in_the_users(owner: ApiClient) -> None:
    owner("put", "accounts/time-zone/", {"time_zone": "America/New_York"})
    day = (timezone.now() + timedelta(days=3)).date()
    until = owner("put", SHARING, {"what": ["reports"], "until": f"{day}T23:59:59"}).json()["until"]
    assert until in {f"{day}T23:59:59-05:00", f"{day}T23:59:59-04:00"}


def test_one_kind_does_not_share_the_other(owner: ApiClient, boss: Client, report: Report) -> None:
    owner("put", SHARING, {"what": ["sessions"], "until": later(days=3)})
    assert seen(boss) == 0


def test_sums_keep_the_choice_that_is_left_out(owner: ApiClient) -> None:
    owner("put", SHARING, {"what": [], "in_team_sums": False})
    assert owner("put", SHARING, {"what": []}).json()["in_team_sums"] is False


@pytest.mark.refused
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "what"),
        ({"what": "reports"}, "what"),
        ({"what": ["pictures"]}, "what"),
        ({"what": [{}]}, "what"),
        ({"what": ["reports"]}, "until"),
        ({"what": ["reports"], "until": None}, "until"),
        ({"what": ["reports"], "until": "tomorrow"}, "until"),
        ({"what": ["reports"], "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"what": ["reports"], "until": "9999-01-01T00:00:00Z"}, "until"),
        ({"what": [], "in_team_sums": "perhaps"}, "in_team_sums"),
    ],
)
def test_other_requests_are_refused(owner: ApiClient, body: Any, field: str) -> None:
    response = owner("put", SHARING, body)
    assert (response.status_code, list(response.json())) == (400, [field])
    assert not Sharing.objects.exists()


def test_it_lasts_for_three_months_at_most(owner: ApiClient) -> None:
    assert owner("put", SHARING, {"what": ["reports"], "until": later(days=MAX_DAYS, hours=-1)}).status_code == 200
    assert owner("put", SHARING, {"what": ["reports"], "until": later(days=MAX_DAYS, hours=1)}).status_code == 400


def test_it_needs_a_login(client: Client, db: None) -> None:
    assert client.get(f"/api/{SHARING}").status_code == 401
    assert client.put(f"/api/{SHARING}", {}).status_code == 401


def test_strangers_choice_is_their_own(owner: ApiClient, stranger: ApiClient, report: Report, boss: Client) -> None:
    stranger("put", SHARING, {"what": ["reports"], "until": later(days=3)})
    assert owner("get", SHARING).json() == NOTHING
    assert seen(boss) == 0


def test_it_is_gone_with_the_account(owner: ApiClient) -> None:
    owner("put", SHARING, {"what": ["reports"], "until": later(days=3)})
    assert owner("delete", "accounts/").status_code == 204
    assert not Sharing.objects.exists()
