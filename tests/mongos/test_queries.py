"""What the archive asks the databases: always of one user, and for a list never for a picture."""

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
from tests.mongod import Mongod

MINA = 1
TABLE = Frame._meta.db_table
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SINCE, UNTIL = START + timedelta(seconds=2), START + timedelta(seconds=7)
IMAGE = b"the picture itself"
PARTS_OF_A_FIND = ("find", "filter", "projection", "sort", "skip", "limit")
NOT_TAKEN = {"rejectedPlans", "allPlansExecution"}  # what MongoDB thought of doing instead
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
    """What reached the server about frames."""

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
    """The archive on MongoDB, every command to it noted."""
    heard = Commands()
    settings = connections.databases[ARCHIVE_ALIAS]
    connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]
    del connections[ARCHIVE_ALIAS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings, "OPTIONS", settings["OPTIONS"] | {"event_listeners": [heard]})
        assert connections[ARCHIVE_ALIAS].database is not None  # type: ignore[attr-defined]  # connected
        yield heard
        with suppress(AttributeError):
            connections[ARCHIVE_ALIAS].close_pool()  # type: ignore[attr-defined]
            del connections[ARCHIVE_ALIAS]


def store(user_id: int = MINA, number: int = 0) -> UUID:
    return archive.store(
        user_id=user_id,
        frame=ReceivedFrame(IMAGE, "image/jpeg", 64, 48),
        face_found=number % 2 == 0,
        captured_at=START + timedelta(seconds=number),
    )


def user_ids_in(condition: Any) -> list[Any]:
    """Whom a filter is about; of alternatives each would have to say it, so none is looked into."""
    if isinstance(condition, list):
        return [user_id for each in condition for user_id in user_ids_in(each)]
    if not isinstance(condition, dict):
        return []
    own = [condition["user_id"]] if "user_id" in condition else []
    return own + user_ids_in(condition.get("$and", []))


def user_ids_of(command: dict[str, Any]) -> list[Any]:
    if "insert" in command:
        return [document["user_id"] for document in command["documents"]]
    if "aggregate" in command:
        assert next(iter(command["pipeline"][0])) == "$match", "the user is named first of all"
        return user_ids_in(command["pipeline"][0]["$match"])
    if "delete" in command:
        return [user_id for each in command["deletes"] for user_id in user_ids_in(each["q"])]
    assert "find" in command, command
    return user_ids_in(command["filter"])


def repeated() -> object:
    key = store()
    frame = ReceivedFrame(IMAGE, "image/jpeg", 64, 48)
    return archive.store(user_id=MINA, frame=frame, face_found=True, frame_id=key)


@pytest.mark.parametrize(
    ("use", "kinds"),
    [
        (store, {"insert"}),
        (repeated, {"insert", "aggregate"}),
        *((lambda asked=asked: page(user_id=MINA, page_size=5, **asked), {"find"}) for asked in LISTS),
        (lambda: archive.read(user_id=MINA, frame_id=UUID(int=1)), {"aggregate"}),
        (lambda: archive.count(user_id=MINA), {"aggregate"}),
        (lambda: archive.count(user_id=MINA, until=UNTIL), {"aggregate"}),
        (lambda: archive.delete_one(user_id=MINA, frame_id=store()), {"insert", "delete"}),
        (lambda: (store(), archive.delete_all(user_id=MINA)), {"insert", "find", "delete"}),
        (lambda: (store(), archive.delete_all(user_id=MINA, since=SINCE, until=UNTIL)), {"insert", "find"}),
    ],
)
def test_every_query_for_a_user_names_the_user(commands: Commands, use: Callable[[], object], kinds: set[str]) -> None:
    use()
    assert {next(iter(command)) for command in commands.sent} == kinds
    for command in commands.sent:
        assert set(user_ids_of(command)) == {MINA}, command


def test_counting_for_several_users_names_them(commands: Commands) -> None:
    archive.count_by_user([MINA, 2])
    [command] = commands.sent
    [condition] = user_ids_of(command)
    assert set(condition["$in"]) == {MINA, 2}


def stages_of(plan: Any) -> Iterator[dict[str, Any]]:
    """Every part of an explanation that is a stage, however deep."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan
        for name, part in plan.items():
            if name not in NOT_TAKEN:
                yield from stages_of(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages_of(part)


def examined(plan: Any, what: str) -> list[int]:
    if isinstance(plan, dict):
        own = [plan[what]] if what in plan else []
        return own + [count for name, part in plan.items() if name not in NOT_TAKEN for count in examined(part, what)]
    return [count for part in plan for count in examined(part, what)] if isinstance(plan, list) else []


@pytest.mark.parametrize("asked", LISTS)
def test_mongodb_answers_a_list_from_the_index_alone(commands: Commands, asked: dict[str, Any]) -> None:
    for number in range(40):
        store(MINA, number)
        store(2, number)
    commands.sent.clear()
    frames, _ = page(user_id=MINA, page_size=3, **asked)
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
    assert set(examined(plan, "totalDocsExamined")) == {0}
    assert max(examined(plan, "totalKeysExamined")) <= 10, "not one more of the index than it tells, and where it ends"


@pytest.mark.django_db
@pytest.mark.parametrize("asked", LISTS)
def test_sqlite_answers_a_list_from_the_index_alone(asked: dict[str, Any]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the default database is not SQLite")
    for number in range(10):
        store(MINA, number)
    with CaptureQueriesContext(connection) as captured:
        assert page(user_id=MINA, page_size=3, **asked)[0]
    [query] = captured.captured_queries
    assert "image" not in query["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = " / ".join(row[3] for row in cursor.fetchall())
    assert "USING COVERING INDEX frame_list" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("asked", LISTS)
def test_a_list_asks_mongodb_for_no_picture(commands: Commands, asked: dict[str, Any]) -> None:
    page(user_id=MINA, page_size=3, **asked)
    [listing] = commands.sent
    assert listing["projection"]
    assert "image" not in listing["projection"]
