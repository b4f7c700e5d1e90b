"""/api/admin/accounts/user/<id>/password-link/"""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts import outbox
from accounts.models import DataAccess, User
from tests.conftest import PASSWORD, ApiClient

NEW = "another-password"
LINK = re.compile(r"http://testserver/#/reset/(?P<uid>[^/\"\s]+)/(?P<token>[^\"\s]+)")


def path_of(user: User) -> str:
    return f"/api/admin/accounts/user/{user.pk}/password-link/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def operator(db: None) -> User:
    """Staff who may change users, but are no superuser."""
    user = User.objects.create_user("operator", password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    return user


def link_in(text: str) -> dict[str, str]:
    found = LINK.search(text)
    assert found, text
    return found.groupdict()


def use(link: dict[str, str]) -> int:
    body = link | {"new_password": NEW}
    response = Client().post("/api/accounts/password-reset/confirm/", body, content_type="application/json")
    return response.status_code


def test_link_sets_a_password_once_and_ends_all_logins(owner: ApiClient, boss: User) -> None:
    link = link_in(client_of(boss).post(path_of(owner.user)).content.decode())
    assert owner("get", "accounts/time/").status_code == 200, "until the link is used, nothing changes"
    assert (use(link), use(link)) == (204, 400)
    assert owner("get", "accounts/time/").status_code == 401
    owner.user.refresh_from_db()
    assert owner.user.check_password(NEW)


def test_page_of_a_person_leads_to_it_and_asks_first(owner: ApiClient, operator: User) -> None:
    client = client_of(operator)
    page = client.get(f"/api/admin/accounts/user/{owner.user.pk}/change/").content.decode()
    assert f'href="{path_of(owner.user)}"' in page
    asked = client.get(path_of(owner.user))
    assert asked.status_code == 200
    assert not LINK.search(asked.content.decode())


def test_person_can_read_who_made_a_link(owner: ApiClient, boss: User) -> None:
    client_of(boss).post(path_of(owner.user))
    look = DataAccess.objects.get(what="password_link")
    assert (look.user, look.staff, look.action) == (owner.user, boss, "changed")
    assert [row["what"] for row in owner("get", "accounts/looks/").json()["results"]] == ["password_link"]


@pytest.mark.parametrize("role", ["boss", "operator"])
def test_link_goes_by_mail_where_there_is_any(
    owner: ApiClient, request: pytest.FixtureRequest, settings: Settings, role: str
) -> None:
    settings.EMAIL_URL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    response = client_of(request.getfixturevalue(role)).post(path_of(owner.user), {"mail": "yes"}, follow=True)
    outbox.sender.submit(lambda: None).result(timeout=30)
    (message,) = mail.outbox
    assert message.to == ["mina@example.com"]
    assert "A mail to mina@example.com is on its way." in response.content.decode()
    assert not LINK.search(response.content.decode())
    assert use(link_in(str(message.body))) == 204


def test_operator_is_never_shown_a_link(owner: ApiClient, operator: User, settings: Settings) -> None:
    """They could log in with it as the person."""
    client = client_of(operator)
    page = client.get(path_of(owner.user)).content.decode()
    assert "Only an owner can be shown one" in page
    assert '<form method="post">' not in page
    settings.EMAIL_URL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    assert "Show a link" not in client.get(path_of(owner.user)).content.decode()
    response = client.post(path_of(owner.user))
    assert response.status_code == 403
    assert not LINK.search(response.content.decode())
    assert not DataAccess.objects.filter(what="password_link").exists()


def test_without_mail_none_is_promised(owner: ApiClient, boss: User) -> None:
    response = client_of(boss).post(path_of(owner.user), {"mail": "yes"}, follow=True)
    assert "The mail could not be sent." in response.content.decode()


@pytest.mark.parametrize(
    "rights", [{"is_staff": True}, {"is_superuser": True}, {"is_staff": True, "is_superuser": True}]
)
def test_operator_makes_no_link_for_those_with_rights(operator: User, rights: dict[str, bool]) -> None:
    above = User.objects.create_user("above", None, PASSWORD, **rights)
    client = client_of(operator)
    assert (client.get(path_of(above)).status_code, client.post(path_of(above)).status_code) == (403, 403)
    assert not DataAccess.objects.exists()


def test_superuser_makes_links_for_superusers(boss: User) -> None:
    other = User.objects.create_superuser("other", password=PASSWORD)
    assert use(link_in(client_of(boss).post(path_of(other)).content.decode())) == 204


def test_others_reach_nothing(owner: ApiClient, stranger: ApiClient) -> None:
    looker = User.objects.create_user("looker", password=PASSWORD, is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_user"))
    statuses: list[Any] = [client_of(looker).post(path_of(owner.user)).status_code]
    statuses += [client_of(stranger.user).post(path_of(owner.user)).status_code]
    assert statuses == [403, 302]


def test_no_link_for_an_inactive_account_or_none(owner: ApiClient, boss: User) -> None:
    User.objects.filter(pk=owner.user.pk).update(is_active=False)
    response = client_of(boss).post(path_of(owner.user))
    assert "Activate it first" in response.content.decode()
    assert not LINK.search(response.content.decode())
    assert client_of(boss).post("/api/admin/accounts/user/999999/password-link/").status_code == 404


def test_form_needs_its_token(owner: ApiClient, boss: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert client.post(path_of(owner.user)).status_code == 403
