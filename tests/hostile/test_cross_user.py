"""No user reads, changes or infers another user's data: every call in the schema is made with the owner's ids.

The calls come from the schema, so a new one is included automatically. A new parameter, field or table fails here until
its value for the owner is given below.
"""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, partial
from itertools import count, product
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.test import Client
from django.utils.http import urlsafe_base64_encode
from msgspec.structs import replace

from accounts.company_login.models import CompanyIdentity
from accounts.invitations import services as invitations
from accounts.invitations.models import Invitation
from accounts.invitations.services import Person
from accounts.models import DataAccess, Erasure, FaceProfile, Sharing, User
from accounts.services import user_create
from accounts.tokens import tokens_for
from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.events import EventLog
from detections.models import Episode, Profile, Session, WrongAlarm
from detections.sessions import codec
from mongos.listing import FrameSummary
from mongos.models import Frame
from office import figures
from office.models import ErasureOrder
from personal_data import export_rows, quota
from reports.models import Goal, Quarter, Report
from tests import pictures
from tests.conftest import PASSWORD, ApiClient
from tests.detections.frames import NECK, neck_body
from tests.hostile.calls import JSON, Body, example_bodies, fields, operations, raw_bodies, schema

PUBLIC = {
    "POST /api/accounts/",
    "POST /api/accounts/invitation/",
    "POST /api/accounts/login/",
    "POST /api/accounts/password-reset/",
    "POST /api/accounts/password-reset/confirm/",
    "POST /api/token/refresh/",
}
NOT_OWNED = None  # a count, a switch, a time: no value of it belongs to the owner
HERE = "in tests/hostile/test_cross_user.py"

OWNERS_KEY = "owner-key-5f1d"
OWNERS_NOTE = "owner-note-81c4"
OWNERS_PROFILE = "owner-profile-77aa"
OWNERS_CAMERA = "owner-camera-31be"
OWNERS_REPORT_ID = 918_273_645
BASELINE = Baseline(0.24, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, quality=0.9)
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}

# The column by which a table's rows belong to a user; the tables that belong to no user.
ROWS = {
    "accounts.User": "pk",
    "accounts.FaceProfile": "user_id",
    "accounts.Erasure": "user_id",
    "accounts.DataAccess": "user_id",
    "accounts.Sharing": "user_id",
    "accounts.Invitation": "used_by_id",
    "accounts.CompanyIdentity": "user_id",
    "detections.Episode": "session__user_id",
    "detections.Profile": "user_id",
    "detections.Session": "user_id",
    "detections.WrongAlarm": "user_id",
    "admin.LogEntry": "user_id",
    "mongos.Frame": "user_id",
    "office.ErasureOrder": "user_id",
    "office.UserFigures": "user_id",
    "personal_data.ArchivedDay": "user_id",
    "reports.Goal": "user_id",
    "reports.Quarter": "user_id",
    "reports.Report": "user_id",
    "token_blacklist.OutstandingToken": "user_id",
    "token_blacklist.BlacklistedToken": "token__user_id",
}
UNOWNED = {"auth.Permission", "auth.Group", "contenttypes.ContentType", "sessions.Session"}
UNOWNED |= {"accounts.AuditSeal", "accounts.AuditHead", "reports.TeamWeek"}
UNOWNED |= {"office.Day", "office.Sample"}


@dataclass(frozen=True, slots=True)
class Owner:
    user: User
    parameters: dict[str, Any]  # in paths, queries and headers
    fields: dict[str, Any]  # in bodies
    secrets: list[bytes]  # shown to nobody else

    def rows(self) -> dict[str, list[Any]]:
        """All rows of the owner, in both databases."""
        return {label: rows() for label, rows in _readers(self.user.pk).items()}


@cache
def _readers(owner_id: int) -> dict[str, Callable[[], list[Any]]]:
    """What reads the owner's rows of each table. They are read after each call, so the SQL is made only once."""
    managers = {label: apps.get_model(label)._default_manager for label in ROWS}
    queries = {
        label: manager.filter(**{ROWS[label]: owner_id}).order_by("pk").values() for label, manager in managers.items()
    }
    return {label: partial(_read, query, *query.query.sql_with_params()) for label, query in queries.items()}


def _read(query: QuerySet[Any, Any], sql: str, parameters: tuple[Any, ...]) -> list[Any]:
    if query.db != DEFAULT_DB_ALIAS:
        return list(query.all())
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


@pytest.fixture
def everything(each_archive: str, owner: ApiClient) -> Owner:
    """An owner with one of everything."""
    face, other = pictures.jpeg(pictures.astronaut()), pictures.png(pictures.small())
    client = Client(headers={"Authorization": f"Bearer {owner.access}", "Idempotency-Key": OWNERS_KEY})
    assert client.post(f"/api/{NECK}", neck_body(face), content_type="application/json").status_code == 200
    assert owner("post", NECK, neck_body(other)).status_code == 200
    profile, session = _create_session(owner)
    assert owner("put", "accounts/time/", _times(blink_time=77_123_451)).status_code == 200
    Erasure.objects.create(user_id=owner.user.pk, until=owner.user.date_joined)
    DataAccess.objects.create(user=owner.user, action="viewed", what=OWNERS_NOTE)
    Sharing.objects.create(user=owner.user, reports=True)
    (link,) = invitations.invite(people=[Person(OWNERS_NOTE)], invited_by=owner.user)
    Invitation.objects.filter(pk=link.invitation.pk).update(used_by=owner.user, used_at=owner.user.date_joined)
    CompanyIdentity.objects.create(user=owner.user, subject_hash=OWNERS_NOTE, issuer="https://login.example.com")
    ErasureOrder.objects.create(user=owner.user, batch=uuid4())
    quota.settle()
    figures.seen_recount()
    tokens = owner("post", "accounts/login/", {"username": owner.user.username, "password": PASSWORD}).json()
    frames = list(Frame.objects.filter(user_id=owner.user.pk).order_by("captured_at"))
    page = owner("get", "accounts/frames/?page_size=1").json()
    assert len(frames) == 2
    assert FaceProfile.objects.filter(user=owner.user).exists()
    ids = [text for key in (session.pk, *(frame.pk for frame in frames)) for text in (str(key), key.hex)]
    texts = [
        owner.user.username,
        OWNERS_NOTE,
        OWNERS_PROFILE,
        str(OWNERS_REPORT_ID),
        "77123451",
        OWNERS_KEY,
        *ids,
        *tokens.values(),
    ]
    images = [image for picture in (face, other) for image in (picture, base64.b64encode(picture))]
    return Owner(
        user=owner.user,
        parameters={
            "frame_id": frames[0].pk,
            "cursor": page["next"].partition("cursor=")[2],
            "from": frames[0].captured_at.isoformat(),
            "to": frames[-1].captured_at.isoformat(),
            "face_found": "true",
            "page_size": 200,
            "format": "base64",
            "size": "thumb",
            "frames": "true",
            "Idempotency-Key": OWNERS_KEY,
            "session_id": session.pk,
            "profile_id": profile.pk,
            "report_id": OWNERS_REPORT_ID,
            "alarm_id": 1,
            "captured_at": session.started_at.isoformat(),
            "camera": OWNERS_CAMERA,
            "date": "2022-03-30",
            "bucket": "day",
        },
        fields={
            "username": owner.user.username,
            "profile": profile.pk,
            "name": OWNERS_PROFILE,
            "camera": OWNERS_CAMERA,
            "refresh": tokens["refresh"],
            "uid": urlsafe_base64_encode(str(owner.user.pk).encode()),  # anybody can tell it; the token is a secret
            **dict.fromkeys(
                ["password", "keep", "new_password", "everywhere", "archive_frames", *_times(), *REPORT, "study_time"]
                + ["rest_time", "sensitivity", "time_zone", *(f"{kind}_on" for kind in ALARM_KINDS)]
                + ["blob_data", "face_x", "face_y", "nose_to_center", "cnt", "face_x_mean", "face_y_mean", "nose_mean"]
                + ["count", "total", "time", "moved", "ask", "take_over", "kind", "seconds", "until", "meeting"]
                + ["sound", "volume", "steps", "quiet_from", "quiet_to", "break_notice_s"]
                + ["privacy", "keep_days", "wording", "observations", "model", "token", "good_share", "invitation"]
                + ["what", "in_team_sums"],
                NOT_OWNED,
            ),
        },
        secrets=[text.encode() for text in texts] + images,
    )


def _create_session(owner: ApiClient) -> tuple[Profile, Session]:
    """The profile and the session of an owner: an alarm is on, and there is a report already."""
    profile = Profile.objects.create(
        user=owner.user,
        name=OWNERS_PROFILE,
        quality=0.9,
        camera=OWNERS_CAMERA,
        baseline=codec.dump_baseline(BASELINE),
    )
    response = owner("post", "detections/sessions/", {"profile": profile.pk})
    assert response.status_code == 201
    session = Session.objects.get(pk=response.json()["id"])
    Episode.objects.create(session=session, number=1, kind="neck", started_at=session.started_at)
    state = codec.load_state(session.state)
    session.state = codec.dump_state(replace(state, events=EventLog(count=1), former_baseline=BASELINE))
    WrongAlarm.objects.create(
        user=owner.user, session=session, number=1, kind="neck", started_at=session.started_at, faults="closer"
    )
    session.report = Report.objects.create(pk=OWNERS_REPORT_ID, user=owner.user, **_report_columns())
    session.save()
    Goal.objects.create(user=owner.user, good_share=0.8)
    Quarter.objects.create(
        user=owner.user,
        session=session,
        starts_at="2022-03-30T07:45Z",
        outline=bytes(146),
        **dict.fromkeys(export_rows.MEASURED, 1),
    )
    return profile, session


def _times(**changes: int) -> dict[str, int]:
    return {"blink_time": 20, "neck_time": 20, "stretching_time": 18_000, "alarm_sound": 1} | changes


def _report_columns() -> dict[str, Any]:
    moments = {"started_at": "2022-03-30T07:38Z", "ended_at": "2022-03-30T08:00Z", "day": "2022-03-30"}
    return REPORT | moments | {"study_time": OWNERS_NOTE}


# --- Calls, made from the schema ---


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with the owner's ids wherever they fit."""

    label: str
    method: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    body: Body | None

    def send(self, client: Client, access: str) -> tuple[int, bytes]:
        """The status, and everything in the response: body, unpacked body and headers."""
        token = {"Authorization": f"Bearer {access}"} if access else {}
        data, content_type = self.body or (b"", "")
        response = client.generic(
            self.method.upper(),
            self.path,
            data,
            content_type=content_type,
            headers=self.headers | token,
            query_params=self.query,
        )
        body = b"".join(response) if response.streaming else response.content
        return response.status_code, body + _unpacked(body) + repr(response.headers).encode()


def calls(owner: Owner, schema: dict[str, Any]) -> Iterator[Call]:
    """Each operation, without and with all parameters, once for each example body."""
    for method, path, operation in operations(schema):
        label = f"{method.upper()} {path}"
        given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
        for parameter in operation.get("parameters", []):
            value = _owners_value(owner.parameters, parameter["name"], "parameter", label)
            given[parameter["in"]][parameter["name"]] = str(value)
        in_body = {name: _owners_value(owner.fields, name, "field", label) for name in fields(schema, operation)}
        ids = {name: value for name, value in in_body.items() if value is not NOT_OWNED}
        of_json: list[Body] = [(json.dumps(body | ids).encode(), JSON) for body in example_bodies(operation)]
        bodies: list[Body | None] = [*of_json, *raw_bodies(operation)]
        for body, query in product(bodies or [None], ({}, given["query"])):
            yield Call(label, method, path.format(**given["path"]), query, given["header"], body)


def _owners_value(known: dict[str, Any], name: str, kind: str, label: str) -> Any:
    assert name in known, f"{label} has a new {kind}, {name}: give its value for the owner {HERE}"
    return known[name]


def _unpacked(body: bytes) -> bytes:
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return b""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"".join(archive.read(name) + name.encode() for name in archive.namelist())


def walk(owner: Owner, new_access: Callable[[], str]) -> dict[str, set[int]]:
    """Make each call as another user; the statuses by operation. Fails if the owner's data is shown or changed."""
    statuses: dict[str, set[int]] = {}
    client = Client()  # only one, since each client scans all static files
    before = owner.rows()
    assert all(before[label] for label in ROWS if label not in {"admin.LogEntry", "token_blacklist.BlacklistedToken"})
    for call in calls(owner, schema()):
        if call.label in PUBLIC:
            continue
        status, response = call.send(client, new_access())
        statuses.setdefault(call.label, set()).add(status)
        shown = [
            secret[:60]
            for secret in owner.secrets
            if secret in response and secret.decode("latin-1") not in _sent(call)
        ]
        assert shown == [], f"{call.label} shows data of the owner"
        assert status not in {403, 500}, call.label
        assert owner.rows() == before, f"{call.label} changes data of the owner"
    return statuses


def _sent(call: Call) -> str:
    return f"{call.path} {call.query} {call.headers} {call.body}"


@pytest.fixture
def new_stranger() -> Callable[[], str]:
    """A new user for each call, since some calls end their user's login."""
    numbers = count()

    def access() -> str:
        stranger = user_create(username=f"stranger-{next(numbers)}", password=PASSWORD)
        Report.objects.create(user=stranger, **_report_columns() | {"study_time": ""})
        return tokens_for(stranger)["access"]

    return access


def test_no_user_sees_or_changes_data_of_others(everything: Owner, new_stranger: Callable[[], str]) -> None:
    statuses = walk(everything, new_stranger)
    for label, found in statuses.items():
        assert 401 not in found, label
        if "{" in label:
            assert found == {404}, f"{label} reveals that it exists"


def test_every_call_without_a_token_is_401(everything: Owner) -> None:
    statuses = walk(everything, lambda: "")
    assert set(statuses) == {call.label for call in calls(everything, schema())} - PUBLIC
    assert {label: found for label, found in statuses.items() if found != {401}} == {}


def test_only_listed_calls_need_no_login() -> None:
    open_to_all = {
        f"{method.upper()} {path}" for method, path, operation in operations(schema()) if "security" not in operation
    }
    assert open_to_all == PUBLIC


def test_owner_column_of_every_table_is_known() -> None:
    tables = {model._meta.label for model in apps.get_models()}
    assert tables == ROWS.keys() | UNOWNED, f"give {HERE} the column by which a new table's rows belong to a user"


# --- The walk can fail ---


def _read_for_all(*, user_id: int, frame_id: Any, since: Any) -> Any:
    return Frame.objects.filter(pk=frame_id).first()


def _delete_for_all(*, user_id: int, frame_id: Any, since: Any) -> bool:
    return bool(Frame.objects.filter(pk=frame_id).delete()[0])


def _list_all(*, user_id: int, **query: Any) -> Any:
    frames = Frame.objects.all().values_list("id", "captured_at", "size", "face_found", "content_type")
    return [FrameSummary(*row) for row in frames], None


@pytest.mark.parametrize("each_archive", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    ("target", "leak", "message"),
    [
        ("personal_data.views.archive.read", _read_for_all, "shows data of the owner"),
        ("personal_data.views.archive.delete_one", _delete_for_all, "changes data of the owner"),
        ("personal_data.views.page", _list_all, "shows data of the owner"),
    ],
)
def test_leaking_view_is_detected(
    everything: Owner,
    new_stranger: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    leak: Callable[..., Any],
    message: str,
) -> None:
    monkeypatch.setattr(target, leak)
    with pytest.raises(AssertionError, match=message):
        walk(everything, new_stranger)


@pytest.mark.parametrize("each_archive", ["embedded"], indirect=True)
def test_unknown_parameter_is_reported(everything: Owner) -> None:
    changed = deepcopy(schema())
    changed["paths"]["/api/reports/"]["get"]["parameters"] = [{"in": "query", "name": "reporter"}]
    with pytest.raises(
        AssertionError,
        match="GET /api/reports/ has a new parameter, reporter: give its value for the owner in tests/hostile",
    ):
        list(calls(everything, changed))
