import pytest

from tests.ai_models.replay import Desk, without_blinks


@pytest.fixture
def desk() -> Desk:
    """Somebody in front of the camera, calibrated, with the alarms off that come of themselves."""
    return Desk(without_blinks())
