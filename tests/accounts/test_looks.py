"""The log of looks at personal data, written by the admin site, and GET /api/accounts/looks/"""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import DataAccess, User
from accounts.services import user_create
from detections.models import Session
from personal_data.withdrawal import user_erase
from reports.models import Report
from tests.conftest import PASSWORD, ApiClient

ADMIN = "/api/admin/"
USERS = f"{ADMIN}accounts/user/"
LOOKS = "accounts/looks/"
ADDRESS = "203.0.113.7"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def staff(boss: User) -> Client:
    client = Client(REMOTE_ADDR=ADDRESS)
    client.force_login(boss)
    return client


@pytest.fixture
def report(owner: ApiClient) -> Report:
    moment = timezone.now()
    columns: dict[str, Any] = {"blink_cnt": 1, "neck_cnt": 1, "stretching_cnt": 1, "started_at": moment}
    columns |= {"start_time": "2611250900", "end_time": "2611251000", "ended_at": moment, "day": moment.date()}
    return Report.objects.create(user=owner.user, **columns)


@pytest.fixture
def session(owner: ApiClient) -> Session:
    response = owner("post", "detections/sessions/", {})
    return Session.objects.get(pk=response.json()["id"])


def looks() -> list[tuple[str, str, str]]:
    rows = DataAccess.objects.order_by("pk").values_list("user__username", "action", "what")
    return [(str(user), str(action), str(what)) for user, action, what in rows]


def own_looks(person: ApiClient) -> Any:
    response = person("get", LOOKS)
    assert response.status_code == 200
    return response.json()["results"]


# --- What is logged ---


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_pages_of_one_user_are_logged(staff: Client, owner: ApiClient, page: str) -> None:
    assert staff.get(f"{USERS}{owner.user.pk}/{page}/").status_code == 200
    assert looks() == [("mina@example.com", "viewed", "user")]
    [row] = DataAccess.objects.all()
    assert (row.staff, row.address) == (User.objects.get(username="boss"), ADDRESS)
    assert abs((timezone.now() - row.at).total_seconds()) < 60


def test_session_and_report_of_a_person_are_logged(
    staff: Client, owner: ApiClient, session: Session, report: Report
) -> None:
    assert staff.get(f"{ADMIN}detections/session/{session.pk}/change/").status_code == 200
    assert staff.get(f"{ADMIN}reports/report/{report.pk}/change/").status_code == 200
    assert looks() == [("mina@example.com", "viewed", "session"), ("mina@example.com", "viewed", "report")]


def test_list_is_a_look_at_the_only_person_in_it(
    staff: Client, owner: ApiClient, stranger: ApiClient, report: Report
) -> None:
    assert staff.get(USERS).status_code == 200
    assert looks() == []
    assert staff.get(USERS, {"q": "mina"}).status_code == 200
    assert staff.get(f"{ADMIN}reports/report/").status_code == 200
    assert looks() == [("mina@example.com", "viewed", "user"), ("mina@example.com", "viewed", "report")]


def test_change_is_logged(staff: Client, owner: ApiClient) -> None:
    page = f"{USERS}{owner.user.pk}/password/"
    new = {"password1": "a longer password", "password2": "a longer password"}
    assert staff.post(page, new).status_code == 302
    assert looks() == [("mina@example.com", "changed", "user")]


def test_refused_change_is_not_logged_as_one(staff: Client, owner: ApiClient) -> None:
    assert staff.post(f"{USERS}{owner.user.pk}/change/", {"username": ""}).status_code == 200
    assert looks() == []


def test_deletion_of_a_persons_rows_is_logged(staff: Client, owner: ApiClient, report: Report) -> None:
    data = {"action": "delete_selected", "_selected_action": [report.pk], "post": "yes"}
    assert staff.post(f"{ADMIN}reports/report/", data).status_code == 302
    assert not Report.objects.exists()
    assert looks() == [("mina@example.com", "deleted", "report")]


def test_own_rows_are_no_secret(staff: Client, boss: User) -> None:
    assert staff.get(f"{USERS}{boss.pk}/change/").status_code == 200
    assert looks() == []


def test_refused_page_shows_nothing_and_logs_nothing(owner: ApiClient, client: Client) -> None:
    helper = user_create(username="helper", password=PASSWORD)
    User.objects.filter(pk=helper.pk).update(is_staff=True)  # without any permission
    client.force_login(User.objects.get(pk=helper.pk))
    assert client.get(f"{USERS}{owner.user.pk}/change/").status_code == 403
    assert client.get(f"{USERS}99999/change/").status_code in {302, 403}
    assert looks() == []


def test_nothing_is_shown_without_being_logged(
    staff: Client, owner: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(DataAccess.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        staff.get(f"{USERS}{owner.user.pk}/change/")


# --- It is only ever added to ---


def test_row_cannot_be_saved_again(boss: User, owner: ApiClient) -> None:
    row = DataAccess.objects.create(user=owner.user, staff=boss, action="viewed", what="user")
    row.what = "nothing"
    with pytest.raises(TypeError):
        row.save()
    assert looks() == [("mina@example.com", "viewed", "user")]
    assert str(row) == f"nothing of user {owner.user.pk} viewed"


def test_superuser_reads_it_and_changes_nothing(staff: Client, boss: User, owner: ApiClient) -> None:
    row = DataAccess.objects.create(user=owner.user, staff=boss, action="viewed", what="user", address=ADDRESS)
    path = f"{ADMIN}accounts/dataaccess/"
    listed = staff.get(path).content.decode()
    assert ADDRESS in listed
    assert "mina@example.com" in listed
    assert staff.get(f"{path}add/").status_code == 403
    assert staff.post(f"{path}{row.pk}/change/", {"what": "nothing"}).status_code == 403
    assert staff.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff.post(path, data)
    assert looks() == [("mina@example.com", "viewed", "user")]


# --- Who sees it ---


def test_person_sees_who_looked_when_and_at_what(staff: Client, owner: ApiClient, stranger: ApiClient) -> None:
    staff.get(f"{USERS}{owner.user.pk}/change/")
    [look] = own_looks(owner)
    assert {name: look[name] for name in ("by", "action", "what")} == {"by": "boss", "action": "viewed", "what": "user"}
    assert set(look) == {"at", "by", "action", "what"}  # not from where: that is the administrator's
    assert own_looks(stranger) == []


def test_looks_are_paged_newest_first(boss: User, owner: ApiClient) -> None:
    for number in range(5):
        DataAccess.objects.create(user=owner.user, staff=boss, action="viewed", what=f"row {number}")
    first = owner("get", f"{LOOKS}?page_size=3").json()
    second = owner("get", first["next"].partition("/api/")[2]).json()
    assert [look["what"] for look in first["results"] + second["results"]] == [f"row {n}" for n in (4, 3, 2, 1, 0)]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["page_size=0", "page_size=201", "cursor=x"])
def test_wrong_page_is_refused(owner: ApiClient, query: str) -> None:
    assert owner("get", f"{LOOKS}?{query}").status_code == 400


# --- When somebody leaves ---


def test_looks_go_with_the_person(staff: Client, owner: ApiClient) -> None:
    staff.get(f"{USERS}{owner.user.pk}/change/")
    assert owner("delete", "accounts/").status_code == 204
    assert not DataAccess.objects.exists()


def test_looked_at_person_can_be_deleted_in_the_admin(staff: Client, owner: ApiClient) -> None:
    path = f"{USERS}{owner.user.pk}/delete/"
    assert "requires deleting" not in staff.get(path).content.decode()
    assert staff.post(path, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=owner.user.pk).exists()
    assert not DataAccess.objects.exists()
    [entry] = LogEntry.objects.all()  # what stays of it: that there was a person, and who deleted them
    assert (entry.user.username, entry.object_repr) == ("boss", f"user {owner.user.pk}")


def test_look_outlives_whoever_looked_without_name_and_address(staff: Client, boss: User, owner: ApiClient) -> None:
    staff.get(f"{USERS}{owner.user.pk}/change/")
    user_erase(user_id=boss.pk)
    [row] = DataAccess.objects.all()
    assert (row.staff, row.address) == (None, "")
    assert own_looks(owner)[0]["by"] is None
