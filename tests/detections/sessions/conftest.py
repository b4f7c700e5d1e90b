import pytest

from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk


@pytest.fixture
def desk(owner: ApiClient) -> Desk:
    """The owner's desk, before a session is started."""
    return Desk(owner)


class Time:
    """The service's clock, which follows the test's."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def time(self) -> float:
        return self.desk.now.timestamp()


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose service has the same clock."""
    monkeypatch.setattr("detections.sessions.store.time", Time(desk))
    monkeypatch.setattr("detections.sessions.store.timezone.now", lambda: desk.now)
    return desk
