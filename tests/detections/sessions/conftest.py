import pytest

from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk


@pytest.fixture
def desk(owner: ApiClient) -> Desk:
    """The owner's desk, before a session is started."""
    return Desk(owner)
