"""The log of looks at personal data, written by the admin site, and GET /api/accounts/looks/"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import DataAccess, User
from accounts.services import user_create
from accounts.sharing.models import KINDS
from accounts.sharing.services import sharing_set
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


@pytest.fixture(autouse=True)
def _sharing(owner: ApiClient) -> None:
    """Otherwise nobody sees the owner's reports and sessions at all."""
    sharing_set(user=owner.user, what=KINDS, until=timezone.now() + timedelta(days=1))


@pytest.fixture
def session(owner: ApiClient) -> Session:
    response = owner("post", "detections/sessions/", {})
    return Session.objects.get(pk=response.json()["id"])


def copied(report: Report, user: User) -> Report:
    columns = {field.attname: getattr(report, field.attname) for field in Report._meta.concrete_fields}
    return Report(**columns | {"id": None, "user_id": user.pk})


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
    assert looks() == [("mina@example.com", "viewed", "user")]


def test_list_of_what_people_share_is_a_look_at_each_of_them(
    staff: Client, owner: ApiClient, stranger: ApiClient, report: Report
) -> None:
    sharing_set(user=stranger.user, what=["reports"], until=timezone.now() + timedelta(days=1))
    Report.objects.bulk_create([copied(report, user=stranger.user)])
    assert staff.get(f"{ADMIN}reports/report/").status_code == 200
    assert looks() == [("mina@example.com", "viewed", "report"), ("stranger", "viewed", "report")]


def test_change_is_logged(staff: Client, owner: ApiClient) -> None:
    page = f"{USERS}{owner.user.pk}/password/"
    new = {"password1": "a longer password", "password2": "a longer password"}
    assert staff.post(page, new).status_code == 302
    assert looks() == [("mina@example.com", "changed", "user")]


def test_refused_change_is_not_logged_as_one(staff: Client, owner: ApiClient) -> None:
    assert staff.post(f"{USERS}{owner.user.pk}/change/", {"username": ""}).status_code == 200
    assert looks() == []


def test_what_was_changed_is_logged_without_its_values(staff: Client, owner: ApiClient) -> None:
    page = f"{USERS}{owner.user.pk}/change/"
    form = staff.get(page).context["adminform"].form
    data = {name: field.value() for name in form.fields if (field := form[name]).value() not in (None, False, [])}
    joined = timezone.localtime(owner.user.date_joined)
    data |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}", "first_name": "Mina the 1st"}
    assert staff.post(page, data).status_code == 302
    assert staff.post(page, data | {"is_staff": "on"}).status_code == 302
    rows = DataAccess.objects.filter(action="changed").order_by("pk")
    assert list(rows.values_list("what", "detail")) == [("user", "First name"), ("role", "Staff status")]


def test_rows_are_not_deleted_one_by_one(staff: Client, owner: ApiClient, report: Report, session: Session) -> None:
    """A person's go with the person, through their erasure."""
    for path, pk in ((f"{ADMIN}reports/report/", report.pk), (f"{ADMIN}detections/session/", session.pk)):
        staff.post(path, {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
        assert staff.post(f"{path}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert (Report.objects.count(), Session.objects.count()) == (1, 1)
    assert "deleted" not in {action for _, action, _ in looks()}


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
    assert not DataAccess.objects.filter(user__isnull=False).exists()
    last = DataAccess.objects.order_by("pk").last()
    assert last  # that there was an account, under its number
    assert (last.action, last.what, last.detail, last.staff) == ("erased", "user", f"user {owner.user.pk}", None)


def test_looked_at_person_can_be_deleted_in_the_admin(staff: Client, boss: User, owner: ApiClient) -> None:
    path = f"{USERS}{owner.user.pk}/delete/"
    assert "requires deleting" not in staff.get(path).content.decode()
    assert staff.post(path, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=owner.user.pk).exists()
    erased = DataAccess.objects.get(action="erased", what="user")
    assert (erased.user, erased.staff_id, erased.detail) == (None, boss.pk, f"user {owner.user.pk}")
    assert not DataAccess.objects.filter(user__isnull=False).exists()
    [entry] = LogEntry.objects.all()  # what stays of it: that there was a person, and who deleted them
    assert (entry.user.username, entry.object_repr) == ("boss", f"user {owner.user.pk}")


def test_look_outlives_whoever_looked_without_name_and_address(staff: Client, boss: User, owner: ApiClient) -> None:
    staff.get(f"{USERS}{owner.user.pk}/change/")
    user_erase(user_id=boss.pk)
    [row] = DataAccess.objects.filter(user=owner.user)
    assert (row.staff, row.address) == (None, "")
    assert own_looks(owner)[0]["by"] is None
