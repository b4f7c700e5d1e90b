"""A real MongoDB replica set of three for tests, all on this machine."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pymongo.errors import PyMongoError

from tests.mongod import Mongod
from tests.server_process import DEADLINE_S

NAME = "tests"
MEMBERS = 3
OPLOG_MB = 64
ELECTION_TIMEOUT_MS = 2000  # the default of 10 s would only make tests longer
POLL_INTERVAL_S = 0.1


class ReplicaSet:
    """Members that can be killed, stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.members = []
        for number in range(MEMBERS):
            of_member = folder / f"member{number}"
            of_member.mkdir()
            self.members.append(Mongod(of_member, "--replSet", NAME, "--oplogSize", str(OPLOG_MB)))

    @property
    def uri(self) -> str:
        return f"mongodb://{','.join(map(_address, self.members))}/?replicaSet={NAME}"

    def initiate(self) -> None:
        """Start all members for the first time, and wait until one of them is the primary."""
        for member in self.members:
            member.start()
        members = [{"_id": number, "host": _address(member)} for number, member in enumerate(self.members)]
        settings = {"electionTimeoutMillis": ELECTION_TIMEOUT_MS}
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", {"_id": NAME, "members": members, "settings": settings})
        self.primary()

    def primary(self, *, other_than: Mongod | None = None) -> Mongod:
        """The primary, as soon as there is one: by a member's own word, which is late after it hung."""
        candidates = [member for member in self.members if member is not other_than]
        found: list[Mongod] = []

        def is_there() -> bool:
            found[:] = [member for member in candidates if member.is_running and _state(member) == "PRIMARY"]
            return bool(found)

        _await(is_there, "no member becomes the primary")
        return found[0]

    def secondaries(self) -> list[Mongod]:
        primary = self.primary()
        return [member for member in self.members if member is not primary]

    def await_all(self) -> None:
        """Wait until there is a primary, and the others follow it."""

        def are_there() -> bool:
            return sorted(map(_state, self.members)) == ["PRIMARY", *["SECONDARY"] * (MEMBERS - 1)]

        _await(are_there, "not all members are there again")

    def kill(self) -> None:
        for member in self.members:
            member.kill()


@contextmanager
def running(folder: Path) -> Iterator[ReplicaSet]:
    replica_set = ReplicaSet(folder)
    try:
        replica_set.initiate()
        yield replica_set
    finally:
        replica_set.kill()


def _address(member: Mongod) -> str:
    return f"127.0.0.1:{member.port}"


def _state(member: Mongod) -> str:
    """PRIMARY, SECONDARY or another state, as the member sees itself; "" if it does not respond."""
    try:
        with member.client() as client:
            members = client.admin.command("replSetGetStatus")["members"]
    except PyMongoError:
        return ""
    return next((str(each["stateStr"]) for each in members if each.get("self")), "")


def _await(condition: Callable[[], bool], message: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(POLL_INTERVAL_S)
