import pytest

from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk


@pytest.fixture
def desk(owner: ApiClient) -> Desk:
    """Where the owner is about to sit down."""
    return Desk(owner)
