import pytest

from ai_models.analysis import AnalysisPlan
from detections.vision import engine
from tests import pictures


@pytest.fixture(autouse=True, scope="session")
def _loaded_vision() -> None:
    """As in the service's workers: what is loaded with the first picture would count as work on that frame or burst."""
    image = pictures.at_desk()
    face = engine().find(image, AnalysisPlan())
    assert face is not None
    engine().describe(image, face, is_exact=False)
