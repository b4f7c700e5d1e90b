"""The file of people to invite, and manage.py invite_people."""

import csv
import io
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts import outbox
from accounts.invitations import people_file, services
from accounts.invitations.links_file import links_csv
from accounts.invitations.models import Invitation
from accounts.invitations.people_file import Line, UnreadableFile
from accounts.invitations.services import Person
from accounts.models import User
from tests.conftest import ApiClient

pytestmark = pytest.mark.django_db

PAGE = "https://pose.example.com/"


def check(text: str) -> list[Line]:
    return people_file.check_text(text)


def problems(text: str) -> list[str]:
    return [line.problem for line in check(text)]


def test_a_line_is_a_person() -> None:
    (line,) = check("username,email,first name,last name,language\nmina,mina@example.com,Mina,Kim,ko\n")
    assert line == Line(2, Person("mina", "mina@example.com", "Mina", "Kim", "ko-kr"))


def test_address_is_the_username_where_there_is_no_other() -> None:
    (line,) = check("email\nmina@example.com")
    assert line.person == Person("mina@example.com", "mina@example.com")


@pytest.mark.refused
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_spreadsheet_is_read(separator: str, encoding: str, newline: str) -> None:
    rows = [["이메일", "이름", "성", "언어"], ["mina@example.com", "미나", "김", "한국어"]]
    data = newline.join(separator.join(row) for row in rows).encode(encoding)
    (line,) = people_file.check_text(people_file.read_text(data))
    assert line.person == Person("mina@example.com", "mina@example.com", "미나", "김", "ko-kr")


def test_quoted_values_and_empty_lines() -> None:
    lines = check('email,last name\n\n"a@example.com","Kim, ""Jun"""\n\n\nb@example.com,\n')
    assert [(line.number, line.person.last_name) for line in lines] == [(3, 'Kim, "Jun"'), (6, "")]


def test_every_line_is_checked_against_all_that_is_known(owner: ApiClient) -> None:
    User.objects.filter(pk=owner.user.pk).update(email="known@example.com")
    services.invite(people=[Person("invited", "invited@example.com")], invited_by=None)
    has_account, is_invited = "Has an account already.", "Is invited already."
    found = problems(
        "username,email\nmina@example.com,\nother,KNOWN@example.com\ninvited,\nfree,invited@example.com\nfree,\nFREE,\n"
    )
    assert found[:2] == [has_account, has_account]
    assert all(problem.startswith(is_invited) for problem in found[2:4])
    assert found[4:] == ["The same person as in line 5.", "The same person as in line 5."]


@pytest.mark.refused
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("two words,,,", "Enter a username"),
        ("<b>,,,", "Enter a username"),
        (",,Mina,", "Enter a username"),
        ("mina,not an address,,", "Enter a valid email address."),
        (f"{'a' * 151},,,", "A value is longer than 150 characters."),
        (f"mina,,{'a' * 151},", "A value is longer than 150 characters."),
        ("mina,,M\x07ina,", "A name has characters that cannot be printed."),
        ("mi\x00na,,,", "Enter a username"),
        ("mina,,,fr", "Unknown language: fr."),
        ("mina,,,en,surplus", "The line has more values than there are columns."),
    ],
)
def test_faulty_line_says_why(line: str, problem: str) -> None:
    (found,) = problems(f"username,email,first name,language\n{line}\n")
    assert found.startswith(problem)


@pytest.mark.refused
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is nobody in it."),
        ("email\n", "There is nobody in it."),
        ("first name\nMina\n", "One column must be the username or the e-mail address."),
        ("email,phone\na@example.com,1\n", "Unknown column: phone."),
        ("email,\na@example.com,1\n", "Unknown column: “”."),
        ("email,mail\na@example.com,b@example.com\n", "Two columns have the same meaning."),
        ("email\n" + "a@example.com\n" * 1001, "More than 1000 people at once."),
        ("email\n" + "a" * people_file.MAX_BYTES, "The file is larger than 256 KB."),
        ('email\n"' + "a" * 140_000, "Line 2 cannot be read as CSV."),
    ],
)
def test_unusable_file_says_why(text: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message.replace(".", r"\.")):
        check(text)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\xff\xff", b"\x80\x81\xff"])
def test_file_that_is_no_text_says_so(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="The file is no text"):
        people_file.read_text(data)


def test_a_thousand_lines_take_few_queries(django_assert_max_num_queries: Any) -> None:
    text = "email\n" + "".join(f"user{number}@example.com\n" for number in range(1000))
    with django_assert_max_num_queries(10):
        assert not any(problems(text))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_result_is_a_formula(name: str) -> None:
    links = services.invite(people=[Person("mina", first_name=name, last_name='a"b,c')], invited_by=None)
    text = links_csv(links, page=PAGE)
    header, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row[2] == f"'{name}"
    assert (row[3], row[4]) == ('a"b,c', f"{PAGE}#/sign-up/{links[0].token}")
    assert len(header) == len(row)


# --- manage.py invite_people ---


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("email,language\nmina@example.com,ko\njun@example.com,en\n")
    return path


def run(file: Path, *options: str) -> str:
    output = io.StringIO()
    call_command("invite_people", str(file), *options, stdout=output)
    return output.getvalue()


def test_command_writes_the_links_once(people: Path, tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    output = run(people, "--page", "https://pose.example.com", "--links", str(links))
    assert output.endswith(f"Invited: 2. Mailed: 0. Links in {links}: 2.\n")
    assert links.read_text("utf-8-sig").count(f"{PAGE}#/sign-up/") == 2
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="refused"):  # everybody is invited now
        run(people, "--page", PAGE, "--links", str(links))


def test_command_only_checks(people: Path) -> None:
    assert run(people, "--check") == "2: mina@example.com: can be invited\n3: jun@example.com: can be invited\n"
    assert not Invitation.objects.exists()


def test_command_invites_nobody_if_a_line_is_refused(people: Path, tmp_path: Path) -> None:
    people.write_text("email\nmina@example.com\nno address\n")
    options = ["--page", PAGE, "--links", str(tmp_path / "links.csv")]
    with pytest.raises(CommandError, match="Nobody was invited: 1 lines are refused"):
        run(people, *options)
    assert not Invitation.objects.exists()
    run(people, "--skip-refused", *options)
    assert Invitation.objects.get().username == "mina@example.com"


def test_command_loses_no_link(people: Path, tmp_path: Path) -> None:
    links = tmp_path / "links.csv"
    links.write_text("something else")
    with pytest.raises(CommandError, match="Nobody was invited"):
        run(people, "--page", PAGE, "--links", str(links))
    assert (links.read_text(), Invitation.objects.exists()) == ("something else", False)


@pytest.mark.parametrize("page", ["pose.example.com", "ftp://pose.example.com", "https://"])
def test_command_refuses_an_address_that_is_none(people: Path, page: str) -> None:
    with pytest.raises(CommandError, match="is not an address such as"):
        run(people, "--page", page)


def test_command_mails_each_in_their_language(people: Path, tmp_path: Path, settings: Settings) -> None:
    settings.EMAIL_URL = {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
    assert "Mailed: 2." in run(people, "--page", PAGE, "--links", str(tmp_path / "links.csv"))
    outbox.sender.submit(lambda: None).result(timeout=30)
    sent = {message.to[0]: message.subject for message in mail.outbox}
    assert sent == {"mina@example.com": "Pose Smart에 초대해요", "jun@example.com": "Your invitation to Pose Smart"}
