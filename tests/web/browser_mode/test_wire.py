"""The check that no picture is sent finds pictures: otherwise it would say nothing."""

import base64

import cv2
import pytest

from tests.pictures import astronaut
from tests.web.browser_mode.wire import pictures_in


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("before", range(4))
def test_pictures_are_found(kind: str, before: int) -> None:
    picture = cv2.imencode(kind, astronaut())[1].tobytes()
    assert pictures_in(bytes(before) + picture)
    hidden = base64.b64encode(b"x" * before + picture)
    assert pictures_in(b'{"points": "' + hidden + b'"}')
    assert pictures_in(base64.urlsafe_b64encode(b"x" * before + picture))


def test_numbers_are_no_pictures() -> None:
    assert pictures_in(b'{"points": [[247.41, 177.38], [247.32, 192.67]]}' * 1000) == []
