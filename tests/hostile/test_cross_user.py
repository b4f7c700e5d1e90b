"""Nobody reads, changes or infers what is somebody else's: every call in the schema, with the owner's ids in it.

The calls come from the schema, so a new one is walked by itself. What this test cannot know of it, it asks for: a new
parameter, field or table fails here until it is told below what the owner has of it.
"""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client

from accounts.models import Erasure, FaceProfile, User
from accounts.services import user_create
from accounts.tokens import tokens_for
from ai_models.monitoring.calibration import Baseline
from ai_models.monitoring.session_state import ALARM_KINDS
from detections.models import Episode, Profile, Session
from detections.sessions import codec
from mongos.models import Frame
from reports.models import Report
from tests import pictures
from tests.conftest import PASSWORD, ApiClient
from tests.detections.frames import NECK, neck_body
from tests.hostile.calls import JSON, Body, example_bodies, fields, operations, raw_bodies, schema

PUBLIC = {"POST /api/accounts/", "POST /api/accounts/login/", "POST /api/token/refresh/"}
NOTHING_OF_ANYBODYS = None  # a count, a wish, a time: there is none that is the owner's
HERE = "in tests/hostile/test_cross_user.py"

OWNERS_KEY = "owner-key-5f1d"
OWNERS_NOTE = "owner-note-81c4"
OWNERS_PROFILE = "owner-profile-77aa"
OWNERS_REPORT_ID = 918_273_645
BASELINE = Baseline(0.24, 0.5, 0.3, 0.0, 0.0, 0.0, 0.3, quality=0.9)
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}

# By whose key a table's rows are somebody's; the tables of nobody in particular.
ROWS = {
    "accounts.User": "pk",
    "accounts.FaceProfile": "user_id",
    "accounts.Erasure": "user_id",
    "detections.Episode": "session__user_id",
    "detections.Profile": "user_id",
    "detections.Session": "user_id",
    "admin.LogEntry": "user_id",
    "mongos.Frame": "user_id",
    "reports.Report": "user_id",
    "token_blacklist.OutstandingToken": "user_id",
    "token_blacklist.BlacklistedToken": "token__user_id",
}
NOBODYS = {"auth.Permission", "auth.Group", "contenttypes.ContentType", "sessions.Session"}


@dataclass(frozen=True, slots=True)
class Owner:
    user: User
    parameters: dict[str, Any]  # in paths, queries and headers
    fields: dict[str, Any]  # in bodies
    secrets: list[bytes]  # that nobody else may be shown

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that is kept of the owner, in both databases."""
        return {
            label: list(_model(label)._default_manager.filter(**{key: self.user.pk}).order_by("pk").values())
            for label, key in ROWS.items()
        }


def _model(label: str) -> type[Model]:
    return apps.get_model(label)


@pytest.fixture
def everything(each_archive: str, owner: ApiClient) -> Owner:
    """The owner has one of everything."""
    face, other = pictures.jpeg(pictures.astronaut()), pictures.png(pictures.small())
    client = Client(headers={"Authorization": f"Bearer {owner.access}", "Idempotency-Key": OWNERS_KEY})
    assert client.post(f"/api/{NECK}", neck_body(face), content_type="application/json").status_code == 200
    assert owner("post", NECK, neck_body(other)).status_code == 200
    profile, session = _at_the_desk(owner)
    assert owner("put", "accounts/time/", _times(blink_time=77_123_451)).status_code == 200
    Erasure.objects.create(user_id=owner.user.pk, until=owner.user.date_joined)
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
            "frames": "true",
            "Idempotency-Key": OWNERS_KEY,
            "session_id": session.pk,
            "profile_id": profile.pk,
            "report_id": OWNERS_REPORT_ID,
            "captured_at": session.started_at.isoformat(),
            "date": "2022-03-30",
            "bucket": "day",
        },
        fields={
            "username": owner.user.username,
            "profile": profile.pk,
            "name": OWNERS_PROFILE,
            "refresh": tokens["refresh"],
            **dict.fromkeys(
                ["password", "new_password", "everywhere", "archive_frames", *_times(), *REPORT, "study_time"]
                + ["rest_time", "sensitivity", "time_zone", *(f"{kind}_on" for kind in ALARM_KINDS)]
                + ["blob_data", "face_x", "face_y", "nose_to_center", "cnt", "face_x_mean", "face_y_mean", "nose_mean"]
                + ["count", "total", "time"],
                NOTHING_OF_ANYBODYS,
            ),
        },
        secrets=[text.encode() for text in texts] + images,
    )


def _at_the_desk(owner: ApiClient) -> tuple[Profile, Session]:
    """A session in which an alarm is on, with a report already, and the profile it was begun with."""
    profile = Profile.objects.create(
        user=owner.user, name=OWNERS_PROFILE, quality=0.9, baseline=codec.dump_baseline(BASELINE)
    )
    response = owner("post", "detections/sessions/", {"profile": profile.pk})
    assert response.status_code == 201
    session = Session.objects.get(pk=response.json()["id"])
    Episode.objects.create(session=session, number=1, kind="neck", started_at=session.started_at)
    session.report = Report.objects.create(pk=OWNERS_REPORT_ID, user=owner.user, **_report_columns())
    session.save()
    return profile, session


def _times(**changed: int) -> dict[str, int]:
    return {"blink_time": 20, "neck_time": 20, "stretching_time": 18_000, "alarm_sound": 1} | changed


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
        """Its status, and all that its answer tells."""
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
        told = b"".join(response) if response.streaming else response.content
        return response.status_code, told + _unpacked(told) + repr(response.headers).encode()


def calls(owner: Owner, schema: dict[str, Any]) -> Iterator[Call]:
    """Each operation, bare and with all parameters, once for each example of a body."""
    for method, path, operation in operations(schema):
        label = f"{method.upper()} {path}"
        given: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
        for parameter in operation.get("parameters", []):
            value = _of_owner(owner.parameters, parameter["name"], "parameter", label)
            given[parameter["in"]][parameter["name"]] = str(value)
        in_body = {name: _of_owner(owner.fields, name, "field", label) for name in fields(schema, operation)}
        ids = {name: value for name, value in in_body.items() if value is not NOTHING_OF_ANYBODYS}
        of_json: list[Body] = [(json.dumps(body | ids).encode(), JSON) for body in example_bodies(operation)]
        bodies: list[Body | None] = [*of_json, *raw_bodies(operation)]
        for body, query in product(bodies or [None], ({}, given["query"])):
            yield Call(label, method, path.format(**given["path"]), query, given["header"], body)


def _of_owner(known: dict[str, Any], name: str, kind: str, label: str) -> Any:
    assert name in known, f"{label} has a new {kind}, {name}: say {HERE} what it is for what the owner has"
    return known[name]


def _unpacked(told: bytes) -> bytes:
    if not zipfile.is_zipfile(io.BytesIO(told)):
        return b""
    with zipfile.ZipFile(io.BytesIO(told)) as archive:
        return b"".join(archive.read(name) + name.encode() for name in archive.namelist())


def walk(owner: Owner, new_access: Callable[[], str]) -> dict[str, set[int]]:
    """Each call by somebody else; every status, by operation. Fails where the owner's is told or changed."""
    statuses: dict[str, set[int]] = {}
    client = Client()  # one, since each reads through all static files
    before = owner.rows()
    assert all(before[label] for label in ROWS if label not in {"admin.LogEntry", "token_blacklist.BlacklistedToken"})
    for call in calls(owner, schema()):
        if call.label in PUBLIC:
            continue
        status, told = call.send(client, new_access())
        statuses.setdefault(call.label, set()).add(status)
        shown = [
            secret[:60] for secret in owner.secrets if secret in told and secret.decode("latin-1") not in _sent(call)
        ]
        assert shown == [], f"{call.label} shows what is the owner's"
        assert status not in {403, 500}, call.label
        assert owner.rows() == before, f"{call.label} changes what is the owner's"
    return statuses


def _sent(call: Call) -> str:
    return f"{call.path} {call.query} {call.headers} {call.body}"


@pytest.fixture
def new_stranger() -> Callable[[], str]:
    """Somebody else for each call: some end their own login."""
    numbers = count()

    def access() -> str:
        stranger = user_create(username=f"stranger-{next(numbers)}", password=PASSWORD)
        Report.objects.create(user=stranger, **_report_columns() | {"study_time": ""})
        return tokens_for(stranger)["access"]

    return access


def test_nobody_is_shown_or_changes_what_is_somebody_elses(everything: Owner, new_stranger: Callable[[], str]) -> None:
    statuses = walk(everything, new_stranger)
    for label, seen in statuses.items():
        assert 401 not in seen, label
        if "{" in label:
            assert seen == {404}, f"{label} tells that it is there"


def test_without_a_token_every_call_is_a_401(everything: Owner) -> None:
    statuses = walk(everything, lambda: "")
    assert set(statuses) == {call.label for call in calls(everything, schema())} - PUBLIC
    assert {label: seen for label, seen in statuses.items() if seen != {401}} == {}


def test_what_needs_no_login_is_listed_here() -> None:
    open_to_all = {f"{method.upper()} {path}" for method, path, each in operations(schema()) if "security" not in each}
    assert open_to_all == PUBLIC


def test_of_every_table_it_is_known_whose_its_rows_are() -> None:
    tables = {model._meta.label for model in apps.get_models()}
    assert tables == ROWS.keys() | NOBODYS, f"say {HERE} by which column a new table's rows are a user's"


# --- That the walk can fail ---


def _read_for_all(*, user_id: int, frame_id: Any, since: Any) -> Any:
    return Frame.objects.filter(pk=frame_id).first()


def _delete_for_all(*, user_id: int, frame_id: Any, since: Any) -> bool:
    return bool(Frame.objects.filter(pk=frame_id).delete()[0])


def _list_all(*, user_id: int, **query: Any) -> Any:
    frames = Frame.objects.all().values_list("id", "captured_at", "size", "face_found", "content_type")
    return [
        dict(zip(("id", "captured_at", "size", "face_found", "content_type"), row, strict=True)) for row in frames
    ], None


@pytest.mark.parametrize("each_archive", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    ("place", "leak", "found"),
    [
        ("personal_data.views.archive.read", _read_for_all, "shows what is the owner's"),
        ("personal_data.views.archive.delete_one", _delete_for_all, "changes what is the owner's"),
        ("personal_data.views.page", _list_all, "shows what is the owner's"),
    ],
)
def test_a_view_that_lets_others_in_is_found_out(
    everything: Owner,
    new_stranger: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    leak: Callable[..., Any],
    found: str,
) -> None:
    monkeypatch.setattr(place, leak)
    with pytest.raises(AssertionError, match=found):
        walk(everything, new_stranger)


@pytest.mark.parametrize("each_archive", ["embedded"], indirect=True)
def test_a_parameter_that_nobody_thought_of_is_asked_for(everything: Owner) -> None:
    told = schema()
    told["paths"]["/api/reports/"]["get"]["parameters"] = [{"in": "query", "name": "reporter"}]
    with pytest.raises(AssertionError, match="GET /api/reports/ has a new parameter, reporter: say in tests/hostile"):
        list(calls(everything, told))
