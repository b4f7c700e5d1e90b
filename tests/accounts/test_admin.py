"""/api/admin/"""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Erasure, FaceProfile, User
from accounts.services import face_enrol, user_create, user_lock_with_face
from accounts.sharing.models import KINDS
from accounts.sharing.services import sharing_set
from ai_models.monitoring import monitor
from ai_models.vision.frame import read_frame
from common.db.breaker import Breaker
from detections.models import Profile, Session
from detections.sessions import codec
from mongos import archive, guard
from mongos.models import Frame
from reports.services import report_create
from tests import pictures
from tests.archived import archived
from tests.conftest import PASSWORD, ApiClient

USERS = "/api/admin/accounts/user/"
REPORTS = "/api/admin/reports/report/"
SESSIONS = "/api/admin/detections/session/"
PICTURE = pictures.png(pictures.smaller(pictures.coffee(), 0.1))


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", password=PASSWORD))
    return client


@pytest.fixture
def mina(db: None) -> User:
    """A user with three frames, two reports and an enrolled face."""
    return create_filled_user("mina", frames=3, reports=2)


def create_filled_user(username: str, *, frames: int = 1, reports: int = 1) -> User:
    user = User.objects.create(username=username)
    for _ in range(frames):
        archived(user_id=user.pk, frame=read_frame(PICTURE), face_found=True)
    for _ in range(reports):
        add_report(user)
    with transaction.atomic():
        face_enrol(
            user_id=user.pk, face=user_lock_with_face(user_id=user.pk), frame_id=uuid4(), descriptor=np.full(128, 0.1)
        )
    return user


def add_report(user: User, start: str = "2022-03-30T07:38") -> None:
    moment = timezone.make_aware(timezone.datetime.fromisoformat(start))  # type: ignore[attr-defined]
    texts: dict[str, Any] = {"start_time": start, "end_time": start, "study_time": None}
    report_create(user=user, started_at=moment, ended_at=moment, blink_cnt=1, neck_cnt=2, stretching_cnt=3, **texts)


def listed_usernames(response: Any) -> list[str]:
    """The usernames in a list's rows, sorted."""
    assert response.status_code == 200
    return sorted(
        str(getattr(row, "username", None) or row.user.username) for row in response.context["cl"].result_list
    )


@pytest.fixture
def _archive_down(mongodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage that is known before the test; the circuit breaker allows no retry during it."""
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()


UNKNOWN = "unknown: MongoDB cannot be reached"


@pytest.mark.usefixtures("each_archive")
def test_frames_are_counted_in_either_archive(staff: Client) -> None:
    mina = create_filled_user("mina", frames=3, reports=0)
    create_filled_user("other", frames=1, reports=0)
    page = staff.get(f"{USERS}{mina.pk}/change/").content.decode()
    assert re.search(r'<label>Frames:</label>\s*<div class="readonly">3</div>', page)


@pytest.mark.usefixtures("_archive_down")
def test_frame_count_is_unknown_while_archive_is_down(staff: Client) -> None:
    mina = create_filled_user("mina", frames=1, reports=2)
    assert listed_usernames(staff.get(USERS)) == ["boss", "mina"]
    page = staff.get(f"{USERS}{mina.pk}/change/").content.decode()
    assert re.search(rf'<label>Frames:</label>\s*<div class="readonly">{UNKNOWN}</div>', page)


@pytest.mark.usefixtures("_archive_down")
def test_user_can_be_deleted_while_archive_is_down(staff: Client) -> None:
    mina = create_filled_user("mina", frames=1)
    assert staff.post(f"{USERS}{mina.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(username="mina").exists()
    assert list(Erasure.objects.values_list("user_id", "carried_out_at")) == [(mina.pk, None)]
    assert not archive.spool().entries()


@pytest.mark.parametrize(("archive_frames", "icon"), [(True, "icon-yes"), (False, "icon-no")])
def test_user_page_shows_what_becomes_of_the_pictures(
    staff: Client, mina: User, archive_frames: bool, icon: str
) -> None:
    """It is the user's own choice: nobody else changes it."""
    User.objects.filter(pk=mina.pk).update(archive_frames=archive_frames, privacy="browser")
    page = staff.get(f"{USERS}{mina.pk}/change/").content.decode()
    [row] = re.findall(r'<div class="[^"]*field-archive_frames.*?</div>\s*</div>', page, re.DOTALL)
    assert icon in row
    assert "they stay in the browser" in page
    assert 'name="archive_frames"' not in page
    assert 'name="privacy"' not in page


def test_users_can_be_searched_by_name(staff: Client, mina: User) -> None:
    assert listed_usernames(staff.get(USERS, {"q": "min"})) == ["mina"]
    assert listed_usernames(staff.get(USERS, {"q": "nobody"})) == []


@pytest.mark.parametrize(
    ("enrolled", "expected"), [("yes", ["mina"]), ("no", ["boss"]), ("nonsense", ["boss", "mina"])]
)
def test_users_can_be_filtered_by_enrolment(staff: Client, mina: User, enrolled: str, expected: list[str]) -> None:
    assert listed_usernames(staff.get(USERS, {"enrolled": enrolled})) == expected


def test_query_count_does_not_grow_with_users(staff: Client) -> None:
    counts = []
    for users in (range(3), range(3, 13)):
        for n in users:
            create_filled_user(f"user{n}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert staff.get(USERS).status_code == 200
        counts.append(len(queries))
        assert not [query for query in queries if "mean_descriptor" in query["sql"] or '"image"' in query["sql"]]
    assert counts[0] == counts[1]


def test_user_page_shows_settings_and_counts(staff: Client, mina: User) -> None:
    response = staff.get(f"{USERS}{mina.pk}/change/")
    page = response.content.decode()
    assert response.status_code == 200
    for field, value in {"blink_time": 20, "neck_time": 20, "stretching_time": 18000}.items():
        assert re.search(rf'<input type="number" name="{field}" value="{value}"', page)
    assert '<option value="1" selected>' in page
    rows = re.findall(r'<label>(\w+):</label>\s*<div class="readonly">(\d+)</div>', page)
    assert ("Reports", "2") in rows
    assert ("Frames", "3") in rows


@pytest.mark.parametrize("page", ["", "{pk}/change/", "{pk}/delete/", "{pk}/history/"])
def test_no_page_shows_a_descriptor_or_picture(staff: Client, mina: User, page: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = staff.get(USERS + page.format(pk=mina.pk))
    text = response.content.decode()
    assert response.status_code == 200
    assert "descriptor" not in text
    assert "data:image" not in text
    assert repr(bytes(FaceProfile.objects.get().mean_descriptor))[2:20] not in text
    assert not [query for query in queries if '"mongos_frame"."image"' in query["sql"]]


@pytest.mark.parametrize(
    "model",
    ["accounts/faceprofile", "mongos/frame", "token_blacklist/outstandingtoken", "token_blacklist/blacklistedtoken"],
)
def test_faces_frames_and_logins_have_no_pages(staff: Client, mina: User, model: str) -> None:
    assert staff.get(f"/api/admin/{model}/").status_code == 404


def test_staff_can_change_alarm_settings(staff: Client, mina: User) -> None:
    path = f"{USERS}{mina.pk}/change/"
    form = staff.get(path).context["adminform"].form
    texts = ("username", "blink_time", "neck_time", "stretching_time", "rest_time", "sound", "break_notice_s")
    data = {name: form[name].value() or "" for name in texts}
    joined = timezone.localtime(mina.date_joined)
    data |= {
        "alarm_sound": "3",
        "neck_time": "10",
        "volume": "40",
        "is_active": "on",
        "sensitivity": "high",
        "rest_on": "on",
    }
    data |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
    response = staff.post(path, data)
    assert response.status_code == 302, response.context["errors"]
    mina.refresh_from_db()
    assert (mina.alarm_sound, mina.neck_time, mina.blink_time) == (3, 10, 20)
    assert (mina.sound, mina.volume, mina.quiet_from) == ("off", 40, None)
    assert (mina.sensitivity, mina.rest_on, mina.neck_on) == ("high", True, False)


def test_deleting_a_user_erases_their_data(staff: Client, mina: User) -> None:
    other = create_filled_user("other")
    assert staff.post(f"{USERS}{mina.pk}/delete/", {"post": "yes"}).status_code == 302
    assert sorted(User.objects.values_list("username", flat=True)) == ["boss", "other"]
    assert set(Frame.objects.values_list("user_id", flat=True)) == {other.pk}
    assert set(FaceProfile.objects.values_list("user_id", flat=True)) == {other.pk}
    assert "mina" in staff.get("/api/admin/").content.decode()  # the message, shown once
    assert "mina" not in staff.get("/api/admin/").content.decode()  # the log


def test_several_users_can_be_deleted_together(staff: Client, mina: User) -> None:
    other, third = create_filled_user("other"), create_filled_user("third")
    data = {"action": "delete_selected", "_selected_action": [mina.pk, other.pk], "post": "yes"}
    assert staff.post(USERS, data).status_code == 302
    assert sorted(User.objects.values_list("username", flat=True)) == ["boss", "third"]
    assert set(Frame.objects.values_list("user_id", flat=True)) == {third.pk}


def test_staff_can_create_users(staff: Client) -> None:
    form = {"username": "newcomer", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert staff.post(f"{USERS}add/", form).status_code == 302
    assert User.objects.get(username="newcomer").check_password(PASSWORD)


@pytest.fixture
def helper(db: None) -> Client:
    """Staff with every permission on users, but not a superuser."""
    user = User.objects.create(username="helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client = Client()
    client.force_login(user)
    return client


def _form_of(client: Client, user: User) -> dict[str, Any]:
    """What the user's page would send, with every right ticked."""
    form = client.get(f"{USERS}{user.pk}/change/").context["adminform"].form
    data = {name: field.value() for name in form.fields if (field := form[name]).value() not in (None, False, [])}
    joined = timezone.localtime(user.date_joined)
    data |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
    rights = list(Permission.objects.values_list("pk", flat=True))
    return data | {"is_staff": "on", "is_superuser": "on", "is_active": "on", "user_permissions": rights}


@pytest.mark.parametrize("whose", ["helper", "mina"])
def test_staff_can_give_nobody_rights(helper: Client, mina: User, whose: str) -> None:
    user = User.objects.get(username=whose)
    before = (user.is_staff, user.is_superuser, user.user_permissions.count())
    response = helper.post(f"{USERS}{user.pk}/change/", _form_of(helper, user))
    assert response.status_code == 302, response.context["errors"]
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.user_permissions.count()) == before


def test_superuser_can_give_rights(staff: Client, mina: User) -> None:
    assert staff.post(f"{USERS}{mina.pk}/change/", _form_of(staff, mina)).status_code == 302
    mina.refresh_from_db()
    assert (mina.is_staff, mina.is_superuser) == (True, True)


@pytest.mark.parametrize("rights", [{"is_superuser": True}, {"is_staff": True}])
def test_staff_cannot_change_or_delete_those_with_rights(helper: Client, rights: dict[str, bool]) -> None:
    root = User.objects.create(username="root", **rights)
    password = {"usable_password": "true", "password1": "another-password", "password2": "another-password"}
    calls = {f"{USERS}{root.pk}/password/": password, f"{USERS}{root.pk}/change/": {"username": "x"}}
    for path, body in (calls | {f"{USERS}{root.pk}/delete/": {"post": "yes"}}).items():
        assert helper.post(path, body).status_code == 403, path
    helper.post(USERS, {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"})
    assert User.objects.get(pk=root.pk).password == root.password


def test_owner_alone_can_set_a_users_password(staff: Client, helper: Client, mina: User) -> None:
    """Whoever set it could log in as the user, and see what nobody else may."""
    body = {"usable_password": "true", "password1": "another-password", "password2": "another-password"}
    assert helper.post(f"{USERS}{mina.pk}/password/", body).status_code == 403
    assert staff.post(f"{USERS}{mina.pk}/password/", body).status_code == 302
    mina.refresh_from_db()
    assert mina.check_password("another-password")


def test_staff_change_no_address_to_which_links_for_passwords_go(helper: Client, mina: User) -> None:
    data = _form_of(helper, mina) | {"username": "helper2@example.com", "email": "helper2@example.com"}
    assert helper.post(f"{USERS}{mina.pk}/change/", data).status_code == 302
    mina.refresh_from_db()
    assert (mina.username, mina.email) == ("mina", "")


def test_short_url_redirects_to_the_admin(client: Client) -> None:
    response = client.get("/admin/")
    assert (response.status_code, response["Location"]) == (302, "/api/admin/")


@pytest.mark.parametrize("path", ["/api/admin/", USERS, f"{USERS}1/change/", f"{USERS}1/delete/", REPORTS])
def test_non_staff_user_is_refused(client: Client, db: None, path: str) -> None:
    client.force_login(user_create(username="mina", password=PASSWORD))
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/api/admin/login/?next={path}")
    assert client.post(path, {"post": "yes"}).status_code == 302
    assert User.objects.count() == 1


def test_api_token_does_not_open_the_admin(owner: ApiClient) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    assert owner("get", "admin/accounts/user/").status_code == 302


def test_reports_can_be_searched_and_filtered(staff: Client, mina: User) -> None:
    other = create_filled_user("other", reports=0)
    add_report(other, "2022-04-08T00:10")
    share(mina, other)
    assert listed_usernames(staff.get(REPORTS)) == ["mina", "mina", "other"]
    assert listed_usernames(staff.get(REPORTS, {"q": "oth"})) == ["other"]
    assert listed_usernames(staff.get(REPORTS, {"day__gte": "2022-04-08", "day__lt": "2022-04-09"})) == ["other"]


def share(*people: User) -> None:
    """As each of them may do in the page."""
    for person in people:
        sharing_set(user=person, what=KINDS, until=timezone.now() + timedelta(days=1))


def start_session(user: User, name: str = "desk") -> Session:
    state = codec.dump_state(monitor.start(timezone.now().timestamp()))
    now = timezone.now()
    profile = Profile.objects.create(user=user, name=name, baseline="{}", quality=1.0)
    return Session.objects.create(
        user=user, started_at=now, received_at=now, running=True, phase="calibrating", state=state, profile=profile
    )


@pytest.mark.parametrize("page", ["", "{pk}/change/", "{pk}/history/"])
def test_session_state_is_not_shown(staff: Client, mina: User, page: str) -> None:
    share(mina)
    response = staff.get(SESSIONS + page.format(pk=start_session(mina).pk))
    assert response.status_code == 200
    assert "started_at_s" not in response.content.decode()


def test_sessions_are_searchable_and_read_only(staff: Client, mina: User) -> None:
    session = start_session(mina)
    other = create_filled_user("other")
    start_session(other)
    share(mina, other)
    assert listed_usernames(staff.get(SESSIONS)) == ["mina", "other"]
    assert listed_usernames(staff.get(SESSIONS, {"q": "oth"})) == ["other"]
    assert staff.get(f"{SESSIONS}add/").status_code == 403
    assert staff.post(f"{SESSIONS}{session.pk}/change/", {"phase": "stopped"}).status_code == 403
    session.refresh_from_db()
    assert session.phase == "calibrating"


def test_deleting_a_user_deletes_their_session(staff: Client, mina: User) -> None:
    start_session(mina)
    assert staff.get(f"{USERS}{mina.pk}/delete/").status_code == 200
    assert staff.post(f"{USERS}{mina.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=mina.pk).exists()
    assert not Session.objects.exists()


def test_reports_are_read_only(staff: Client, mina: User) -> None:
    report = mina.reports.first()
    assert report
    share(mina)
    assert staff.get(f"{REPORTS}add/").status_code == 403
    assert staff.get(f"{REPORTS}{report.pk}/change/").status_code == 200
    assert staff.post(f"{REPORTS}{report.pk}/change/", {"blink_cnt": 99}).status_code == 403
    report.refresh_from_db()
    assert report.blink_cnt == 1
