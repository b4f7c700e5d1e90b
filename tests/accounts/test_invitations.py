"""POST /api/accounts/invitation/, and who may sign up: SIGN_UP."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.invitations import services
from accounts.invitations.models import Invitation, State
from accounts.invitations.services import NewLink, Person
from accounts.models import User
from common.http.throttling import AttemptThrottle
from tests.conftest import PASSWORD, ApiClient

pytestmark = pytest.mark.django_db

MINA = Person("mina@example.com", "mina@example.com", "Mina", "Kim", "ko-kr")
INVALID = {"invitation": ["This invitation has been used or withdrawn, or it is too old. Ask for another one."]}
NEEDS_ONE = {"detail": "You need an invitation to sign up here. Ask the people who run this service for one."}
CLOSED = {"detail": "Nobody can sign up here. Ask the people who run this service for an account."}


@pytest.fixture
def invited_only(settings: Settings) -> None:
    settings.SIGN_UP = "invited"


def invite(person: Person = MINA) -> NewLink:
    return services.invite(people=[person], invited_by=None)[0]


def post(path: str, body: Any, **headers: str) -> Any:
    return Client().post(f"/api/accounts/{path}", body, content_type="application/json", headers=headers)


def sign_up(username: str = "mina@example.com", **fields: Any) -> Any:
    return post("", {"username": username, "password": PASSWORD, **fields})


def read(token: str) -> Any:
    return post("invitation/", {"invitation": token})


def end(link: NewLink, **columns: Any) -> None:
    Invitation.objects.filter(pk=link.invitation.pk).update(**columns)


def test_invitation_makes_one_account(invited_only: None) -> None:
    link = invite()
    response = sign_up(invitation=link.token)
    assert (response.status_code, response.json()) == (201, {"username": "mina@example.com"})
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("mina@example.com", "Mina", "Kim")
    link.invitation.refresh_from_db()
    assert (link.invitation.state, link.invitation.used_by) == (State.USED, user)


def test_invitation_works_once(invited_only: None) -> None:
    link = invite(Person())
    assert sign_up("first", invitation=link.token).status_code == 201
    response = sign_up("second", invitation=link.token)
    assert (response.status_code, response.json()) == (400, INVALID)
    assert User.objects.count() == 1


def test_failed_sign_up_leaves_the_invitation_open(invited_only: None, owner: ApiClient) -> None:
    link = invite(Person())
    assert sign_up(owner.user.username, invitation=link.token).json() == {
        "username": ["A user with that username already exists."]
    }
    assert sign_up("free", invitation=link.token).status_code == 201


def test_named_invitation_is_for_that_name_alone(invited_only: None) -> None:
    link = invite()
    response = sign_up("jun@example.com", invitation=link.token)
    assert (response.status_code, response.json()) == (400, {"username": ["This invitation is for another name."]})
    assert sign_up(invitation=link.token).status_code == 201


def test_holder_reads_what_they_sign_up_with() -> None:
    link = invite()
    response = read(link.token)
    assert response.status_code == 200
    answer = response.json()
    assert datetime.fromisoformat(answer.pop("expires_at")) == link.invitation.expires_at
    assert answer == {"username": "mina@example.com", "first_name": "Mina"}, "not who invited them"


def test_dead_invitations_cannot_be_told_from_unknown_ones(invited_only: None) -> None:
    used, expired, withdrawn = invite(Person()), invite(), invite()
    sign_up("somebody", invitation=used.token)
    end(expired, expires_at=timezone.now())
    services.withdraw(invitation_ids=[withdrawn.invitation.pk])
    tokens = [used.token, expired.token, withdrawn.token, "", " ", "x" * 43, "%00", "../../admin"]
    for token in tokens[:3] + tokens[5:]:
        assert (read(token).status_code, read(token).json()) == (400, INVALID)
        assert sign_up(invitation=token).json() == INVALID
    assert User.objects.count() == 1


@pytest.mark.parametrize("token", [None, 5, [], {}, True, "a\0b", "\ud800", "x" * 65])
def test_hostile_tokens_are_refused_by_name(invited_only: None, token: Any) -> None:
    response = read(token)
    assert (response.status_code, set(response.json())) == (400, {"invitation"})
    assert sign_up(invitation=token).status_code in {400, 403}
    assert not User.objects.exists()


def test_only_a_hash_of_the_token_is_stored() -> None:
    link = invite()
    stored = Invitation.objects.values().get()
    assert link.token not in map(str, stored.values())
    assert len(link.token) >= 43  # 256 bits


@pytest.mark.parametrize("username", ["mina@example.com", "invited@example.com", "nobody@example.com", "a b", ""])
def test_without_an_invitation_every_name_gets_the_same_answer(
    invited_only: None, owner: ApiClient, username: str
) -> None:
    invite(Person("invited@example.com", "invited@example.com"))
    response = sign_up(username)
    assert (response.status_code, response.json()) == (403, NEEDS_ONE)


@pytest.mark.parametrize(
    "body", [{}, [], '"text"', "null", {"username": "x"}, {"invitation": ""}, {"invitation": None}]
)
def test_closed_for_every_body(settings: Settings, body: Any) -> None:
    settings.SIGN_UP = "closed"
    response = post("", body)
    assert (response.status_code, response.json()) == (403, CLOSED)


def test_closed_sign_up_takes_no_invitation_either(settings: Settings) -> None:
    link = invite()
    settings.SIGN_UP = "closed"
    assert sign_up(invitation=link.token).json() == CLOSED
    assert read(link.token).json() == CLOSED
    assert not User.objects.exists()


def test_refusal_is_in_the_language_of_the_request(invited_only: None) -> None:
    body = {"username": "x", "password": PASSWORD}
    assert post("", body, **{"Accept-Language": "ko"}).json()["detail"].startswith("가입하려면 초대가 필요해요")


def test_a_superuser_can_always_be_created(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SIGN_UP = "closed"
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="boss", email="boss@example.com", interactive=False)
    assert User.objects.get().is_superuser


def test_open_sign_up_is_version_ones() -> None:
    assert django_settings.SIGN_UP == "open"
    invite()
    response = sign_up()  # an invited address is no secret that sign-up keeps: it does not even know
    assert (response.status_code, response.json()) == (201, {"username": "mina@example.com"})


def test_renewed_invitation_has_another_link() -> None:
    link = invite()
    end(link, expires_at=timezone.now() - timedelta(days=1))
    again = services.renew(invitation=link.invitation)
    assert again
    assert (read(link.token).status_code, read(again.token).status_code) == (400, 200)
    assert link.invitation.state == State.OPEN


def test_used_and_withdrawn_invitations_are_not_renewed() -> None:
    used, withdrawn = invite(), invite()
    sign_up(invitation=used.token)
    services.withdraw(invitation_ids=[used.invitation.pk, withdrawn.invitation.pk])
    assert [services.renew(invitation=link.invitation) for link in (used, withdrawn)] == [None, None]
    used.invitation.refresh_from_db()
    assert used.invitation.withdrawn_at is None


def test_every_invitation_is_in_one_state() -> None:
    links = [invite(Person()) for _number in range(4)]
    end(links[1], expires_at=timezone.now())
    end(links[2], withdrawn_at=timezone.now())
    end(links[3], used_at=timezone.now(), withdrawn_at=timezone.now())
    found = {state: list(Invitation.objects.in_state(state)) for state in State.values}
    assert sorted(map(len, found.values())) == [1, 1, 1, 1]
    assert all(invitation.state == state for state, rows in found.items() for invitation in rows)


def test_invitation_goes_with_its_user(owner: ApiClient) -> None:
    link = invite()
    end(link, used_by=owner.user, used_at=timezone.now())
    assert owner("delete", "accounts/", {"password": PASSWORD}).status_code == 204
    assert not Invitation.objects.exists()


def test_invitations_outlive_whoever_invited(owner: ApiClient) -> None:
    services.invite(people=[MINA], invited_by=owner.user)
    owner("delete", "accounts/", {"password": PASSWORD})
    assert Invitation.objects.get().invited_by is None


def test_what_came_to_nothing_is_deleted_in_time() -> None:
    old, recent, used = invite(), invite(), invite(Person())
    sign_up("somebody", invitation=used.token)
    for link in (old, used):
        end(link, expires_at=timezone.now() - services.KEPT_AFTERWARDS - timedelta(days=1))
    services.delete_old()
    assert set(Invitation.objects.all()) == {recent.invitation, used.invitation}


def test_guessing_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AttemptThrottle.THROTTLE_RATES, "sign_up", "3/min")
    assert [read(f"guess{number}").status_code for number in range(4)] == [400, 400, 400, 429]
    assert sign_up(invitation="guess").status_code == 429


def test_the_slower_of_two_at_once_is_refused(invited_only: None, monkeypatch: pytest.MonkeyPatch) -> None:
    link = invite(Person())
    use = services._use

    def use_after_another(invitation: Invitation) -> Invitation:
        """Between reading the invitation and using it, somebody else uses it."""
        monkeypatch.setattr(services, "_use", use)
        services.sign_up(invitation=link.token, username="faster", password=PASSWORD)
        return use(invitation)

    monkeypatch.setattr(services, "_use", use_after_another)
    response = sign_up("slower", invitation=link.token)
    assert (response.status_code, response.json()) == (400, INVALID)
    assert not User.objects.filter(username="slower").exists()
