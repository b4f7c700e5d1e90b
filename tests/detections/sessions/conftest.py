import pytest

from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, Time


@pytest.fixture
def desk(owner: ApiClient) -> Desk:
    """The owner's desk, before a session is started."""
    return Desk(owner)


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose service has the same clock."""
    monkeypatch.setattr("detections.sessions.store.time", Time(desk))
    monkeypatch.setattr("detections.sessions.store.timezone.now", lambda: desk.now)
    return desk
