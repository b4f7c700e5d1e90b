"""Roles: who may do what, and that no page, filter, search, export or call shows the staff what a person measured"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts import roles
from accounts.models import DataAccess, Sharing, User
from accounts.services import user_create
from accounts.sharing.admin import SharedRowsAdmin
from accounts.sharing.models import KINDS
from accounts.sharing.services import sharing_set
from accounts.tokens import tokens_for
from detections.models import Session
from reports.models import Report
from tests.conftest import PASSWORD
from tests.hostile.calls import operations, schema

ROLES = ("operator", "auditor", "owner")
ADMIN = "/api/admin/"


def appointed(role: str) -> User:
    user = user_create(username=f"the-{role}", password=PASSWORD)
    if role == "owner":
        user.is_staff = user.is_superuser = True
        user.save()
    else:
        roles.appoint(user=user, role=role)
    return User.objects.get(pk=user.pk)


def logged_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


# --- The roles ---


def test_roles_have_their_permissions_and_no_other(db: None) -> None:
    Group.objects.get(name="auditor").permissions.set(Permission.objects.all())
    # As after a migration; on MySQL, migrate itself would commit the line above for the tests that follow.
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    for role, names in roles.PERMISSIONS.items():
        group = Group.objects.get(name=role)
        found = group.permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in found} == set(names)


def test_roles_are_fixed_in_the_admin_site(db: None) -> None:
    owner = logged_in(appointed("owner"))
    group, other = Group.objects.get(name="auditor"), Group.objects.create(name="other")
    path = f"{ADMIN}auth/group/"
    assert owner.post(f"{path}{group.pk}/change/", {"name": "auditor", "permissions": []}).status_code == 403
    assert owner.post(f"{path}{group.pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [group.pk, other.pk], "post": "yes"}
    owner.post(path, data)
    assert Group.objects.filter(name="auditor").exists()
    assert owner.post(f"{path}{other.pk}/delete/", {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_appointed_user_can_open_the_admin_site_until_they_are_nobody(db: None, role: str) -> None:
    user = user_create(username="jo", password=PASSWORD)
    call_command("appoint", "jo", role)
    client = logged_in(user)
    assert client.get(ADMIN).status_code == 200
    call_command("appoint", "jo", "nobody")
    assert client.get(ADMIN).status_code == 302
    found = DataAccess.objects.filter(user=user, staff=None).order_by("pk").values_list("action", "what", "detail")
    assert list(found) == [("changed", "role", role), ("changed", "role", "nobody")]


def test_another_role_takes_the_place_of_the_first(db: None) -> None:
    user = user_create(username="jo", password=PASSWORD)
    other = Group.objects.create(name="of the house")
    user.groups.add(other)
    call_command("appoint", "jo", "operator")
    call_command("appoint", "jo", "auditor")
    assert set(user.groups.values_list("name", flat=True)) == {"auditor", "of the house"}


def test_owner_stays_an_owner(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    owner = appointed("owner")
    call_command("appoint", owner.username, "nobody")
    owner.refresh_from_db()
    assert (owner.is_staff, owner.is_superuser) == (True, True)
    assert "is an owner, and stays one" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("jo", "boss"), ("nobody-there", "operator")])
def test_unknown_role_or_user_is_refused(db: None, arguments: tuple[str, str]) -> None:
    user_create(username="jo", password=PASSWORD)
    with pytest.raises(CommandError):
        call_command("appoint", *arguments)


def test_operator_cannot_appoint_anybody(db: None) -> None:
    operator, person = appointed("operator"), user_create(username="jo", password=PASSWORD)
    client = logged_in(operator)
    form = client.get(f"{ADMIN}accounts/user/{person.pk}/change/").context["adminform"].form
    assert not {"is_staff", "is_superuser", "groups", "user_permissions"} & set(form.fields)


def test_auditor_opens_the_log_and_nothing_else(db: None) -> None:
    client = logged_in(appointed("auditor"))
    opened = {
        model._meta.label
        for model in admin.site._registry
        if client.get(f"{ADMIN}{model._meta.app_label}/{model._meta.model_name}/").status_code == 200
    }
    assert opened == {"accounts.DataAccess"}


# --- What a person measured, with a mark in every column ---

# What says how somebody sits, and when: everything in these tables.
MEASURED = ("reports", "detections")
SHOWN = ("reports.Report", "detections.Session")
NOT_A_PERSONS = {"reports.TeamWeek"}
YEAR = 2031  # of marked times
A_DATE = re.compile(rf"(?<![-\w]){YEAR}(?![0-9A-Za-z])")  # in any order and language, and in no random token
HERE = "in tests/accounts/test_roles.py"


class Marks:
    """Makes a value for each column that is found again in any answer, whatever its form."""

    def __init__(self) -> None:
        self._numbers = count(81_437_001)
        self.texts: set[str] = set()

    def values(self, model: type[models.Model]) -> dict[str, Any]:
        columns = (field for field in model._meta.concrete_fields if not field.is_relation and not field.auto_created)
        return {column.name: value for column in columns if (value := self._value(column)) is not None}

    def _value(self, column: "models.Field[Any, Any]") -> Any:
        number = next(self._numbers)
        match column:
            case models.UUIDField():
                made = UUID(int=number << 64)  # Django quotes a key that it was asked for: on the next page, even
                return made if column.primary_key else self._text(made)
            case models.BooleanField():
                return None  # nothing to be found again
            case models.DateTimeField():
                return datetime(YEAR, 3, 17, 4, 5, 6, tzinfo=UTC)
            case models.DateField():
                return date(YEAR, 3, 17)
            case models.PositiveSmallIntegerField():
                return None
            case models.IntegerField():
                return int(self._text(number))
            case models.FloatField():
                return float(self._text(number))
            case models.CharField() | models.TextField():
                return self._text(f"m{number}")
            case models.BinaryField():
                return self._text(f"m{number}").encode()
        raise AssertionError(f"give a mark for {column} {HERE}")

    def _text(self, value: Any) -> Any:
        self.texts.add(str(value))
        return value


def planted(person: User, marks: Marks) -> dict[str, models.Model]:
    """A row of each measuring table, marked in all columns."""
    rows: dict[str, models.Model] = {}

    def plant(label: str, **relations: Any) -> Any:
        model = apps.get_model(label)
        row = model(**marks.values(model) | relations)
        row.save(force_insert=True)
        rows[label] = row
        return row

    report = plant("reports.Report", user=person)
    profile = plant("detections.Profile", user=person)
    session = plant("detections.Session", user=person, report=report, profile=profile)
    plant("detections.WrongAlarm", user=person, session=session)
    plant("detections.Episode", session=session)
    plant("reports.Quarter", user=person, session=session)
    plant("reports.Goal", user=person)
    known = {model._meta.label for app in MEASURED for model in apps.get_app_config(app).get_models()}
    assert rows.keys() == known - NOT_A_PERSONS, f"plant the new table's rows {HERE}"
    return rows


def admin_paths(pattern: Any = None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the admin site, with its parameters as {object_id}."""
    for entry in (pattern or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from admin_paths(entry, path)
        elif path.startswith(ADMIN):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path), entry


def pages(person: User, rows: dict[str, models.Model]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each address with each of the person's ids, each filter, each search, each related lookup."""
    ids = sorted({str(person.pk), *(str(row.pk) for row in rows.values())})
    lists = {f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry}
    for path, _entry in admin_paths():
        if path.endswith(("logout/", "jsi18n/")) or "(?P" in path:
            continue
        if "{content_type_id}" in path:
            content_types = apps.get_model("contenttypes.ContentType").objects.filter(app_label__in=MEASURED)
            for content_type, object_id in ((c.pk, i) for c in content_types for i in ids):
                yield path.format(content_type_id=content_type, object_id=object_id), {}
        elif "{" in path:
            names = re.findall(r"{(\w+)}", path)
            for object_id in ids:
                yield path.format(**dict.fromkeys(names, object_id)), {}
        else:
            yield path, {}
            if path.removeprefix(ADMIN) in lists:
                yield from ((path, query) for query in queries(person, rows))
            elif "autocomplete" in path:
                yield from ((path, query) for query in terms(person, rows))
    yield f"{ADMIN}accounts/", {}
    yield f"{ADMIN}reports/", {}
    yield f"{ADMIN}detections/", {}


def queries(person: User, rows: dict[str, models.Model]) -> Iterator[dict[str, Any]]:
    yield from ({"q": person.username}, {"q": str(YEAR)}, {"all": ""}, {"o": "1.2.3"}, {"_popup": "1"})
    for column in ("day", "started_at", "at", "date_joined"):
        yield {f"{column}__year": YEAR}
        yield {f"{column}__year": YEAR, f"{column}__month": 3, f"{column}__day": 17}
        clock = "" if column == "day" else "T00:00:00Z"
        yield {f"{column}__gte": f"{YEAR}-01-01{clock}", f"{column}__lt": f"{YEAR + 1}-01-01{clock}"}
    yield {"phase__exact": getattr(rows["detections.Session"], "phase", "")}
    yield next(terms(person, rows))  # which no list knows


def terms(person: User, rows: dict[str, models.Model]) -> Iterator[dict[str, Any]]:
    """What a form field asks for while somebody types a name into it."""
    for row in rows.values():
        options = {"app_label": row._meta.app_label, "model_name": row._meta.model_name, "field_name": "user"}
        yield options | {"term": person.username}


def answer(client: Client, path: str, query: Any = None, method: str = "get") -> str:
    """All of an answer as text, a zip unpacked."""
    response = getattr(client, method)(path, query or {})
    assert response.status_code != 500, (path, query)
    body = b"".join(response) if response.streaming else response.content
    if zipfile.is_zipfile(io.BytesIO(body)):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body += b"".join(archive.read(name) for name in archive.namelist())
    return body.decode("utf-8", "replace") + repr(response.headers)


def shown(text: str, marks: Marks, query: Any) -> list[str]:
    """The marks in an answer, without those that the request named itself."""
    asked = json.dumps(query, default=str)
    found = [mark for mark in marks.texts if mark in text and mark not in asked]
    return found + ([str(YEAR)] if A_DATE.search(text) and not A_DATE.search(asked) else [])


def _list_of(row: models.Model) -> str:
    return f"{row._meta.app_label}/{row._meta.model_name}/"


def walk(
    role: str, person: User, marks: Marks, rows: dict[str, models.Model], *, under: str = ""
) -> dict[str, list[str]]:
    """The marks that somebody with a role finds, by address; under: only in this part of the admin site."""
    user = appointed(role)
    client = logged_in(user)
    found: dict[str, list[str]] = {}
    for path, query in pages(person, rows):
        if not path.startswith(ADMIN + under):
            continue
        text = answer(client, path, query)
        if seen := shown(text.replace(path, ""), marks, [path, query]):
            found[f"{path} {query}"] = seen
    for path, row in (("accounts/user/", person), *((_list_of(rows[name]), rows[name]) for name in SHOWN)):
        data = {"action": "delete_selected", "_selected_action": [row.pk]}
        if seen := shown(answer(client, ADMIN + path, data, "post"), marks, data):
            found[f"{path} delete_selected"] = seen
    return found if under else found | _walk_api(user, person, marks, rows)


def _walk_api(user: User, person: User, marks: Marks, rows: dict[str, models.Model]) -> dict[str, list[str]]:
    client = Client(headers={"Authorization": f"Bearer {tokens_for(user)['access']}"}, raise_request_exception=False)
    values = {
        "report_id": rows["reports.Report"].pk,
        "session_id": rows["detections.Session"].pk,
        "profile_id": rows["detections.Profile"].pk,
        "alarm_id": 1,
        "frame_id": UUID(int=1),
    }
    spans: list[dict[str, Any]] = [{}, {"date": f"{YEAR}-03-17"}, {"from": f"{YEAR}-03-01", "to": f"{YEAR}-03-31"}]
    spans += [{"user": person.pk, "user_id": person.pk, "username": person.username}]
    found: dict[str, list[str]] = {}
    for path in read_calls():
        for query in spans:
            address = path.format(**values)
            if seen := shown(answer(client, address, query).replace(address, ""), marks, [address, query]):
                found[f"{address} {query}"] = seen
    return found


@cache
def read_calls() -> list[str]:
    """The paths of all calls that read."""
    return [path for method, path, _operation in operations(schema()) if method == "get"]


@pytest.fixture
def marks() -> Marks:
    return Marks()


@pytest.fixture
def person(db: None) -> User:
    return user_create(username="mina@example.com", password=PASSWORD)


@pytest.fixture
def rows(person: User, marks: Marks) -> dict[str, models.Model]:
    return planted(person, marks)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_of_the_staff_reaches_what_a_person_measured(
    role: str, person: User, marks: Marks, rows: dict[str, models.Model]
) -> None:
    assert walk(role, person, marks, rows) == {}


@pytest.mark.parametrize("role", ROLES)
def test_filters_tell_nothing_of_what_a_person_measured(role: str, person: User, rows: dict[str, models.Model]) -> None:
    """A list of users that is shorter with ?goal__isnull=0, or ?reports__gte=900, would."""
    user_create(username="other", password=PASSWORD)
    client = logged_in(appointed(role))
    relations = [field for field in User._meta.get_fields() if field.is_relation and field.auto_created]
    names = {field.name for field in relations} - {"logentry"}
    assert {"reports", "sessions", "quarters", "goal", "wrong_alarms"} <= names
    for name in names:
        for lookup in (f"{name}__isnull", name, f"{name}__gte", f"{name}__pk", f"{name}__user", f"{name}__good_s__gt"):
            for value in ("0", "1", "True", str(rows["detections.Session"].pk)):
                status = client.get(f"{ADMIN}accounts/user/", {lookup: value}).status_code
                assert status in {400, 403}, (lookup, value)


@pytest.mark.parametrize("role", ["operator", "owner"])
def test_walk_finds_what_a_person_shares(role: str, person: User, marks: Marks, rows: dict[str, models.Model]) -> None:
    sharing_set(user=person, what=KINDS, until=timezone.now() + timedelta(days=1))
    found = walk(role, person, marks, rows)
    assert {address.partition(" ")[0] for address in found if "change" not in address} >= {
        f"{ADMIN}reports/report/",
        f"{ADMIN}detections/session/",
    }
    state = str(getattr(rows["detections.Session"], "state", ""))
    assert state not in {mark for seen in found.values() for mark in seen}
    seen = set(DataAccess.objects.filter(user=person, action="viewed").values_list("what", flat=True))
    assert {"report", "session"} <= seen


def test_auditor_does_not_see_what_is_shared(person: User, marks: Marks, rows: dict[str, models.Model]) -> None:
    sharing_set(user=person, what=KINDS, until=timezone.now() + timedelta(days=1))
    assert walk("auditor", person, marks, rows) == {}


def test_walk_finds_a_list_that_is_open(
    person: User, marks: Marks, rows: dict[str, models.Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SharedRowsAdmin, "get_queryset", lambda self, request: self.model.objects.all())
    assert walk("operator", person, marks, rows, under="reports/") != {}


def test_walk_finds_what_a_deletion_would_list(
    person: User, marks: Marks, rows: dict[str, models.Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_django_does(self: Any, objs: Any, request: Any) -> Any:
        found, counts, _missing, protected = admin.ModelAdmin.get_deleted_objects(self, objs, request)
        return found, counts, set(), protected

    monkeypatch.setattr(type(admin.site._registry[User]), "get_deleted_objects", as_django_does)
    monkeypatch.setattr(type(admin.site._registry[User]), "delete_confirmation_template", None)  # Django's own
    found = walk("owner", person, marks, rows, under="accounts/user/")
    assert any("accounts/user/" in address for address in found)


def test_who_could_log_in_as_a_person_is_an_owner(person: User) -> None:
    """A password that somebody sets, or an address to which a link for one goes, opens everything."""
    client = logged_in(appointed("operator"))
    path = f"{ADMIN}accounts/user/{person.pk}/"
    body = {"usable_password": "true", "password1": "another-password", "password2": "another-password"}
    assert client.get(f"{path}password/").status_code == 403
    assert client.post(f"{path}password/", body).status_code == 403
    form = client.get(f"{path}change/").context["adminform"].form
    assert not {"username", "email"} & set(form.fields)
    assert client.get(f"{ADMIN}accounts/user/add/").status_code == 403


def test_deletion_by_the_staff_is_the_persons_erasure(person: User, rows: dict[str, models.Model]) -> None:
    client = logged_in(appointed("operator"))
    assert client.post(f"{ADMIN}accounts/user/{person.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=person.pk).exists()
    assert (Report.objects.count(), Session.objects.count(), Sharing.objects.count()) == (0, 0, 0)
