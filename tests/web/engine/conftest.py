"""The desk's fixtures: a camera, a browser that uses it, and a running session."""

from tests.web.desk.conftest import at_desk, camera, profile, returning, with_camera

__all__ = ["at_desk", "camera", "profile", "returning", "with_camera"]
