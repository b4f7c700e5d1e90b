"""/api/admin/accounts/invitation/"""

import base64
import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import outbox
from accounts.invitations import services
from accounts.invitations.models import Invitation, State
from accounts.invitations.services import Person
from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

LIST = "/api/admin/accounts/invitation/"
LINK = re.compile(r'value="http://testserver/#/sign-up/([\w-]+)"')
CSV = "email,first name,language\nmina@example.com,Mina,ko\nbad address,,\njun@example.com,=1+1,en\n"


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password=PASSWORD))
    return client


@pytest.fixture
def sends_mail(settings: Settings) -> None:
    settings.EMAIL_URL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}


def client_with(*permissions: str) -> Client:
    helper = User.objects.create_user("helper", password=PASSWORD, is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(helper)
    return client


def add(client: Client, people: str, language: str = "en") -> Any:
    return client.post(f"{LIST}add/", {"people": people, "language": language})


def upload(client: Client, text: str) -> Any:
    return client.post(f"{LIST}upload/", {"file": SimpleUploadedFile("people.csv", text.encode())})


def act(client: Client, action: str, *invitations: Invitation) -> Any:
    chosen = [str(invitation.pk) for invitation in invitations]
    return client.post(LIST, {"action": action, "_selected_action": chosen}, follow=True)


def tokens_in(response: Any) -> list[str]:
    return LINK.findall(response.content.decode())


def can_be_used(token: str) -> bool:
    response = Client().post("/api/accounts/invitation/", {"invitation": token}, content_type="application/json")
    return response.status_code == 200


def invited(*names: str) -> list[Invitation]:
    return [link.invitation for link in services.invite(people=[Person(name) for name in names], invited_by=None)]


def test_links_are_shown_once_where_no_mail_is_sent(staff: Client) -> None:
    response = add(staff, "mina@example.com\n\n jun@example.com \n", "ko-kr")
    tokens = tokens_in(response)
    assert (len(tokens), all(map(can_be_used, tokens))) == (2, True)
    assert "no-store" in response.headers["Cache-Control"]
    rows = Invitation.objects.values_list("username", "email", "language", "invited_by__username")
    assert set(rows) == {(name, name, "ko-kr", "boss") for name in ("mina@example.com", "jun@example.com")}
    assert not any(token in staff.get(LIST).content.decode() for token in tokens)


def test_an_empty_form_makes_one_link_for_whoever_has_it(staff: Client) -> None:
    (token,) = tokens_in(add(staff, ""))
    assert can_be_used(token)
    assert "whoever has the link" in staff.get(LIST).content.decode()


def test_mails_go_out_in_the_language_of_the_form(staff: Client, sends_mail: None, settings: Settings) -> None:
    settings.SUPPORT_CONTACT = "Jun, extension 42"
    response = add(staff, "mina@example.com\nno-address", "ko-kr")
    outbox.sender.submit(lambda: None).result(timeout=30)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["mina@example.com"], "Pose Smart에 초대해요")
    assert "Jun, extension 42" in message.body
    found = re.search(r"http://testserver/#/sign-up/(\S+)", str(message.body))
    assert found
    assert can_be_used(found[1])
    assert len(tokens_in(response)) == 1, "whoever has no address gets a link by hand"


def test_faulty_addresses_are_named_and_nobody_is_invited(staff: Client) -> None:
    User.objects.create_user("known@example.com")
    response = add(staff, "mina@example.com\ntwo words\nknown@example.com")
    text = response.content.decode()
    assert "two words: Enter a username" in text
    assert "known@example.com: Has an account already." in text
    assert not Invitation.objects.exists()


def test_file_is_shown_line_by_line_before_anything_happens(staff: Client) -> None:
    response = upload(staff, CSV)
    text = response.content.decode()
    assert [line.problem for line in response.context["lines"]][0::2] == ["", ""]
    assert "2 people can be invited." in text
    assert "1 line is left out." in text
    assert not Invitation.objects.exists()


def test_confirmed_file_is_invited_and_its_links_can_be_downloaded(staff: Client) -> None:
    shown = upload(staff, CSV)
    response = staff.post(f"{LIST}upload/", {"text": shown.context["text"], "expected": shown.context["count"]})
    assert len(tokens_in(response)) == 2
    found = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', response.content.decode())
    assert found
    file = base64.b64decode(found[1]).decode("utf-8-sig")
    assert all(token in file for token in tokens_in(response))
    assert '"\'=1+1"' in file


def test_file_is_shown_again_if_something_has_changed_since(staff: Client) -> None:
    shown = upload(staff, CSV)
    User.objects.create_user("mina@example.com")
    response = staff.post(f"{LIST}upload/", {"text": shown.context["text"], "expected": shown.context["count"]})
    assert "Something has changed since." in response.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("text", ["", "email\n", "phone\n1\n", "x" * 300_000])
def test_unusable_file_is_refused_with_its_reason(staff: Client, text: str) -> None:
    assert upload(staff, text).context["form"].errors["file"]
    response = staff.post(f"{LIST}upload/", {"text": text, "expected": "1"})
    assert response.status_code == 302
    assert not Invitation.objects.exists()


def test_hostile_names_are_shown_as_text(staff: Client) -> None:
    response = upload(staff, 'email,first name\nmina@example.com,"</textarea><script>alert(1)</script>"\n')
    assert "<script>alert(1)" not in response.content.decode()


def test_sent_again_the_old_link_ends(staff: Client) -> None:
    (old,) = tokens_in(add(staff, "mina@example.com"))
    (new,) = tokens_in(act(staff, "send_again", Invitation.objects.get()))
    assert (can_be_used(old), can_be_used(new)) == (False, True)


def test_withdrawn_link_ends_and_the_count_is_told(staff: Client) -> None:
    (token,) = tokens_in(add(staff, "mina@example.com"))
    response = act(staff, "withdraw", Invitation.objects.get())
    assert "1 invitation is withdrawn." in response.content.decode()
    assert not can_be_used(token)
    assert "None of these can be sent again" in act(staff, "send_again", Invitation.objects.get()).content.decode()


def test_list_filters_by_state_and_searches(staff: Client) -> None:
    mina, jun, sora = invited("mina", "jun", "sora")
    Invitation.objects.filter(pk=jun.pk).update(expires_at=timezone.now())
    Invitation.objects.filter(pk=sora.pk).update(withdrawn_at=timezone.now())
    by_state = {state: list(staff.get(f"{LIST}?state={state}").context["cl"].result_list) for state in State.values}
    assert by_state == {"open": [mina], "used": [], "expired": [jun], "withdrawn": [sora]}
    assert list(staff.get(f"{LIST}?q=jun").context["cl"].result_list) == [jun]


def test_list_says_who_may_sign_up(staff: Client, settings: Settings) -> None:
    settings.SIGN_UP = "invited"
    assert "Only invited people can create an account (SIGN_UP=invited)." in staff.get(LIST).content.decode()


def test_list_takes_as_many_queries_for_many_as_for_one(staff: Client) -> None:
    invited("first")
    with CaptureQueriesContext(
        connection,
    ) as one:
        staff.get(LIST)
    invited(*(f"user{number}" for number in range(50)))
    with CaptureQueriesContext(connection) as many:
        staff.get(LIST)
    assert len(many) == len(one) <= 10


def test_invitations_are_never_edited(staff: Client) -> None:
    (invitation,) = invited("mina")
    response = staff.post(f"{LIST}{invitation.pk}/change/", {"username": "boss"})
    assert response.status_code == 403
    invitation.refresh_from_db()
    assert invitation.username == "mina"


def test_deletion_leaves_no_name_in_the_log(staff: Client) -> None:
    (invitation,) = invited("mina@example.com")
    staff.post(f"{LIST}{invitation.pk}/delete/", {"post": "yes"})
    assert not Invitation.objects.exists()
    assert "mina" not in str(list(LogEntry.objects.values()))


@pytest.mark.parametrize("path", ["", "add/", "upload/"])
def test_staff_without_the_right_are_refused(path: str) -> None:
    assert client_with().get(LIST + path).status_code == 403
    assert Client().get(LIST + path).status_code == 302


def test_who_may_only_look_cannot_invite_or_withdraw() -> None:
    client = client_with("view_invitation")
    (invitation,) = invited("mina")
    assert client.get(LIST).status_code == 200
    assert add(client, "jun").status_code == 403
    assert upload(client, CSV).status_code == 403
    act(client, "withdraw", invitation)
    invitation.refresh_from_db()
    assert (invitation.state, Invitation.objects.count()) == (State.OPEN, 1)


def test_everything_is_in_korean(staff: Client) -> None:
    headers = {"Accept-Language": "ko"}
    page = (
        staff.get(LIST, headers=headers).content.decode()
        + staff.get(f"{LIST}upload/", headers=headers).content.decode()
    )
    for english in ("Invite people", "whoever", "Withdraw", "CSV file", "Sign-up is open", "state", "invited by"):
        assert english not in re.sub(r"<[^>]*>", "", page), english
