"""GET and PUT /api/accounts/time-zone/"""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from personal_data.withdrawal import user_erase
from tests.conftest import ApiClient

PATH = "accounts/time-zone/"


def change(person: ApiClient, time_zone: str) -> Any:
    response = person("put", PATH, {"time_zone": time_zone})
    assert response.status_code == 200, response.content
    return response.json()


def test_new_user_has_the_server_time_zone(owner: ApiClient, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, {"time_zone": "America/New_York"})


@pytest.mark.parametrize("name", ["Asia/Seoul", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT-14"])
def test_any_iana_zone_is_accepted(owner: ApiClient, name: str) -> None:
    assert change(owner, name) == {"time_zone": name}
    assert owner("get", PATH).json() == {"time_zone": name}
    assert User.objects.get(pk=owner.user.pk).zone.key == name


def test_empty_text_restores_the_default(owner: ApiClient, settings: Any) -> None:
    change(owner, "Europe/Berlin")
    assert change(owner, "") == {"time_zone": settings.TIME_ZONE}


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "asia/seoul", "+09:00", "../../etc/passwd", "/etc/localtime", "Asia", "Asia/Seoul\0", "🙂"]
    + [None, 9, True, [], {}, ["UTC"], "A" * 10_000],
)
def test_unknown_zone_is_refused(owner: ApiClient, name: Any) -> None:
    change(owner, "Europe/Berlin")
    response = owner("put", PATH, {"time_zone": name})
    assert (response.status_code, set(response.json())) == (400, {"time_zone"})
    assert owner("get", PATH).json() == {"time_zone": "Europe/Berlin"}


def test_zone_is_required(owner: ApiClient) -> None:
    assert owner("put", PATH, {}).json() == {"time_zone": ["This field is required."]}


def test_each_user_has_their_own_zone(owner: ApiClient, stranger: ApiClient) -> None:
    before = stranger("get", PATH).json()
    change(owner, "Pacific/Apia")
    assert stranger("get", PATH).json() == before


@pytest.mark.parametrize("method", ["get", "put"])
def test_anonymous_is_refused(owner: ApiClient, client: Client, method: str) -> None:
    response = getattr(client, method)(f"/api/{PATH}", {"time_zone": "UTC"}, content_type="application/json")
    assert response.status_code == 401
    assert User.objects.get(pk=owner.user.pk).time_zone == ""


def test_account_deleted_during_the_call_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw_first(*, user: User, time_zone: str) -> User:
        user_erase(user_id=user.pk)
        return time_zone_set(user=user, time_zone=time_zone)

    time_zone_set = services.time_zone_set
    monkeypatch.setattr(services, "time_zone_set", withdraw_first)
    assert owner("put", PATH, {"time_zone": "UTC"}).status_code == 401
