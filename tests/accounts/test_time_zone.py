"""GET and PUT /api/accounts/time-zone/"""

from typing import Any

import pytest
from django.test import Client

from accounts import services
from accounts.models import User
from personal_data.withdrawal import user_erase
from tests.conftest import ApiClient

PATH = "accounts/time-zone/"


def changed(person: ApiClient, time_zone: str) -> Any:
    response = person("put", PATH, {"time_zone": time_zone})
    assert response.status_code == 200, response.content
    return response.json()


def test_a_new_users_is_the_services(owner: ApiClient, settings: Any) -> None:
    settings.TIME_ZONE = "America/New_York"
    response = owner("get", PATH)
    assert (response.status_code, response.json()) == (200, {"time_zone": "America/New_York"})


@pytest.mark.parametrize("name", ["Asia/Seoul", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT-14"])
def test_any_of_ianas_is_taken_and_kept(owner: ApiClient, name: str) -> None:
    assert changed(owner, name) == {"time_zone": name}
    assert owner("get", PATH).json() == {"time_zone": name}
    assert User.objects.get(pk=owner.user.pk).zone.key == name


def test_empty_text_goes_back_to_the_services(owner: ApiClient, settings: Any) -> None:
    changed(owner, "Europe/Berlin")
    assert changed(owner, "") == {"time_zone": settings.TIME_ZONE}


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "asia/seoul", "+09:00", "../../etc/passwd", "/etc/localtime", "Asia", "Asia/Seoul\0", "🙂"]
    + [None, 9, True, [], {}, ["UTC"], "A" * 10_000],
)
def test_what_is_no_zone_is_refused_by_its_field(owner: ApiClient, name: Any) -> None:
    changed(owner, "Europe/Berlin")
    response = owner("put", PATH, {"time_zone": name})
    assert (response.status_code, set(response.json())) == (400, {"time_zone"})
    assert owner("get", PATH).json() == {"time_zone": "Europe/Berlin"}


def test_without_a_zone_nothing_changes(owner: ApiClient) -> None:
    assert owner("put", PATH, {}).json() == {"time_zone": ["This field is required."]}


def test_each_user_has_their_own(owner: ApiClient, stranger: ApiClient) -> None:
    before = stranger("get", PATH).json()
    changed(owner, "Pacific/Apia")
    assert stranger("get", PATH).json() == before


@pytest.mark.parametrize("method", ["get", "put"])
def test_without_a_login_it_is_401(owner: ApiClient, client: Client, method: str) -> None:
    response = getattr(client, method)(f"/api/{PATH}", {"time_zone": "UTC"}, content_type="application/json")
    assert response.status_code == 401
    assert User.objects.get(pk=owner.user.pk).time_zone == ""


def test_who_leaves_this_moment_is_401(owner: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave_first(*, user: User, time_zone: str) -> User:
        user_erase(user_id=user.pk)
        return time_zone_set(user=user, time_zone=time_zone)

    time_zone_set = services.time_zone_set
    monkeypatch.setattr(services, "time_zone_set", leave_first)
    assert owner("put", PATH, {"time_zone": "UTC"}).status_code == 401
