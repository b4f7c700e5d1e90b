"""The archive's queries: always for one user, and never for the picture in a list."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from ai_models.vision.frame import Frame as ReceivedFrame
from mongos import archive
from mongos.guard import ARCHIVE_ALIAS
from mongos.models import Frame
from personal_data.frame_pages import Cursor, page
from tests.archived import archived
from tests.mongod import Mongod

MINA = 1
TABLE = Frame._meta.db_table
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SINCE, UNTIL = START + timedelta(seconds=2), START + timedelta(seconds=7)
IMAGE = b"the picture itself"
PARTS_OF_A_FIND = ("find", "filter", "projection", "sort", "skip", "limit")
REJECTED = {"rejectedPlans", "allPlansExecution"}  # the plans that MongoDB rejected
LISTS: list[dict[str, Any]] = [
    {},
    {"since": SINCE},
    {"until": UNTIL},
    {"since": SINCE, "until": UNTIL},
    {"face_found": True},
    {"since": SINCE, "until": UNTIL, "face_found": False},
    {"cursor": Cursor(1_795_424_405_000, 1)},
]


class Commands(CommandListener):
    """Records the commands about frames that are sent to the server."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command.get(event.command_name) == TABLE:
            self.sent.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


@pytest.fixture
def commands(db: None, mongod_server: Mongod, mongodb: Any) -> Iterator[Commands]:
    """The archive on MongoDB, with every command to it recorded."""
    listener = Commands()
    settings = connections.databases[ARCHIVE_ALIAS]
    connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]
    del connections[ARCHIVE_ALIAS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings, "OPTIONS", settings["OPTIONS"] | {"event_listeners": [listener]})
        assert connections[ARCHIVE_ALIAS].database is not None  # type: ignore[attr-defined]  # connected
        yield listener
        with suppress(AttributeError):
            connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]
            del connections[ARCHIVE_ALIAS]


def store(user_id: int = MINA, number: int = 0) -> UUID:
    return archived(
        user_id=user_id,
        frame=ReceivedFrame(IMAGE, "image/jpeg", 64, 48),
        face_found=number % 2 == 0,
        captured_at=START + timedelta(seconds=number),
    )


def user_ids_in(condition: Any) -> list[Any]:
    """The user ids that a filter requires; `$or` is ignored, since every alternative would have to name one."""
    if isinstance(condition, list):
        return [user_id for part in condition for user_id in user_ids_in(part)]
    if not isinstance(condition, dict):
        return []
    own = [condition["user_id"]] if "user_id" in condition else []
    return own + user_ids_in(condition.get("$and", []))


def user_ids_of(command: dict[str, Any]) -> list[Any]:
    if "insert" in command:
        return [document["user_id"] for document in command["documents"]]
    if "aggregate" in command:
        assert next(iter(command["pipeline"][0])) == "$match", "the user is named first"
        return user_ids_in(command["pipeline"][0]["$match"])
    if "delete" in command:
        return [user_id for delete in command["deletes"] for user_id in user_ids_in(delete["q"])]
    assert "find" in command, command
    return user_ids_in(command["filter"])


def store_twice() -> object:
    key = store()
    frame = ReceivedFrame(IMAGE, "image/jpeg", 64, 48)
    return archived(user_id=MINA, frame=frame, face_found=True, frame_id=key)


@pytest.mark.parametrize(
    ("use", "kinds"),
    [
        (store, {"insert"}),
        (store_twice, {"insert", "aggregate"}),
        *((lambda filters=filters: page(user_id=MINA, page_size=5, **filters), {"find"}) for filters in LISTS),
        (lambda: archive.read(user_id=MINA, frame_id=UUID(int=1)), {"aggregate"}),
        (lambda: archive.count(user_id=MINA), {"aggregate"}),
        (lambda: archive.count(user_id=MINA, until=UNTIL), {"aggregate"}),
        (lambda: archive.delete_one(user_id=MINA, frame_id=store()), {"insert", "aggregate", "delete"}),
        (lambda: (store(), archive.delete_all(user_id=MINA)), {"insert", "find", "delete"}),
        (lambda: (store(), archive.delete_all(user_id=MINA, since=SINCE, until=UNTIL)), {"insert", "find"}),
    ],
)
def test_every_query_names_its_user(commands: Commands, use: Callable[[], object], kinds: set[str]) -> None:
    use()
    assert {next(iter(command)) for command in commands.sent} == kinds
    for command in commands.sent:
        assert set(user_ids_of(command)) == {MINA}, command


def stages_of(plan: Any) -> Iterator[dict[str, Any]]:
    """Every stage in an explain result, at any depth."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan
        for name, part in plan.items():
            if name not in REJECTED:
                yield from stages_of(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages_of(part)


def counters(plan: Any, what: str) -> list[int]:
    if isinstance(plan, dict):
        own = [plan[what]] if what in plan else []
        return own + [count for name, part in plan.items() if name not in REJECTED for count in counters(part, what)]
    return [count for part in plan for count in counters(part, what)] if isinstance(plan, list) else []


@pytest.mark.parametrize("filters", LISTS)
def test_mongodb_answers_a_list_from_the_index(commands: Commands, filters: dict[str, Any]) -> None:
    for number in range(40):
        store(MINA, number)
        store(2, number)
    commands.sent.clear()
    frames, _ = page(user_id=MINA, page_size=3, **filters)
    assert frames
    [listing] = commands.sent
    command = {
        name: listing[name] for name in ("find", "filter", "projection", "sort", "skip", "limit") if name in listing
    }
    database = connections[ARCHIVE_ALIAS].database  # type: ignore[attr-defined]
    plan = database.command("explain", command, verbosity="executionStats")
    stages = {stage["stage"] for stage in stages_of(plan)}
    assert "PROJECTION_COVERED" in stages
    assert stages.isdisjoint({"FETCH", "COLLSCAN", "SORT"})
    assert set(counters(plan, "totalDocsExamined")) == {0}
    assert max(counters(plan, "totalKeysExamined")) <= 10, "no more keys than the page and the end of the range"


@pytest.mark.django_db
@pytest.mark.parametrize("filters", LISTS)
def test_sqlite_answers_a_list_from_the_index(filters: dict[str, Any]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the default database is not SQLite")
    for number in range(10):
        store(MINA, number)
    with CaptureQueriesContext(connection) as captured:
        assert page(user_id=MINA, page_size=3, **filters)[0]
    [query] = captured.captured_queries
    assert "image" not in query["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = " / ".join(row[3] for row in cursor.fetchall())
    assert "USING COVERING INDEX frame_list" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("filters", LISTS)
def test_list_does_not_request_pictures(commands: Commands, filters: dict[str, Any]) -> None:
    page(user_id=MINA, page_size=3, **filters)
    [listing] = commands.sent
    assert listing["projection"]
    assert "image" not in listing["projection"]
