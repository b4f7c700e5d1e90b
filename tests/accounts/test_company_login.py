"""/api/accounts/company-login/, with a real provider."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.company_login import pending
from accounts.company_login.models import CompanyIdentity
from accounts.invitations import services as invitations
from accounts.invitations.models import State
from accounts.invitations.services import Person
from accounts.models import User
from accounts.services import user_create
from common.http.throttling import AttemptThrottle
from tests import oidc_provider
from tests.accounts import company_urls
from tests.conftest import PASSWORD
from tests.oidc_provider import Provider

pytestmark = [pytest.mark.django_db, oidc_provider.QUIET]

BASE = "/api/accounts/company-login/"
CLIENT_ID = "pose-smart"
SUBJECT = "248289761001"
NEW = {"privacy": "forgotten", "wording": "test", "time_zone": "Europe/London"}


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with oidc_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, settings: Settings) -> Iterator[Provider]:
    settings.ROOT_URLCONF = company_urls.__name__
    settings.OIDC_ISSUER = server.address
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, "secret"
    server.token_requests.clear()
    server.challenges.clear()
    set_claims(server, email="Mina@Example.com", email_verified=True, given_name="Mina", family_name="Kim")
    yield server
    server.tamper, server.userinfo = None, None
    server.description.clear()
    server.broken.clear()


def set_claims(provider: Provider, subject: str = SUBJECT, **claims: Any) -> None:
    assert requests.put(f"{provider.address}/users/{subject}", json=claims, timeout=10).status_code == 204


def start(browser: Client) -> str:
    """The provider's address to which a browser is sent."""
    response = browser.get(f"{BASE}start/")
    assert response.status_code == 302, response.content
    return str(response.headers["Location"])


def approve(address: str, subject: str = SUBJECT) -> str:
    """The path to which the provider sends the browser back, after its user has logged in there."""
    response = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert response.status_code == 302, response.text
    parts = urlsplit(response.headers["Location"])
    return f"{parts.path}?{parts.query}"


def came_back(browser: Client, path: str) -> str:
    """The last part of the page's address: the code, or why it failed."""
    response = browser.get(path)
    assert response.status_code == 302, response.content
    location = str(response.headers["Location"])
    assert location.startswith("/#/company-login/"), "nothing is in the part of the address that servers see"
    return location.removeprefix("/#/company-login/")


def arrive(browser: Client, subject: str = SUBJECT) -> str:
    return came_back(browser, approve(start(browser), subject))


def post(browser: Client, code: str, path: str = "", **body: Any) -> Any:
    return browser.post(f"{BASE}{path}", {"code": code, **body}, content_type="application/json")


def person(browser: Client, code: str) -> Any:
    return post(browser, code, "person/")


def signed_up(provider: Provider) -> User:
    browser = Client()
    response = post(browser, arrive(browser), **NEW)
    assert response.status_code == 200, response.content
    return User.objects.get(username=response.json()["username"])


def use(tokens: dict[str, str]) -> int:
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    return Client().get("/api/accounts/time/", headers=headers).status_code


# --- Who comes in ---


def test_new_person_chooses_and_gets_the_apis_own_tokens(provider: Provider) -> None:
    browser = Client()
    code = arrive(browser)
    assert person(browser, code).json() == {"state": "new", "username": "mina@example.com"}
    assert not User.objects.exists()
    response = post(browser, code, **NEW)
    tokens = response.json()
    assert (tokens["username"], tokens["has_password"]) == ("mina@example.com", False)
    assert use(tokens) == 200
    refresh = {"refresh": tokens["refresh"]}
    assert browser.post("/api/token/refresh/", refresh, content_type="application/json").status_code == 200
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("mina@example.com", "Mina", "Kim")
    assert (user.privacy, user.archive_frames, user.time_zone) == ("forgotten", False, "Europe/London")
    assert (user.has_usable_password(), user.is_staff, user.is_superuser) == (False, False, False)


def test_new_persons_choice_is_required(provider: Provider) -> None:
    browser = Client()
    code = arrive(browser)
    response = post(browser, code)
    assert (response.status_code, response.json()) == (400, {"privacy": ["Choose what happens to your pictures."]})
    assert post(browser, code, **NEW).status_code == 200, "the code is still good"


def test_returning_person_is_the_same_user_whatever_they_are_called_now(provider: Provider) -> None:
    user = signed_up(provider)
    set_claims(provider, email="mina.park@example.com", email_verified=True, preferred_username="boss")
    browser = Client()
    code = arrive(browser)
    assert person(browser, code).json() == {"state": "known", "username": user.username}
    assert use(post(browser, code).json()) == 200
    assert User.objects.count() == 1


def test_another_person_with_a_former_address_is_not_its_former_user(provider: Provider) -> None:
    signed_up(provider)
    set_claims(provider, "another", email="mina@example.com", email_verified=True)
    browser = Client()
    code = arrive(browser, "another")
    assert person(browser, code).json()["state"] == "taken"
    assert post(browser, code, **NEW).status_code == 400
    assert CompanyIdentity.objects.count() == 1


def test_local_user_of_that_name_is_not_taken_over_without_the_password(provider: Provider) -> None:
    local = user_create(username="mina@example.com", password=PASSWORD)
    browser = Client()
    code = arrive(browser)
    assert person(browser, code).json() == {"state": "taken", "username": local.username}
    assert set(post(browser, code, **NEW).json()) == {"password"}
    assert set(post(browser, code, password="a guess", **NEW).json()) == {"password"}
    assert not CompanyIdentity.objects.exists()
    response = post(browser, code, password=PASSWORD)
    assert (response.json()["username"], response.json()["has_password"]) == (local.username, True)
    again = Client()
    assert person(again, arrive(again)).json()["state"] == "known"


def test_guessed_passwords_are_counted(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AttemptThrottle.THROTTLE_RATES, "login_failure", "2/hour")
    user_create(username="mina@example.com", password=PASSWORD)
    browser = Client()
    code = arrive(browser)
    statuses = [post(browser, code, password=f"guess {number}").status_code for number in range(3)]
    assert statuses == [400, 400, 429]
    assert post(browser, code, password=PASSWORD).status_code == 429


def test_local_user_is_found_by_address_too(provider: Provider) -> None:
    User.objects.create_user("mina", email="MINA@example.com", password=PASSWORD)
    browser = Client()
    assert person(browser, arrive(browser)).json() == {"state": "taken", "username": "mina"}


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_address_counts_only_if_the_provider_has_verified_it(provider: Provider, verified: Any) -> None:
    set_claims(provider, email="mina@example.com", email_verified=verified, preferred_username="mina.kim")
    browser = Client()
    assert person(browser, arrive(browser)).json() == {"state": "new", "username": "mina.kim"}


def test_people_without_an_address_are_told_apart(provider: Provider) -> None:
    names = []
    for subject in ("first", "second"):
        set_claims(provider, subject)
        browser = Client()
        response = post(browser, arrive(browser, subject), **NEW)
        names.append(response.json()["username"])
    assert len(set(names)) == User.objects.count() == 2
    assert all(name.startswith("company-") for name in names)


def test_provider_that_says_nothing_of_verification_can_be_trusted(provider: Provider, settings: Settings) -> None:
    set_claims(provider, email="mina@example.com")
    settings.OIDC_TRUST_EMAIL = True
    browser = Client()
    assert person(browser, arrive(browser)).json()["username"] == "mina@example.com"


def test_only_allowed_domains(provider: Provider, settings: Settings) -> None:
    settings.OIDC_EMAIL_DOMAINS = ["example.org", "@Example.com"]
    assert not arrive(Client()).startswith("failed")
    settings.OIDC_EMAIL_DOMAINS = ["ample.com"]
    assert arrive(Client()) == "failed/domain"
    settings.OIDC_EMAIL_DOMAINS = ["example.com"]
    set_claims(provider, email="mina@example.com", email_verified=False)
    assert arrive(Client()) == "failed/domain"


def test_inactive_user_stays_out(provider: Provider) -> None:
    user = signed_up(provider)
    User.objects.filter(pk=user.pk).update(is_active=False)
    browser = Client()
    code = arrive(browser)
    assert (person(browser, code).status_code, post(browser, code).status_code) == (403, 403)


# --- SIGN_UP ---


@pytest.mark.parametrize("mode", ["closed", "invited"])
def test_nobody_new_comes_in_where_sign_up_is_not_open(provider: Provider, settings: Settings, mode: str) -> None:
    settings.SIGN_UP = mode
    browser = Client()
    code = arrive(browser)
    assert (person(browser, code).status_code, post(browser, code, **NEW).status_code) == (403, 403)
    assert not User.objects.exists()


@pytest.mark.parametrize("mode", ["closed", "invited"])
def test_known_and_connected_people_do(provider: Provider, settings: Settings, mode: str) -> None:
    user_create(username="mina@example.com", password=PASSWORD)
    settings.SIGN_UP = mode
    browser = Client()
    assert post(browser, arrive(browser), password=PASSWORD).status_code == 200
    assert post(browser, arrive(browser)).status_code == 200


def test_invited_address_needs_no_link(provider: Provider, settings: Settings) -> None:
    settings.SIGN_UP = "invited"
    (link,) = invitations.invite(people=[Person("mina", "mina@example.com", "M.", "")], invited_by=None)
    user = signed_up(provider)
    link.invitation.refresh_from_db()
    assert (link.invitation.state, link.invitation.used_by) == (State.USED, user)
    assert (user.username, user.first_name) == ("mina", "Mina")


def test_invitation_is_not_for_an_address_that_is_not_verified(provider: Provider, settings: Settings) -> None:
    settings.SIGN_UP = "invited"
    invitations.invite(people=[Person("mina@example.com", "mina@example.com")], invited_by=None)
    set_claims(provider, email="mina@example.com", email_verified=False, preferred_username="mina@example.com")
    browser = Client()
    assert post(browser, arrive(browser), **NEW).status_code == 403


# --- State, nonce, PKCE, code ---


def test_the_way_there_carries_state_nonce_and_challenge(provider: Provider) -> None:
    query = parse_qs(urlsplit(start(Client())).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"http://testserver{BASE}callback/"]
    assert all(len(query[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


def test_verifier_fits_the_challenge(provider: Provider) -> None:
    signed_up(provider)
    assert provider.proves_possession()


def test_secret_is_sent_as_the_provider_wants_it(provider: Provider) -> None:
    signed_up(provider)
    assert provider.token_requests[-1]["authorization"].startswith("Basic "), "the specification's default"
    provider.description["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    browser = Client()
    assert post(browser, arrive(browser)).status_code == 200
    assert (provider.token_requests[-1]["authorization"], provider.token_requests[-1]["client_secret"]) == (
        "",
        "secret",
    )


def test_state_of_another_browser_is_refused(provider: Provider) -> None:
    path = approve(start(Client()))
    victim = Client()
    start(victim)
    assert came_back(victim, path) == "failed/stale"
    assert provider.token_requests == []


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=", "?error=access_denied", "?state=%00"])
def test_answer_to_no_question_is_refused(provider: Provider, query: str) -> None:
    assert came_back(Client(), f"{BASE}callback/{query}") == "failed/stale"


def test_answer_works_once(provider: Provider) -> None:
    browser = Client()
    path = approve(start(browser))
    assert not came_back(browser, path).startswith("failed")
    assert came_back(browser, path) == "failed/stale"


def test_cancelled_login_says_so(provider: Provider) -> None:
    browser = Client()
    state = parse_qs(urlsplit(start(browser)).query)["state"][0]
    assert came_back(browser, f"{BASE}callback/?error=access_denied&state={state}") == "failed/refused"


def test_code_works_once(provider: Provider) -> None:
    browser = Client()
    code = arrive(browser)
    assert post(browser, code, **NEW).status_code == 200
    for response in (post(browser, code), person(browser, code)):
        assert (response.status_code, set(response.json())) == (400, {"code"})


def test_code_is_worth_nothing_in_another_browser(provider: Provider) -> None:
    code = arrive(Client())
    other = Client()
    arrive(other)
    for browser in (Client(), other):
        assert (person(browser, code).status_code, post(browser, code, **NEW).status_code) == (400, 400)
    assert not User.objects.exists()


@pytest.mark.parametrize("code", ["", "x", "x" * 43, "x" * 65, None, 5, [], "a\0", "\ud800", "é"])
def test_hostile_codes_are_refused(provider: Provider, code: Any) -> None:
    browser = Client()
    arrive(browser)
    for path in ("", "person/"):
        response = post(browser, code, path, **NEW)
        assert (response.status_code, set(response.json())) == (400, {"code"})


def test_code_expires(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client()
    code = arrive(browser)
    later = timezone.now() + pending.LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert post(browser, code, **NEW).status_code == 400


def test_code_that_another_request_used_meanwhile_is_refused(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client()
    code = arrive(browser)
    session = browser.session
    pending.read(session, code)
    pending.use(type(session)(session.session_key), code)
    with pytest.raises(pending.CodeInvalid):
        pending.use(session, code)  # as it was read before


def test_session_gets_another_key_on_arrival(provider: Provider) -> None:
    browser = Client()
    path = approve(start(browser))
    before = browser.session.session_key
    came_back(browser, path)
    assert browser.session.session_key != before


# --- The id token ---


def changed(**claims: Any) -> oidc_provider.Tamper:
    return lambda before: before | claims


def without(name: str) -> oidc_provider.Tamper:
    return lambda before: {key: value for key, value in before.items() if key != name}


def signed_by_somebody_else(claims: dict[str, Any]) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "theirs"})


TAMPERED: dict[str, oidc_provider.Tamper] = {
    "another nonce": changed(nonce="another"),
    "no nonce": without("nonce"),
    "another issuer": changed(iss="https://login.example.org"),
    "no issuer": without("iss"),
    "another audience": changed(aud="another-client"),
    "several audiences and no client": changed(aud=[CLIENT_ID, "another-client"]),
    "issued to another client": changed(azp="another-client"),
    "no audience": without("aud"),
    "expired": changed(exp=int(time.time()) - 120),
    "no expiry": without("exp"),
    "of the future": changed(iat=int(time.time()) + 3600),
    "no subject": without("sub"),
    "another subject than the user's": changed(sub="another"),
    "signed by somebody else": signed_by_somebody_else,
    "not signed": lambda claims: jwt.encode(claims, "", algorithm="none"),
    "signed with the client's secret": lambda claims: jwt.encode(claims, "secret", algorithm="HS256"),
    "no token": lambda claims: "no.token.at-all",
    "an empty token": lambda claims: "",
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("case", TAMPERED)
def test_id_token_that_cannot_be_trusted_is_refused(provider: Provider, case: str) -> None:
    provider.tamper = TAMPERED[case]
    browser = Client()
    assert arrive(browser) == "failed/invalid"
    assert "company_login" not in browser.session


def test_tampering_that_changes_nothing_is_accepted(provider: Provider) -> None:
    provider.tamper = changed(azp=CLIENT_ID, aud=[CLIENT_ID])
    assert not arrive(Client()).startswith("failed")


def test_provider_whose_clock_is_a_little_ahead_is_accepted(provider: Provider) -> None:
    provider.tamper = changed(iat=int(time.time()) + 20)
    assert not arrive(Client()).startswith("failed")


# --- The provider ---


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oauth2/token", "/jwks", "/userinfo"])
def test_provider_that_fails_is_told_from_one_that_refuses(provider: Provider, path: str) -> None:
    browser = Client()
    back = approve(start(browser))
    provider.broken.add(path)
    assert came_back(browser, back) == "failed/unavailable"


def test_provider_that_is_down_leads_to_the_page(provider: Provider, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert Client().get(f"{BASE}start/").headers["Location"] == "/#/company-login/failed/unavailable"


@pytest.mark.parametrize(
    "description", [{"issuer": "https://login.example.org"}, {"token_endpoint": None, "issuer": None}]
)
def test_provider_that_is_another_is_refused(provider: Provider, description: dict[str, Any]) -> None:
    provider.description.update(description)
    assert Client().get(f"{BASE}start/").headers["Location"] == "/#/company-login/failed/invalid"


def test_user_info_of_somebody_else_is_refused(provider: Provider) -> None:
    provider.userinfo = {"sub": "another", "email": "boss@example.com", "email_verified": True}
    assert arrive(Client()) == "failed/invalid"


def test_code_that_the_provider_does_not_know_is_refused(provider: Provider) -> None:
    browser = Client()
    state = parse_qs(urlsplit(start(browser)).query)["state"][0]
    assert came_back(browser, f"{BASE}callback/?code=invented&state={state}") == "failed/invalid"


def test_failures_are_logged_without_what_was_sent(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    browser = Client()
    state = parse_qs(urlsplit(start(browser)).query)["state"][0]
    browser.get(f"{BASE}callback/?code=invented&state={state}")
    assert "A company login failed, invalid: HTTPError" in caplog.text
    assert "invented" not in caplog.text


def test_starting_is_limited(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AttemptThrottle.THROTTLE_RATES, "login", "1/min")
    start(Client())
    assert Client().get(f"{BASE}start/").headers["Location"] == "/#/company-login/failed/limit"


# --- Afterwards ---


def test_logout_ends_the_tokens_and_leaves_no_session(provider: Provider) -> None:
    browser = Client()
    tokens = post(browser, arrive(browser), **NEW).json()
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    out = browser.post("/api/accounts/logout/", {}, content_type="application/json", headers=headers)
    assert (out.status_code, use(tokens)) == (204, 401)
    assert browser.get("/api/admin/").status_code == 302, "it never was a login to the admin"


def test_company_login_goes_with_its_user(provider: Provider) -> None:
    browser = Client()
    tokens = post(browser, arrive(browser), **NEW).json()
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    assert browser.delete("/api/accounts/", headers=headers).status_code == 204
    assert not CompanyIdentity.objects.exists()


def test_nobody_logs_in_with_an_empty_password(provider: Provider) -> None:
    user = signed_up(provider)
    for password in ("", "!", user.password):
        body = {"username": user.username, "password": password}
        response = Client().post("/api/accounts/login/", body, content_type="application/json")
        assert response.status_code in {400, 401}


def test_only_a_hash_of_the_subject_is_stored(provider: Provider) -> None:
    signed_up(provider)
    assert SUBJECT not in str(CompanyIdentity.objects.values().get())


def test_calls_are_documented_where_they_exist(provider: Provider) -> None:
    assert "/api/accounts/company-login/person/" in Client().get("/api/schema/").content.decode()


# --- Nothing configured ---


def test_without_a_provider_there_is_nothing(client: Client) -> None:
    for path in ("", "person/", "start/", "callback/"):
        assert client.get(BASE + path).status_code == 404
    page = client.get("/").content.decode()
    assert "company-login" not in page


def test_page_has_the_button_where_there_is_a_provider(provider: Provider, settings: Settings) -> None:
    assert "Log in with your company account" in Client().get("/").content.decode()
    settings.OIDC_LABEL = "Acme <b>"
    page = Client().get("/").content.decode()
    assert "Log in with Acme &lt;b&gt;" in page
    assert f'href="{BASE}start/"' in page
