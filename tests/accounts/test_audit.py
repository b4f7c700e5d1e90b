"""The audit log: append-only, sealed, kept for AUDIT_DAYS, and downloaded as CSV"""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import roles
from accounts.audit import chain, log
from accounts.audit.check import audit_check
from accounts.audit.log import Action
from accounts.models import AuditHead, AuditSeal, DataAccess, User
from accounts.services import user_create
from personal_data.withdrawal import user_erase
from tests.conftest import PASSWORD, ApiClient

LOG = "/api/admin/accounts/dataaccess/"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def auditor(db: None) -> Client:
    user = user_create(username="auditor", password=PASSWORD)
    roles.appoint(user=user, role=roles.AUDITOR)
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.force_login(user)
    return client


@pytest.fixture
def entries(boss: User, owner: ApiClient, stranger: ApiClient) -> list[int]:
    """The numbers of six entries: on the owner and the stranger in turn."""
    for number in range(6):
        person = (owner, stranger)[number % 2].user
        DataAccess.objects.create(user=person, staff=boss, action=Action.VIEWED, what="user", address="203.0.113.7")
    return list(DataAccess.objects.filter(action=Action.VIEWED).order_by("pk").values_list("pk", flat=True))


def problems() -> list[str]:
    return audit_check().problems


# --- Append-only ---

CHANGES: dict[str, Callable[[DataAccess], Any]] = {
    "save": lambda entry: entry.save(),
    "update fields": lambda entry: entry.save(update_fields=["what"]),
    "delete": lambda entry: entry.delete(),
    "update": lambda entry: DataAccess.objects.filter(pk=entry.pk).update(what="x"),
    "bulk_update": lambda entry: DataAccess.objects.bulk_update([entry], ["what"]),
    "delete all": lambda entry: DataAccess.objects.all().delete(),
    "delete a person's": lambda entry: entry.user.data_accesses.all().delete(),  # type: ignore[misc, union-attr]
    "update_or_create": lambda entry: DataAccess.objects.update_or_create(pk=entry.pk, defaults={"what": "x"}),
    "upsert": lambda entry: DataAccess.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["pk"], update_fields=["what"]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_entry_cannot_be_changed_or_deleted(entries: list[int], change: str) -> None:
    entry = DataAccess.objects.get(pk=entries[2])
    entry.what = "x"
    with pytest.raises(TypeError, match="does not change"), transaction.atomic():
        CHANGES[change](entry)
    assert problems() == []


def test_entry_with_the_number_of_another_takes_a_new_one(entries: list[int]) -> None:
    DataAccess(pk=entries[0], action=Action.VIEWED, what="x").save()  # Django would update that row
    assert DataAccess.objects.count() == len(entries) + 1
    assert problems() == []


# --- Seals ---


def test_untouched_log_is_as_it_was_written(entries: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_audit")
    newest = AuditHead.objects.get()
    assert capsys.readouterr().out == (
        f"The audit log is as it was written: 6 entries. Seal: {newest.number}:{newest.digest}\n"
    )


def sql(statement: str, *values: Any) -> None:
    """What somebody with the database's password can do."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


TAMPERING: dict[str, Callable[[list[int]], None]] = {
    "another action": lambda ids: sql("UPDATE accounts_dataaccess SET action='changed' WHERE id=%s", ids[1]),
    "another person": lambda ids: sql("UPDATE accounts_dataaccess SET user_id=NULL WHERE id=%s", ids[1]),
    "another time": lambda ids: sql("UPDATE accounts_dataaccess SET at='2020-01-01 00:00:00' WHERE id=%s", ids[1]),
    "nobody did it": lambda ids: sql(
        "UPDATE accounts_dataaccess SET staff_id=NULL, address='', salt='' WHERE id=%s", ids[1]
    ),
    "from elsewhere": lambda ids: sql("UPDATE accounts_dataaccess SET address='198.51.100.1' WHERE id=%s", ids[1]),
    "one taken out": lambda ids: sql("DELETE FROM accounts_dataaccess WHERE id=%s", ids[1]),
    "the first taken out": lambda ids: _take_out(ids[:1]),
    "one taken out with its seal": lambda ids: _take_out(ids[1:2]),
    "the newest taken out": lambda ids: _take_out(ids[-1:]),
    "one put in": lambda ids: sql(
        "INSERT INTO accounts_dataaccess (id, at, action, what, detail, address, salt, actor) "
        "VALUES (%s, '2026-01-01 00:00:00', 'viewed', 'user', '', '', '', '')",
        ids[-1] + 1,
    ),
    "a forged explanation": lambda ids: _forge_an_explanation(ids),
}


def _take_out(ids: list[int]) -> None:
    for number in ids:
        sql("DELETE FROM accounts_dataaccess WHERE id=%s", number)
        sql("DELETE FROM accounts_auditseal WHERE number=%s", number)


def _forge_an_explanation(ids: list[int]) -> None:
    """An entry is made into one that says that another was erased."""
    sql("DELETE FROM accounts_dataaccess WHERE id=%s", ids[1])
    detail = f"{log.REMOVED}{ids[1]}"
    sql("UPDATE accounts_dataaccess SET what='audit', user_id=NULL, detail=%s WHERE id=%s", detail, ids[-1])


@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_in_the_database_is_found(entries: list[int], kind: str) -> None:
    TAMPERING[kind](entries)
    assert problems() != []
    with pytest.raises(CommandError, match="not as it was written"):
        call_command("check_audit")


def test_log_cut_back_to_an_earlier_state_is_found_by_a_noted_seal(entries: list[int]) -> None:
    noted = audit_check().newest
    _take_out(entries[3:])
    last = AuditSeal.objects.order_by("number").last()
    assert last
    AuditHead.objects.update(number=last.number, digest=last.digest)
    assert problems() == []  # it is a log that once was
    assert audit_check(known=noted).problems == [
        f"Seal {noted[0]} is not the one that was noted: the log was written anew."
    ]


def test_noted_seal_is_found_again(entries: list[int]) -> None:
    noted = audit_check().newest
    DataAccess.objects.create(action=Action.VIEWED, what="user")
    assert audit_check(known=noted).problems == []


def test_other_secret_key_is_named_as_the_reason(entries: list[int], settings: Settings) -> None:
    settings.SECRET_KEY = "another one"
    assert {problem.partition("made with")[2][:19] for problem in problems()} == {" another SECRET_KEY"}
    DataAccess.objects.create(action=Action.VIEWED, what="user")
    assert audit_check(since=entries[-1] + 1).problems == []


@pytest.mark.parametrize("seal", ["x", "5", "x:y", ":"])
def test_malformed_seal_is_refused(db: None, seal: str) -> None:
    with pytest.raises(CommandError, match="--seal is NUMBER:DIGEST"):
        call_command("check_audit", seal=seal)


@given(st.sets(st.integers(1, 60)))
def test_ranges_hold_exactly_their_numbers(numbers: set[int]) -> None:
    assert chain.numbers_in(chain.ranges_of(sorted(numbers))) == numbers


# --- What is taken out, and leaves a reason ---


def test_erased_person_leaves_a_log_that_verifies(entries: list[int], owner: ApiClient, stranger: ApiClient) -> None:
    user_erase(user_id=owner.user.pk)
    assert set(DataAccess.objects.filter(pk__in=entries).values_list("user_id", flat=True)) == {stranger.user.pk}
    assert problems() == []


def test_erased_member_of_staff_is_named_nowhere(entries: list[int], boss: User, owner: ApiClient) -> None:
    user_erase(user_id=boss.pk)
    assert problems() == []
    assert {(row.staff_id, row.address) for row in DataAccess.objects.filter(pk__in=entries)} == {(None, "")}
    sql("UPDATE accounts_dataaccess SET staff_id=%s WHERE id=%s", owner.user.pk, entries[0])
    assert problems() == [f"Who did what entry {entries[0]} says was changed."]


def test_erasure_of_a_person_with_very_many_entries_is_explained(boss: User, owner: ApiClient) -> None:
    """More numbers than one entry's details hold."""
    for _ in range(300):
        DataAccess.objects.bulk_create(
            [
                DataAccess(user=owner.user, staff=boss, action=Action.VIEWED, what="user"),
                DataAccess(staff=boss, action=Action.EXPORTED, what="audit"),
            ]
        )
    user_erase(user_id=owner.user.pk)
    assert DataAccess.objects.filter(detail__startswith=log.REMOVED).count() > 1
    assert problems() == []


def test_old_entries_are_deleted_and_the_rest_verifies(db: None, settings: Settings) -> None:
    settings.AUDIT_DAYS = 30
    now = timezone.now()
    for days in (40, 35, 25, 20):
        DataAccess.objects.create(action=Action.VIEWED, what=f"{days} days", at=now - timedelta(days=days))
    assert log.expire() == 2
    assert log.expire() == 0
    assert list(DataAccess.objects.filter(what__endswith="days").values_list("what", flat=True)) == [
        "25 days",
        "20 days",
    ]
    assert problems() == []
    oldest = DataAccess.objects.order_by("pk").first()
    assert oldest
    _take_out([oldest.pk])
    assert problems() != []


def test_log_is_kept_for_ever_if_so_set(entries: list[int], settings: Settings) -> None:
    settings.AUDIT_DAYS = 0
    DataAccess.objects.create(action=Action.VIEWED, what="old", at=timezone.now() - timedelta(days=9999))
    assert log.expire() == 0


# --- What is in it ---


def test_people_find_what_they_did_themselves(owner: ApiClient) -> None:
    assert owner("get", "accounts/export/").status_code == 200
    assert owner("put", "accounts/privacy/", {"privacy": "forgotten"}).status_code == 200
    assert owner("delete", "accounts/frames/").status_code == 200
    assert owner("put", "accounts/sharing/", {"what": []}).status_code == 200
    found = owner("get", "accounts/looks/").json()["results"]
    assert [(look["by"], look["action"], look["what"]) for look in reversed(found)] == [
        ("mina@example.com", "exported", "export"),
        ("mina@example.com", "changed", "privacy"),
        ("mina@example.com", "erased", "frames"),
        ("mina@example.com", "changed", "sharing"),
    ]


# --- For the auditor ---


def rows_of(response: Any) -> list[dict[str, str]]:
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_auditor_downloads_what_the_list_shows(auditor: Client, entries: list[int], owner: ApiClient) -> None:
    response = auditor.get(f"{LOG}download/", {"q": "mina"})
    assert response["Content-Type"].startswith("text/csv")
    rows = rows_of(response)
    assert [int(row["number"]) for row in rows] == entries[::2][::-1]
    assert {(row["who"], row["person"], row["address"]) for row in rows} == {
        ("boss", "mina@example.com", "203.0.113.7")
    }
    last = DataAccess.objects.order_by("pk").last()
    assert last
    assert (last.action, last.what, last.detail, last.address) == ("exported", "audit", "q=mina", "203.0.113.9")


def test_download_runs_nothing_in_a_spreadsheet(auditor: Client, boss: User) -> None:
    User.objects.filter(pk=boss.pk).update(username='=HYPERLINK("http://192.0.2.1")')
    DataAccess.objects.create(staff=boss, action=Action.VIEWED, what="user", detail="+1", address="@x")
    [row] = rows_of(auditor.get(f"{LOG}download/", {"action__exact": "viewed"}))
    assert (row["who"][:2], row["details"], row["address"]) == ("'=", "'+1", "'@x")


def test_long_log_is_downloaded_whole(auditor: Client, boss: User) -> None:
    DataAccess.objects.bulk_create(DataAccess(staff=boss, action=Action.VIEWED, what="user") for _ in range(1201))
    numbers = [int(row["number"]) for row in rows_of(auditor.get(f"{LOG}download/", {"action__exact": "viewed"}))]
    assert len(set(numbers)) == 1201


@pytest.mark.parametrize("query", [{"action__exact": "deleted"}, {"q": "nobody at all"}])
def test_empty_download_has_only_the_header(auditor: Client, entries: list[int], query: dict[str, str]) -> None:
    assert rows_of(auditor.get(f"{LOG}download/", query)) == []


def test_download_with_a_filter_that_makes_no_sense_goes_back_to_the_list(auditor: Client) -> None:
    assert auditor.get(f"{LOG}download/", {"at__year": "x"})["Location"] == LOG


def test_log_is_not_for_operators(entries: list[int]) -> None:
    user = user_create(username="operator", password=PASSWORD)
    roles.appoint(user=user, role=roles.OPERATOR)
    client = Client()
    client.force_login(user)
    assert client.get(LOG).status_code == 403
    assert client.get(f"{LOG}download/").status_code == 403


@pytest.mark.parametrize("query", [{"user__password__startswith": "x"}, {"staff__email": "x"}, {"user__reports": "1"}])
def test_log_is_not_filtered_by_what_it_does_not_show(auditor: Client, entries: list[int], query: Any) -> None:
    assert auditor.get(LOG, query).status_code == 400


def test_entries_from_before_there_were_seals_are_sealed_by_the_migration(boss: User, owner: ApiClient) -> None:
    migration = import_module("accounts.migrations.0011_audit")
    apps = MigrationLoader(connection).project_state(("accounts", "0011_audit")).apps
    rows = [DataAccess(pk=pk, user=owner.user, staff=boss, action="viewed", what="user") for pk in (3, 4, 9)]
    DataAccess._base_manager.bulk_create(rows)
    assert problems() != []
    migration.seal_present_entries(apps, None)
    assert problems() == []
    DataAccess.objects.create(action=Action.VIEWED, what="user")
    assert problems() == []
    migration.seal_present_entries(apps, None)  # again, after an interruption
    assert problems() == []
