import pytest

from tests.ai_models.replay import Desk, without_timed_alarms


@pytest.fixture
def desk() -> Desk:
    """A calibrated session without the alarms that time alone would raise."""
    return Desk(without_timed_alarms())
